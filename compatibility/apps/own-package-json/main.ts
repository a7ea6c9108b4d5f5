import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import own from "./package.json" with { type: "json" };

const require = createRequire(import.meta.url);
const read = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8"));
console.log(own.version, read.version, require("./package.json").name);
console.log(
  typeof require("express/package.json").version,
  JSON.parse(readFileSync(require.resolve("zod/package.json"), "utf8")).name,
);
