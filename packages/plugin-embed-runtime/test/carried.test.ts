import { beforeAll, describe, expect, test } from "vitest";
import { appBuilder, run } from "./app.ts";

const main = `
import { readFileSync } from "node:fs";
import plain, { x } from "plain";
import * as esm from "esm";
import data from "../data.json" with { type: "json" };
console.log(JSON.stringify({
  plain, x, esm: esm.name, data, url: import.meta.url, argv: process.argv[1], execArgv: process.execArgv,
  read: readFileSync(new URL("../views/a.txt", import.meta.url), "utf8"),
  resolved: [import.meta.resolve("plain"), import.meta.resolve("./x.js"), import.meta.resolve("fs")],
  lazy: (await import("./lazy.mjs")).default,
}));
`;
const files = {
  "package.json": "{}",
  "data.json": '{"a":1}',
  "views/a.txt": "größe",
  "src/lazy.mjs": "export default import.meta.url",
  "node_modules/plain/package.json": '{"main":"lib"}',
  "node_modules/plain/lib/index.js":
    "exports.x = 1; exports.file = __filename; exports.sub = require('./sub'); // ü",
  "node_modules/plain/lib/sub.js":
    "exports.main = require.main === undefined; exports.parent = module.parent.filename",
  "node_modules/esm/package.json": '{"type":"module","exports":"./i.js"}',
  "node_modules/esm/i.js": "export const name = 'esm ' + (await 1)",
};
let app: string;
beforeAll(async () => {
  const builder = await appBuilder("26.10.0");
  app = (await builder.build("main.mjs", main, { files, meta: { place: "src/main.mjs" } })).path;
});

describe("files", () => {
  test("run", async () => {
    const r = await run(app);
    console.log(r.stdout, r.stderr, r.code);
    console.log(app);
    expect(r.code).toBe(0);
  });
});
