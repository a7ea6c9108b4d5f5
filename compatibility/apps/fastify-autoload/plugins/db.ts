import fp from "fastify-plugin";
export default fp(async (app: any) => {
  app.decorate("db", { users: ["a"] });
});
