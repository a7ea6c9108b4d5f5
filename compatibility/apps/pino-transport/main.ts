import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import Fastify from "fastify";
import pino from "pino";

const folder = await mkdtemp(path.join(os.tmpdir(), "pino-"));
const file = path.join(folder, "app.log");
const transport = pino.transport({
  targets: [
    { target: "pino/file", options: { destination: file }, level: "info" },
    {
      target: new URL("./upper-case.mjs", import.meta.url).href,
      options: { destination: `${file}.upper` },
      level: "warn",
    },
  ],
});
const logger = pino({ base: null, timestamp: false }, transport);
const app = Fastify({ loggerInstance: logger });
app.get("/", async (request) => {
  request.log.info({ route: "/" }, "asked");
  request.log.warn("careful");
  return "ok";
});
console.log((await app.inject("/")).body);
await app.close();
// The worker alone keeps no process alive.
const alive = setInterval(() => {}, 1000);
const closed = once(transport, "close");
transport.end();
await closed;
clearInterval(alive);
for (const line of (await readFile(file, "utf8")).trim().split("\n")) {
  const { msg, level } = JSON.parse(line);
  console.log(level, msg);
}
console.log((await readFile(`${file}.upper`, "utf8")).trim());
await rm(folder, { recursive: true });
