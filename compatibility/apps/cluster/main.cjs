const cluster = require("node:cluster");
const http = require("node:http");

if (cluster.isPrimary) {
  const seen = new Set();
  let listening = 0;
  cluster.fork();
  cluster.fork();
  cluster.on("listening", async (_worker, { port }) => {
    if (++listening < 2) return;
    for (let count = 0; count < 4; count++)
      seen.add(await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } })).text());
    console.log([...seen].sort().join());
    cluster.disconnect(() => console.log("disconnected", Object.keys(cluster.workers).length));
  });
} else {
  http
    .createServer((_request, response) => response.end(`worker ${cluster.worker.id}`))
    .listen(0, "127.0.0.1");
}
