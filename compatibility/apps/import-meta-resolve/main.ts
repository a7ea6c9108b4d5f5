import { readFileSync } from "node:fs";
import { createRequire, findPackageJSON } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const end = (url: string) => url.split(/[\\/]/).slice(-2).join("/");
console.log(path.posix.basename(import.meta.resolve("./other.ts")), import.meta.resolve("node:fs"));
console.log(end(import.meta.resolve("zod")), end(createRequire(import.meta.url).resolve("zod")));
console.log(readFileSync(fileURLToPath(import.meta.resolve("./other.ts")), "utf8").trim());
console.log(JSON.parse(readFileSync(findPackageJSON("zod", import.meta.url) as string, "utf8")).name);
console.log(
  path.basename(import.meta.filename),
  path.basename(import.meta.dirname) === path.basename(path.dirname(import.meta.filename)),
);
try {
  import.meta.resolve("not-installed");
} catch (error) {
  console.log(error.code);
}
