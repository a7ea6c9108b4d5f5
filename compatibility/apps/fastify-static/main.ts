import path from "node:path";
import fastifyStatic from "@fastify/static";
import Fastify from "fastify";

const app = Fastify();
await app.register(fastifyStatic, { root: path.join(import.meta.dirname, "public"), prefix: "/" });
app.get("/page", (_request, reply) => reply.sendFile("page.html"));
const address = await app.listen({ host: "127.0.0.1", port: 0 });
for (const path of ["/data.json", "/page", "/nothing"]) {
  const answer = await fetch(address + path);
  const text = await answer.text();
  console.log(path, answer.status, answer.headers.get("content-type"), answer.ok ? text.trim() : "-");
}
await app.close();
