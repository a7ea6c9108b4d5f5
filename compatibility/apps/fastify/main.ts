import Fastify from "fastify";

const app = Fastify();
app.decorate("greeting", "hello");
await app.register(
  async (scope) => {
    scope.post("/sum", {
      schema: {
        body: {
          type: "object",
          required: ["numbers"],
          properties: { numbers: { type: "array", items: { type: "number" } } },
        },
        response: { 200: { type: "object", properties: { sum: { type: "number" } } } },
      },
      handler: async (request) => ({ sum: request.body.numbers.reduce((a, b) => a + b, 0), hidden: true }),
    });
    scope.get("/", async () => ({ greeting: app.greeting }));
  },
  { prefix: "/api" },
);

const address = await app.listen({ host: "127.0.0.1", port: 0 });
console.log(await (await fetch(`${address}/api`)).text());
const post = (body: unknown) =>
  fetch(`${address}/api/sum`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
console.log(await (await post({ numbers: [1, 2, 3.5] })).text());
const refused = await post({ numbers: ["x"] });
console.log(refused.status, (await refused.json()).message);
await app.close();
