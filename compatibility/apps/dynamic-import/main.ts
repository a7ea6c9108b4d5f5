import { readdir } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";

// A literal, a template over a folder, and names that only show at run time.
const { default: literal } = await import("./plugins/first.ts");
console.log(literal);
for (const name of ["first", "second"]) {
  const { default: plugin } = await import(`./plugins/${name}.ts`);
  console.log(plugin);
}
const folder = path.join(import.meta.dirname, "plugins");
for (const file of (await readdir(folder)).sort()) {
  const { default: plugin } = await import(pathToFileURL(path.join(folder, file)).href);
  console.log(file, plugin);
}
await import("./plugins/absent.ts").catch((error) => console.log(error.code));
console.log((await import("./plugins/first.ts")) === (await import("./plugins/first.ts")));
