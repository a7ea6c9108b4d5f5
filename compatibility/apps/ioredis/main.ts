import { once } from "node:events";
import { createServer } from "node:net";
import { Redis } from "ioredis";

const store = new Map<string, string>();
const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.on("data", (data) => {
    const words = String(data).split("\r\n");
    let at = 0;
    while (words[at]?.startsWith("*")) {
      const count = Number(words[at].slice(1));
      const [name, key, ...rest] = Array.from(
        { length: count },
        (_value, index) => words[at + 2 + index * 2],
      );
      at += 1 + count * 2;
      if (name === "set") store.set(key, rest[0]);
      if (name === "info") socket.write("$15\r\nredis_version:8\r\n");
      else if (name === "get")
        socket.write(store.has(key) ? `$${store.get(key).length}\r\n${store.get(key)}\r\n` : "$-1\r\n");
      else if (name === "evalsha") socket.write("-NOSCRIPT No matching script\r\n");
      else if (name === "eval") socket.write(":3\r\n");
      else socket.write("+OK\r\n");
    }
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const redis = new Redis({ host: "127.0.0.1", port: server.address().port });
redis.defineCommand("add", { numberOfKeys: 0, lua: "return 1 + 2" });
console.log(await redis.set("a", "1"), await redis.get("a"), await redis.get("b"), await redis.add());
console.log((await redis.pipeline().set("c", "x").get("c").exec()).map(([, result]) => result).join());
redis.disconnect();
server.close();
const refused = new Redis({ host: "127.0.0.1", port: 1, lazyConnect: true, retryStrategy: null });
refused.on("error", () => {});
await refused.connect().catch((error) => console.log(error.message));
