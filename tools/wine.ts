import { execFile, spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
// Debian installs them outside of the path.
const wine64 = "/usr/lib/wine/wine64";
const wineServer = "/usr/lib/wine/wineserver64";

export interface WineResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** A Windows of the test's own. */
export class Wine {
  readonly #home: string;

  private constructor(home: string) {
    this.#home = home;
  }

  static async start(): Promise<Wine> {
    const wine = new Wine(await mkdtemp(join(tmpdir(), "sbp-wine-")));
    await execute(wine64, ["winecfg", "-v", "win10"], { env: wine.#environment() });
    return wine;
  }

  /** Runs a program, by default in an empty folder. */
  async run(
    program: string,
    args: readonly string[] = [],
    { cwd, env }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
  ): Promise<WineResult> {
    const folder = await mkdtemp(join(this.#home, "run-"));
    const empty = cwd ?? (await mkdtemp(join(this.#home, "cwd-")));
    // Node on wine can write to a file, not to a pipe.
    const stdout = await open(join(folder, "stdout"), "w");
    const stderr = await open(join(folder, "stderr"), "w");
    const child = spawn(wine64, [program, ...args], {
      cwd: empty,
      env: { ...this.#environment(), ...env },
      stdio: ["ignore", stdout.fd, stderr.fd],
    });
    const code = await new Promise<number | null>((resolve, reject) =>
      child.on("error", reject).on("close", resolve),
    );
    await stdout.close();
    await stderr.close();
    return {
      stdout: await readFile(join(folder, "stdout"), "utf8"),
      stderr: await readFile(join(folder, "stderr"), "utf8"),
      code,
    };
  }

  async stop(): Promise<void> {
    const env = this.#environment();
    // What works on in the background would still write into the folder.
    await execute(wineServer, ["--kill"], { env }).catch(() => {});
    await execute(wineServer, ["--wait"], { env }).catch(() => {});
    await rm(this.#home, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      HOME: this.#home,
      WINEPREFIX: join(this.#home, "prefix"),
      WINEDEBUG: "-all",
      WINEDLLOVERRIDES: "mscoree,mshtml=",
      PATH: process.env["PATH"],
    };
  }
}
