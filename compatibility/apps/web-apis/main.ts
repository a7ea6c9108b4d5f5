import { once } from "node:events";
import { createServer } from "node:http2";

const key = await crypto.subtle.importKey(
  "raw",
  new Uint8Array(32),
  { name: "HMAC", hash: "SHA-256" },
  false,
  ["sign"],
);
console.log(
  Buffer.from(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode("a")))
    .toString("hex")
    .slice(0, 16),
);
const zipped = new Blob(["hello ".repeat(100)])
  .stream()
  .pipeThrough(new CompressionStream("gzip"))
  .pipeThrough(new DecompressionStream("gzip"));
console.log((await new Response(zipped).text()).length, structuredClone(new Map([[1, { a: 2n }]])).get(1)?.a);
const form = new FormData();
form.set("file", new File(["x"], "x.txt"));
console.log(
  ((await (await new Response(form).formData()).get("file")) as File).name,
  new URLPattern({ pathname: "/a/:id" }).exec("http://h/a/7")?.pathname.groups.id,
);
const server = createServer((_request, response) => response.end("over http2")).listen(0, "127.0.0.1");
await once(server, "listening");
const { connect } = await import("node:http2");
const session = connect(`http://127.0.0.1:${server.address().port}`);
const stream = session.request({ ":path": "/" });
let text = "";
for await (const chunk of stream) text += chunk;
console.log(text, new Intl.Locale("en").language, AbortSignal.abort("r").reason);
session.close();
server.close();
