import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { io } from "socket.io-client";

const http = createServer().listen(0, "127.0.0.1");
await once(http, "listening");
const origin = `http://127.0.0.1:${http.address().port}`;
const server = new Server(http);
server.on("connection", (socket) => {
  socket.on("add", (a, b, reply) => reply(a + b));
  socket.join("room");
  server.to("room").emit("joined", { bytes: Buffer.from([1, 2, 3]) });
});

const client = io(origin);
const joined = await new Promise((resolve) => client.on("joined", resolve));
console.log(
  joined.bytes.length,
  await client.emitWithAck("add", 2, 3),
  client.io.engine.transport.name.length > 0,
);
// The browser's client is a file of the package, sent compressed or not.
const script = await fetch(`${origin}/socket.io/socket.io.js`);
console.log(script.status, script.headers.get("content-type"), (await script.text()).startsWith("/*!"));
client.close();
await server.close();
