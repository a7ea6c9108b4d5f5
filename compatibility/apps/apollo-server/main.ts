import { readFileSync } from "node:fs";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const typeDefs = readFileSync(new URL("./schema.graphql", import.meta.url), "utf8");
const server = new ApolloServer({ typeDefs, resolvers: { Query: { hello: () => "world" } } });
const { url } = await startStandaloneServer(server, { listen: { port: 0 } });
const r = await fetch(url, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ query: "{hello}" }),
});
console.log(await r.text());
await server.stop();
