import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const run = promisify(execFile);

/** A folder that is the root of a test's program, which it holds as `/app`. Gone after the test. */
export async function rootWith(executable: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "sbp-root-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  // mkdtemp makes folders for their owner alone.
  await chmod(root, 0o755);
  await copyFile(executable, join(root, "app"));
  return root;
}

/** Adds a text file to a root. */
export async function addFile(root: string, path: string, text: string): Promise<void> {
  await mkdir(join(root, path, ".."), { recursive: true });
  await writeFile(join(root, path), text);
}

/** What a program prints, with nothing but `env` in its environment. */
export async function output(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await run(command[0]!, command.slice(1), { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Runs commands of a shell with mounts of its own, the root's folder as $1 and further arguments behind. */
export const withMounts = (script: string, root: string, ...args: readonly string[]): Promise<string> =>
  output([
    "/usr/bin/unshare",
    "--mount",
    "--pid",
    "--fork",
    "/bin/sh",
    "-ec",
    `PATH=/usr/bin:/usr/sbin\n${script}`,
    "sh",
    root,
    ...args,
  ]);

/** A key, and a certificate for localhost. */
export async function certificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sbp-certificate-"));
  try {
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    await run("openssl", ["req", "-x509", ...kind, ...name, "-keyout", key, "-out", cert]);
    return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
  } finally {
    await rm(folder, { recursive: true });
  }
}
