export default async (app: any) => {
  app.get("/", (_r: any, reply: any) => reply.view("index.ejs", { name: "N" }));
};
