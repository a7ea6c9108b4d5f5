/*
 * What the tools share that make packages of ours out of Debian's. Needs apt and dpkg, not root, and changes nothing of the
 * machine: apt works on a state of its own.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { brotliDecompressSync } from "node:zlib";

const run = promisify(execFile);

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export interface DebianPin {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** A folder with what is in packages for an architecture. The folder that it is in is the caller's to remove. */
export async function unpackDebian(
  architecture: "amd64" | "arm64",
  pins: readonly DebianPin[],
): Promise<string> {
  const work = await realpath(await mkdtemp(join(tmpdir(), "sbp-debian-")));
  const root = join(work, "root");
  for (const folder of ["state/lists/partial", "cache/archives/partial", "debs", "root"])
    await mkdir(join(work, folder), { recursive: true });
  await writeFile(join(work, "state/status"), "");
  await writeFile(
    join(work, "apt.conf"),
    // As root, apt would drop to a user who cannot write here.
    `APT::Architecture "${architecture}";
#clear APT::Architectures;
APT::Architectures { "${architecture}"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "${work}/state";
Dir::State::status "${work}/state/status";
Dir::Cache "${work}/cache";
`,
  );
  const env = { ...process.env, APT_CONFIG: join(work, "apt.conf") };
  const cwd = join(work, "debs");
  await run("apt-get", ["update", "--quiet"], { env });
  for (const { name, version, sha256: expected } of pins) {
    await run("apt-get", ["download", "--quiet", `${name}=${version}`], { env, cwd });
    const file = (await readdir(cwd)).find((deb) => deb.startsWith(`${name}_`))!;
    const digest = sha256(await readFile(join(cwd, file)));
    if (digest !== expected) throw new Error(`${name} ${version} for ${architecture} has SHA-256 ${digest}`);
    await run("dpkg-deb", ["--extract", join(cwd, file), root]);
  }
  return root;
}

/** Writes files below a folder, those that have changed; with `--check` on the command line it only complains of them. */
export async function keepFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [path, bytes] of files) {
    const file = join(folder, path);
    // Compressed bytes may differ between versions of Node.
    const plain = (data: Uint8Array) => (path.endsWith(".br") ? brotliDecompressSync(data) : data);
    const old = await readFile(file).catch(() => undefined);
    if (old && Buffer.compare(plain(old), plain(bytes)) === 0) continue;
    if (process.argv.includes("--check")) {
      console.error(`not up to date: ${file}`);
      process.exitCode = 1;
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    console.log(`wrote ${file}, ${bytes.length} bytes`);
  }
}
