import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const script = join(import.meta.dirname, "wine-folder.sh");
const cache = join(import.meta.dirname, "../node_modules/.cache/sbp-wine");

/** Where a run's Windows and the drive C: of it are, within its namespace. */
const prefix = "/tmp/prefix";
const drive = `${prefix}/drive_c`;

export interface WineResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** Runs a Windows program of any folder on this machine, in an empty folder on a Windows of its own. */
export async function runOnWine(program: string, args: readonly string[] = []): Promise<WineResult> {
  const top = await mkdtemp(join(tmpdir(), "sbp-wine-"));
  try {
    await mkdir(join(top, "empty"));
    const words = await wineWords(join(top, "windows"), {
      folders: [
        ["--ro-bind", dirname(program), "program"],
        ["--bind", join(top, "empty"), "empty"],
      ],
      cwd: "empty",
    });
    // Node on wine can write to a file, not to a pipe.
    const stdout = await open(join(top, "stdout"), "w");
    const stderr = await open(join(top, "stderr"), "w");
    const [bwrap = "", ...rest] = [...words, `C:\\program\\${basename(program)}`, ...args];
    const child = spawn(bwrap, rest, { stdio: ["ignore", stdout.fd, stderr.fd] });
    const code = await new Promise<number | null>((resolve, reject) =>
      child.on("error", reject).on("close", resolve),
    );
    await stdout.close();
    await stderr.close();
    return {
      stdout: await readFile(join(top, "stdout"), "utf8"),
      stderr: await readFile(join(top, "stderr"), "utf8"),
      code,
    };
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

/** What a program under Wine sees of this machine. */
export interface WineView {
  /** How (`--bind`, `--ro-bind`), which folder, and its name on drive C:. */
  readonly folders: readonly (readonly [how: "--bind" | "--ro-bind", folder: string, name: string])[];
  /** The name of the working directory on drive C:. */
  readonly cwd: string;
}

/**
 * The words before a Windows program that run it in namespaces of its own: nothing of this machine is there but the given
 * folders, no network but the loopback, and what it leaves behind ends with it.
 *
 * @param windows a folder to make, for what the program changes in its Windows
 */
export async function wineWords(windows: string, { folders, cwd }: WineView): Promise<string[]> {
  const { stdout } = await execute(script, [cache]);
  const [root, made] = [join(stdout.trim(), "root"), join(stdout.trim(), "prefix")];
  // All but the parts that are large, and only read.
  const large = ["windows", "Program Files"].map((name) => join(made, "drive_c", name));
  await cp(made, windows, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    filter: (source) => !large.includes(source),
  });
  const environment = {
    HOME: "/tmp",
    WINEPREFIX: prefix,
    WINEDEBUG: "-all",
    // No packages for .NET and HTML, no desktop, and no debugger where a program crashes.
    WINEDLLOVERRIDES: "mscoree,mshtml,explorer.exe,winedbg.exe=",
    LC_ALL: "C.UTF-8",
  };
  return [
    ...["/usr/bin/bwrap", "--unshare-all", "--die-with-parent"],
    ...[
      "--ro-bind",
      root,
      "/",
      "--ro-bind",
      "/sys",
      "/sys",
      "--dev",
      "/dev",
      "--proc",
      "/proc",
      "--tmpfs",
      "/tmp",
    ],
    ...["--bind", windows, prefix],
    ...large.flatMap((folder) => ["--ro-bind", folder, `${drive}/${basename(folder)}`]),
    ...["--tmpfs", `${drive}/windows/temp`],
    ...folders.flatMap(([how, folder, name]) => [how, folder, `${drive}/${name}`]),
    ...["--chdir", `${drive}/${cwd}`, "--clearenv"],
    ...Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value]),
    "/usr/lib/wine/wine64",
  ];
}
