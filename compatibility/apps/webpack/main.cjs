const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const webpack = require("webpack");

const folder = mkdtempSync(path.join(os.tmpdir(), "webpack-"));
writeFileSync(
  path.join(folder, "index.js"),
  'import { a } from "./a.js"; import data from "./data.json"; globalThis.answer = a + data.b;',
);
writeFileSync(path.join(folder, "a.js"), "export const a = 40; export const c = 'unused';");
writeFileSync(path.join(folder, "data.json"), '{ "b": 2 }');
const compiler = webpack({
  mode: "production",
  context: folder,
  entry: "./index.js",
  output: { path: path.join(folder, "out"), filename: "main.js" },
});
compiler.run((error, stats) => {
  if (error) throw error;
  for (const { message } of stats.toJson().errors) console.log(message);
  new Function(readFileSync(path.join(folder, "out/main.js"), "utf8"))();
  console.log(stats.hasErrors(), globalThis.answer, Object.keys(stats.compilation.assets).join());
  compiler.close(() => rmSync(folder, { recursive: true }));
});
