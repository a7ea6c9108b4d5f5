import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const require = createRequire(import.meta.url);
const tsc = path.join(path.dirname(require.resolve("typescript-native/package.json")), "bin/tsc");
const folder = await mkdtemp(path.join(os.tmpdir(), "typescript-native-"));
await writeFile(path.join(folder, "a.ts"), "export const a: number = 1;\nexport const b: string = a;\n");
const words = [tsc, "--target", "es2022", "--module", "esnext", "--types", "", "--pretty", "false", "a.ts"];
const { code, stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder }).catch(
  (error) => error,
);
console.log(code, stdout.trim());
console.log((await readFile(path.join(folder, "a.js"), "utf8")).trim());
await rm(folder, { recursive: true });
