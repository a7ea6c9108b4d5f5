import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { promisify } from "node:util";

/** The absolute path of a program on PATH, or undefined. */
export function findTool(name: string): string | undefined {
  // No way out of the folders of PATH: the name may come from a record of the store.
  if (name === "" || /[\\/]/.test(name)) return undefined;
  const endings = process.platform === "win32" ? (process.env.PATHEXT ?? ".EXE;.CMD").split(";") : [""];
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const ending of endings) {
      const path = resolve(folder, name + ending);
      try {
        accessSync(path, constants.X_OK);
        if (folder !== "" && statSync(path).isFile()) return path;
      } catch {
        // Not here: the next folder.
      }
    }
  }
  return undefined;
}

/** What the program prints when asked for its version, in a folder: the first line. Throws when it fails. */
export async function toolVersion(
  path: string,
  versionArgs: readonly string[],
  cwd: string,
): Promise<string> {
  const { execFile } = await import("node:child_process");
  const { stdout, stderr } = await promisify(execFile)(path, [...versionArgs], { cwd, timeout: 10_000 });
  return (stdout || stderr).split("\n", 1)[0]?.trim() ?? "";
}
