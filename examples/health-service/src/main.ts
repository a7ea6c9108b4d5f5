import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answer } from "./answer.ts";

const port = Number(process.env["PORT"] || 8080);
const host = process.env["HOST"];

if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error(`PORT must be a number from 0 to 65535, not "${process.env["PORT"]}"`);
  process.exit(2);
}

const server = createServer(answer);

server.on("error", (error) => {
  console.error(`The service failed: ${error.message}`);
  process.exit(1);
});

server.listen({ port, host }, () => {
  // With PORT=0 the system has chosen a free one.
  const { port: actual } = server.address() as AddressInfo;
  console.log(`Listening on port ${actual}`);
});

/** Takes no new connection, finishes what it has begun, and lets the process end by itself. */
function stop(): void {
  server.close();
  // Connections that are kept alive without a request would hold the process up.
  server.closeIdleConnections();
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);
