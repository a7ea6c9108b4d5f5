import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: readFileSync(new URL("./schema.graphql", import.meta.url), "utf8"),
    resolvers: {
      Query: { book: (_parent, { id }) => ({ id, title: "Emma" }) },
      Subscription: {
        count: {
          async *subscribe(_parent, { to }) {
            for (let count = 1; count <= to; count++) yield { count };
          },
        },
      },
    },
  }),
});
const server = createServer(yoga).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}/graphql`;
const ask = (query: string, accept = "application/json") =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept },
    body: JSON.stringify({ query }),
  });
console.log(await (await ask('{ book(id: "7") { id title } }')).text());
console.log(await (await ask("{ nothing }")).text());
const events = await (await ask("subscription { count(to: 2) }", "text/event-stream")).text();
console.log(
  events
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .join("|"),
);
server.close();
server.closeAllConnections();
