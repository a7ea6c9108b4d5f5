import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";

const tables: Record<string, Record<string, unknown>[]> = {
  user: [],
  session: [],
  account: [],
  verification: [],
};
const auth = betterAuth({
  secret: "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ",
  baseURL: "http://127.0.0.1:3000",
  database: memoryAdapter(tables),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
});
const server = createServer(toNodeHandler(auth)).listen(0, "127.0.0.1", async () => {
  const { port } = server.address() as AddressInfo;
  const post = (path: string, body: object) =>
    fetch(`http://127.0.0.1:${port}/api/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: "http://127.0.0.1:3000" },
      body: JSON.stringify(body),
    });
  const credentials = { email: "ada@example.org", password: "analytical engine" };
  const created = await post("sign-up/email", { ...credentials, name: "Ada" });
  console.log(created.status, ((await created.json()) as { user: { name: string } }).user.name);
  console.log((await post("sign-in/email", { ...credentials, password: "difference engine" })).status);
  const entered = await post("sign-in/email", credentials);
  console.log(entered.status, entered.headers.get("set-cookie")?.includes("session_token"));
  console.log(tables["user"]?.length, tables["session"]?.length);
  server.close();
  server.closeAllConnections();
});
