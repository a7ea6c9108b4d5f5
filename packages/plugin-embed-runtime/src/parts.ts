import { readFile } from "node:fs/promises";
import { ownFolder, type PackFile } from "./pack.ts";
import { commonJsScript } from "./script.ts";

/** The parts of the bootstrap (bootstrap/parts), by what an app needs them for. */
export const bootstrapParts = {
  always: ["children", "node-mode"],
  sourceMap: ["source-map"],
  files: ["file-system", "file-system-calls", "file-stats", "modules", "extraction", "working-folder"],
  plugins: ["plugins"],
  addons: ["addons"],
  inspect: ["inspect"],
  workers: ["bootstrap", "workers"],
} as const;

/** Parts of the bootstrap as files of a pack. */
export async function partFiles(names: readonly string[]): Promise<PackFile[]> {
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(
        new URL(`./bootstrap/${name === "bootstrap" ? "" : "parts/"}${name}.cjs`, import.meta.url),
        "utf8",
      );
      return { path: `${ownFolder}${name}.cjs`, content: commonJsScript(text) };
    }),
  );
}
