const bufferUtil = require("bufferutil");
const { WebSocket, WebSocketServer } = require("ws");

const data = Buffer.from("abcdefgh");
bufferUtil.mask(data, Buffer.from([1, 2, 3, 4]), data, 0, data.length);
console.log("masked", data.toString("hex"));
bufferUtil.unmask(data, Buffer.from([1, 2, 3, 4]));
console.log("unmasked", data.toString());
// The fallback is JavaScript, and would show its source.
console.log("native", /\[native code\]/.test(Function.prototype.toString.call(bufferUtil.mask)));

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () => {
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`);
  client.on("open", () => client.send("x".repeat(100_000)));
  client.on("message", (text) => {
    console.log(text.length);
    client.close();
    server.close();
  });
});
server.on("connection", (socket) => socket.on("message", (text) => socket.send(text, { binary: false })));
