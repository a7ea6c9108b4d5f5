import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { build } from "vite";

const folder = await mkdtemp(path.join(os.tmpdir(), "vite-"));
await cp(path.join(import.meta.dirname, "site"), folder, { recursive: true });
await build({
  root: folder,
  logLevel: "silent",
  configFile: false,
  build: { rollupOptions: { output: { entryFileNames: "app.js", assetFileNames: "app[extname]" } } },
});
const out = path.join(folder, "dist");
console.log((await readdir(out)).sort().join());
console.log(/src="\/app\.js"/.test(await readFile(path.join(out, "index.html"), "utf8")));
console.log((await readFile(path.join(out, "app.css"), "utf8")).trim());
await rm(folder, { recursive: true });
