import { once } from "node:events";
import { fileURLToPath } from "node:url";
import express from "express";

const app = express();
app.use("/assets", express.static(fileURLToPath(new URL("./public", import.meta.url)), { maxAge: "1h" }));
app.get("/download", (_request, response) => {
  response.sendFile(fileURLToPath(new URL("./public/style.css", import.meta.url)));
});

const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://127.0.0.1:${server.address().port}`;

for (const path of [
  "/assets/",
  "/assets/style.css",
  "/assets/images/dot.svg",
  "/assets/none.txt",
  "/download",
]) {
  const answer = await fetch(origin + path);
  const body = await answer.text();
  console.log(path, answer.status, answer.headers.get("content-type"), answer.ok ? body.length : "-");
}
const part = await fetch(`${origin}/assets/style.css`, { headers: { range: "bytes=0-3" } });
console.log(part.status, part.headers.get("content-range"), await part.text());
const head = await fetch(`${origin}/assets/style.css`, { method: "HEAD" });
console.log(head.headers.has("etag"), head.headers.get("cache-control"), head.headers.get("content-length"));
const up = await fetch(`${origin}/assets/..%2fmain.ts`);
console.log(up.status);
server.close();
