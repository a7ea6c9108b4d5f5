import { readFileSync } from "node:fs";
import { ownFolder } from "@sbp/manifest";
import type { PackFile } from "./pack.ts";
import { commonJsScript } from "./script.ts";

/** The parts of the bootstrap (bootstrap/parts), by what an app needs them for. */
export const bootstrapParts = {
  always: ["children", "node-mode"],
  sourceMap: ["source-map"],
  files: [
    "file-system",
    "file-system-calls",
    "file-stats",
    "mount-point",
    "modules",
    "extraction",
    "working-folder",
  ],
  plugins: ["plugins"],
  addons: ["addons"],
  inspect: ["inspect"],
  workers: ["bootstrap", "workers"],
} as const;

/** Parts of the bootstrap as files of a pack. */
export function partFiles(names: readonly string[]): PackFile[] {
  return names.map((name) => {
    const text = readFileSync(
      new URL(`./bootstrap/${name === "bootstrap" ? "" : "parts/"}${name}.cjs`, import.meta.url),
      "utf8",
    );
    return { path: `${ownFolder}${name}.cjs`, content: commonJsScript(text) };
  });
}
