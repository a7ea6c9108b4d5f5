import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";

const server = new McpServer({ name: "adder", version: "1.0.0" });
server.registerTool("add", { inputSchema: { a: z.number(), b: z.number() } }, async ({ a, b }) => ({
  content: [{ type: "text", text: String(a + b) }],
}));
const client = new Client({ name: "asker", version: "1.0.0" });
const [here, there] = InMemoryTransport.createLinkedPair();
await Promise.all([server.connect(here), client.connect(there)]);
console.log((await client.listTools()).tools.map(({ name }) => name));
console.log((await client.callTool({ name: "add", arguments: { a: 1, b: 2 } })).content);
console.log((await client.callTool({ name: "add", arguments: { a: "x" } })).isError);
await client.close();
