import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type {
  Artifact,
  ArtifactWriter,
  Dependency,
  Diagnostic,
  JsonObject,
  PlatformPackage,
  PlatformPackages,
  RunContext,
} from "@sbp/core";
import { onTestFinished } from "vitest";
import plugin from "../src/index.ts";
import type { BundledPackage } from "../src/packages.ts";

export const repository = path.resolve(import.meta.dirname, "../../..");

/** A folder with these files, removed when the test ends. */
export async function makeApp(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), "sbp-bundle-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await addFiles(folder, files);
  return folder;
}

export async function addFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

export interface Bundled {
  /** Where the artifact's files are, beside no other file. */
  readonly folder: string;
  /** Sorted. */
  readonly files: readonly string[];
  /** What is carried: relative, with forward slashes, sorted. */
  readonly carried: readonly string[];
  readonly meta: JsonObject;
  /** Of the packages that differ per target: what is known, and the files that are there. */
  readonly platform: { readonly packages: readonly PlatformPackage[]; readonly files: readonly string[] };
  readonly dependencies: readonly Dependency[];
  readonly diagnostics: readonly Diagnostic[];
  readonly packages: readonly BundledPackage[];
  text(file: string): Promise<string>;
}

export interface BundleRequest {
  readonly app?: string;
  readonly signal?: AbortSignal;
  readonly progress?: () => void;
}

/** Runs the plugin on a project as the engine does: options with defaults, files into a folder of its own. */
export async function bundleApp(
  projectDir: string,
  options: JsonObject = {},
  { app = "demo", signal = new AbortController().signal, progress = () => {} }: BundleRequest = {},
): Promise<Bundled> {
  const folder = await mkdtemp(path.join(tmpdir(), "sbp-bundled-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const dependencies: Dependency[] = [];
  const diagnostics: Diagnostic[] = [];
  const metas = new Map<string, JsonObject>();
  const context: Partial<RunContext> = {
    options: {
      format: "auto",
      minify: process.env["SBP_TEST_MINIFY"] === "1",
      keepNames: true,
      sourcemap: true,
      entry: "src/main.ts",
      ...options,
    },
    app: { name: app, version: "1.0.0" },
    projectDir,
    dependOn: (...declared) => void dependencies.push(...declared),
    memo: async ({ work }) => (await work((...declared) => void dependencies.push(...declared))).value,
    report: (diagnostic) => void diagnostics.push(diagnostic),
    progress,
    log: { info() {}, debug() {} },
    signal,
    async write(kind, given, fill) {
      metas.set(kind, given);
      const top = kind === "bundle" ? folder : path.join(folder, kind);
      const out: Pick<ArtifactWriter, "file"> = {
        async file(name, content, { executable = false } = {}) {
          const file = path.join(top, name);
          await mkdir(path.dirname(file), { recursive: true });
          if (content instanceof Object && "copyOf" in content) await copyFile(content.copyOf, file);
          else await writeFile(file, content as Uint8Array | string);
          await chmod(file, executable ? 0o755 : 0o644);
        },
      };
      await fill(out as ArtifactWriter);
      return { kind, meta: given } as Artifact;
    },
  };
  await plugin.transforms[0]!.run(context as RunContext);
  const meta = metas.get("bundle") ?? {};
  const { packages } = (metas.get("platform-packages") ?? {}) as Partial<PlatformPackages>;
  const text = (file: string) => readFile(path.join(folder, file), "utf8");
  return {
    folder,
    files: (await readdir(folder)).filter((name) => !["files", "platform-packages"].includes(name)).sort(),
    carried: await filesIn(path.join(folder, "files")),
    meta,
    platform: { packages: packages ?? [], files: await filesIn(path.join(folder, "platform-packages")) },
    dependencies,
    diagnostics,
    packages: JSON.parse(await text("packages.json")) as BundledPackage[],
    text,
  };
}

/** What the main file prints when Node runs it. */
export async function runBundle(bundled: Bundled, ...args: string[]): Promise<string> {
  const main = path.join(bundled.folder, String(bundled.meta["main"]));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--enable-source-maps", "--no-warnings", main, ...args],
    { cwd: bundled.folder },
  );
  return stdout;
}

/** What the main file prints when Node runs it where an executable would have it: at its place among the carried files. */
export async function runCarried(bundled: Bundled, ...args: string[]): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), "sbp-carried-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [of, files] of [
    ["files", bundled.carried],
    ["platform-packages", bundled.platform.files],
  ] as const)
    if (files.length > 0) await cp(path.join(bundled.folder, of), folder, { recursive: true });
  // Under the bundle's name: its extension tells plain Node what it is.
  const place = String(bundled.meta["place"]);
  const main = path.join(folder, path.dirname(place), String(bundled.meta["main"]));
  await mkdir(path.dirname(main), { recursive: true });
  await copyFile(path.join(bundled.folder, String(bundled.meta["main"])), main);
  for (const [link, target] of Object.entries((bundled.meta["links"] ?? {}) as Record<string, string>)) {
    await mkdir(path.dirname(path.join(folder, link)), { recursive: true });
    await symlink(path.join(folder, target), path.join(folder, link));
  }
  const run = promisify(execFile)(process.execPath, ["--no-warnings", main, ...args], { cwd: folder });
  return (await run).stdout;
}

/** What Node prints that runs the sources. */
export async function runSources(app: string, entry: string, ...args: string[]): Promise<string> {
  const file = path.join(app, entry);
  return (await promisify(execFile)(process.execPath, ["--no-warnings", file, ...args], { cwd: app })).stdout;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .sort();
}

/** One digest over all files of the artifact. */
export async function digest(bundled: Bundled): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(bundled.meta));
  for (const file of bundled.files) {
    const content = await readFile(path.join(bundled.folder, file));
    hash.update(`${file} ${(await stat(path.join(bundled.folder, file))).size}\n`).update(content);
  }
  return hash.digest("hex");
}
