import { once } from "node:events";
import { WebSocket, WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true });
await once(server, "listening");
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) =>
    socket.send(isBinary ? data : `echo ${data}`, { binary: isBinary }),
  );
});
const client = new WebSocket(`ws://127.0.0.1:${server.address().port}/`);
await once(client, "open");
client.send("hello");
console.log(String((await once(client, "message"))[0]));
client.send(Buffer.alloc(70_000, 7));
const [big, isBinary] = await once(client, "message");
console.log(big.length, isBinary, client.extensions.split(";")[0]);
client.close(1000, "done");
const [code, reason] = await once(client, "close");
console.log(code, String(reason));
server.close();
