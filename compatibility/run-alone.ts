import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { arm64Sysroot } from "../tools/arm64-sysroot.ts";
import { wineWords } from "../tools/wine.ts";
import type { App, RunnableTarget } from "./app.ts";
import { repository } from "./places.ts";
import { type Ended, runProgram } from "./program.ts";
import { emptyEnvironment } from "./run-plain.ts";

/**
 * Runs an executable as on a machine that has nothing of this project: alone in an empty folder, next to no
 * environment, in a mount namespace of its own where the repository is covered by an empty file system. A Windows program
 * runs on a Windows of its own, in a root file system that has nothing but Wine.
 */
export async function runAlone(executable: string, target: RunnableTarget, app: App): Promise<Ended> {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "sbp-alone-")));
  try {
    const cwd = join(top, "app");
    mkdirSync(cwd);
    const file = join(cwd, basename(executable));
    copyFileSync(executable, file);
    const words = await wordsFor(file, target, top);
    return await runProgram([...words, ...app.args], {
      cwd,
      env: emptyEnvironment(top),
      stdin: app.stdin,
    });
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

async function wordsFor(file: string, target: RunnableTarget, top: string): Promise<readonly string[]> {
  if (target === "linux-x64") return [...covered(undefined, top), file];
  if (target === "linux-arm64") {
    const place = join(top, "sysroot");
    mkdirSync(place);
    return [...covered(await arm64Sysroot(), top), "/usr/bin/qemu-aarch64-static", "-L", place, file];
  }
  const folders = [["--bind", join(top, "app"), "app"]] as const;
  return [...(await wineWords(join(top, "windows"), { folders, cwd: "app" })), `C:\\app\\${basename(file)}`];
}

/** The words before a command that cover the repository; `visible` is a folder of it that shows as TOP/sysroot. */
function covered(visible: string | undefined, top: string): readonly string[] {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-current-user"];
  const script = `set -e
if [ -n "$2" ]; then /bin/mount --bind "$2" "$3/sysroot"; fi
/bin/mount -t tmpfs tmpfs "$1"
shift 3
exec "$@"`;
  return [
    "/usr/bin/unshare",
    ...user,
    "--mount",
    ...["/bin/sh", "-c", script, "sh", repository, visible ?? "", top],
  ];
}
