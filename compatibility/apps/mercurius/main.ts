import Fastify from "fastify";
import mercurius from "mercurius";

const app = Fastify();
app.register(mercurius as any, {
  schema: "type Query { add(x: Int, y: Int): Int }",
  resolvers: { Query: { add: async (_: any, { x, y }: any) => x + y } },
  jit: 1,
  graphiql: true,
});
app.get("/", async (_req: any, reply: any) => reply.graphql("{ add(x: 2, y: 2) }"));
console.log((await app.inject("/")).body);
console.log((await app.inject("/")).body);
console.log((await app.inject("/graphiql")).statusCode);
await app.close();
