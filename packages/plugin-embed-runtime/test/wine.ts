import { execFile, spawn } from "node:child_process";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { scratchFolder } from "./app.ts";

/** Runs a program for Windows under wine; returns what it prints and its exit code. */
export async function runWithWine(program: string, args: readonly string[]) {
  const home = await scratchFolder();
  const env = { HOME: home, WINEPREFIX: join(home, "wine"), WINEDEBUG: "-all", PATH: process.env["PATH"] };
  const wine = "/usr/lib/wine/wine64";
  const run = promisify(execFile);
  await mkdir(env.WINEPREFIX);
  await run(wine, ["winecfg", "-v", "win10"], { env });
  // Node on wine can write to a file, not to a pipe.
  const printed = join(home, "printed");
  const file = await open(printed, "w");
  const child = spawn(wine, [program, ...args], { cwd: home, env, stdio: ["ignore", file.fd, "ignore"] });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  await file.close();
  // What works on in the background would still write into the folder.
  await run("/usr/lib/wine/wineserver64", ["--kill"], { env });
  await run("/usr/lib/wine/wineserver64", ["--wait"], { env });
  return { stdout: (await readFile(printed, "utf8")).trim(), code };
}
