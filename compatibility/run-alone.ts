import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { App, RunnableTarget } from "./app.ts";
import { repository } from "./places.ts";
import { type Ended, runProgram } from "./program.ts";
import { emptyEnvironment } from "./run-plain.ts";

const run = promisify(execFile);
const wine = "/usr/lib/wine/wine64";

/**
 * Runs an executable as on a machine that has nothing of this project: alone in an empty folder, next to no
 * environment, in a mount namespace of its own where the repository is covered by an empty file system.
 */
export class Isolation {
  #sysroot: Promise<string> | undefined;
  #wineTop: Promise<string> | undefined;

  async run(executable: string, target: RunnableTarget, app: App): Promise<Ended> {
    const top = realpathSync(mkdtempSync(join(tmpdir(), "sbp-alone-")));
    try {
      const cwd = join(top, "app");
      mkdirSync(cwd);
      const file = join(cwd, basename(executable));
      copyFileSync(executable, file);
      const { words, env, visible } = await this.#start(file, target, top);
      return await runProgram([...covered(visible, top), ...words, ...app.args], {
        cwd,
        env,
        stdin: app.stdin,
      });
    } finally {
      rmSync(top, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    const top = await this.#wineTop;
    if (top) rmSync(top, { recursive: true, force: true });
  }

  async #start(file: string, target: RunnableTarget, top: string) {
    const env = emptyEnvironment(top);
    if (target === "linux-x64") return { words: [file], env };
    if (target === "linux-arm64") {
      this.#sysroot ??= arm64Sysroot();
      const place = join(top, "sysroot");
      mkdirSync(place);
      return {
        words: ["/usr/bin/qemu-aarch64-static", "-L", place, file],
        env,
        visible: await this.#sysroot,
      };
    }
    this.#wineTop ??= winePrefix();
    // Wine's server opens the files: it has to be one of this namespace, and to end with it.
    const command = `"$@"; code=$?; /usr/lib/wine/wineserver64 -k; exit $code`;
    return { words: ["/bin/sh", "-c", command, "sh", wine, file], env: wineEnvironment(await this.#wineTop) };
  }
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

async function arm64Sysroot(): Promise<string> {
  const folder = join(repository, "node_modules/.cache/sbp-test-sysroot-arm64");
  return (await run("sh", [join(repository, "tools/arm64-sysroot.sh"), folder])).stdout.trim();
}

/** A folder with a fresh wine prefix; no server of it is left. */
async function winePrefix(): Promise<string> {
  const top = mkdtempSync(join(tmpdir(), "sbp-wine-"));
  const env = wineEnvironment(top);
  mkdirSync(env["WINEPREFIX"]!);
  await run(wine, ["winecfg", "-v", "win10"], { env });
  await run("/usr/lib/wine/wineserver64", ["-w"], { env });
  return top;
}

function wineEnvironment(top: string): Record<string, string> {
  return {
    HOME: top,
    WINEPREFIX: join(top, "wine"),
    WINEDEBUG: "-all",
    LC_ALL: "C.UTF-8",
    PATH: "/usr/bin:/bin",
  };
}
