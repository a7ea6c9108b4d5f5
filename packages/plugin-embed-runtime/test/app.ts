import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { AppIdentity, Artifact, Diagnostic, JsonObject, Target } from "@sbp/core";
import { fromBytes, readElf } from "@sbp/executable";
import { ownFolder, packMagic } from "@sbp/manifest";
import { afterAll } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import plugin from "../src/index.ts";
import type { MacosOptions } from "../src/macos-options.ts";
import { type Pack, type PackedFile, readPack } from "../src/pack-reader.ts";
import { readPackedApp } from "../src/packed-app.ts";
import { bootstrapParts } from "../src/parts.ts";
import type { WindowsOptions } from "../src/windows-options.ts";
import { artifactOf, type RunSeen, runContext } from "./run-context.ts";

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

/** A folder that goes away after the tests of this file. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sbp-embed-"));
  folders.push(folder);
  return folder;
}

/** The artifact of an official Node binary. */
export async function runtimeArtifact(
  kind: "runtime" | "host-runtime",
  version: string,
  target: Target,
  folder: string,
): Promise<Artifact> {
  const file = target.startsWith("win32-") ? "node.exe" : "node";
  return artifactOf(kind, folder, { [file]: await testRuntime(version, target) }, { version, target });
}

/** Runs one of the plugin's transforms and returns the first artifact it makes. */
export async function transform(...args: Parameters<typeof runTransform>): Promise<Artifact> {
  return (await runTransform(...args)).written[0]!;
}

async function runTransform(
  name: "template" | "executable",
  folder: string,
  input: Parameters<typeof runContext>[1],
): Promise<RunSeen> {
  const { context, ...seen } = runContext(folder, input);
  await plugin.transforms.find((candidate) => candidate.name === name)!.run(context as never);
  return seen;
}

export interface AppBuilder {
  /** The project's, too. */
  readonly folder: string;
  readonly template: Artifact;
  /** Makes the executable of a bundle that was taken out of another. */
  rebuild(path: string): Promise<BuiltApp>;
  /** Makes the executable of a bundle with one file. */
  build(main: string, source: string, options?: AppOptions): Promise<BuiltApp>;
}

export interface BuiltApp {
  readonly path: string;
  readonly artifact: Artifact;
  /** What stands beside the executable. */
  readonly sourceMap: Artifact;
  readonly reported: readonly Diagnostic[];
  /** The files that are inputs. */
  readonly files: readonly string[];
  /** The variables that are. */
  readonly variables: readonly string[];
}

interface AppOptions {
  readonly codeCache?: boolean | "auto";
  readonly name?: string;
  readonly inspect?: boolean;
  readonly windows?: WindowsOptions;
  readonly macos?: MacosOptions;
  readonly app?: AppIdentity;
  /** The source map. */
  readonly map?: string;
  /** What it carries: contents by path in the embedded file system. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The same, for files of packages for the target. */
  readonly targetFiles?: Readonly<Record<string, string | Uint8Array>>;
  /** Source maps of some of these, by their paths. */
  readonly scriptMaps?: Readonly<Record<string, string>>;
  /** The paths of those that can be executed. */
  readonly executables?: readonly string[];
  /** What the bundle says of its main file, if not what its name says. */
  readonly meta?: JsonObject;
}

/** Makes the template of a Node version for a target, for building apps with it and these programs on PATH. */
export async function appBuilder(
  version: string,
  target: Target = "linux-x64",
  tools: Readonly<Record<string, string>> = {},
  { selfContained = true }: { readonly selfContained?: boolean } = {},
): Promise<AppBuilder> {
  const folder = await scratchFolder();
  const runtime = await runtimeArtifact("runtime", version, target, folder);
  const hostRuntime = await runtimeArtifact("host-runtime", version, "linux-x64", folder);
  const template = await transform("template", folder, {
    options: { selfContained },
    target,
    tools,
    artifacts: { runtime, "host-runtime": hostRuntime },
  });
  const buildBundle = async (
    bundle: Artifact,
    app: AppIdentity,
    options: object,
    packages?: Artifact,
  ): Promise<BuiltApp> => {
    const { written, reported, declared } = await runTransform("executable", folder, {
      options: { codeCache: true, ...options },
      target,
      app,
      tools,
      artifacts: {
        template,
        bundle,
        runtime,
        "host-runtime": hostRuntime,
        ...(packages && { "target-packages": packages }),
      },
    });
    const [artifact, sourceMap] = written;
    return {
      path: await artifact!.path(artifact!.files[0]!.path),
      artifact: artifact!,
      sourceMap: sourceMap!,
      reported,
      files: declared.flatMap((dependency) => ("file" in dependency ? [dependency.file] : [])),
      variables: declared.flatMap((dependency) => ("env" in dependency ? [dependency.env] : [])),
    };
  };
  return {
    folder,
    template,
    async build(
      main,
      source,
      {
        meta,
        map,
        files = {},
        targetFiles,
        scriptMaps = {},
        executables = [],
        app = { name: "@acme/app", version: "1.0.0" },
        ...options
      } = {},
    ) {
      const bundleFolder = await mkdtemp(join(folder, "bundle-"));
      const file = join(bundleFolder, basename(main));
      await writeFile(file, source);
      if (map !== undefined) await writeFile(`${file}.map`, map);
      const carried: Record<string, string> = {};
      for (const [path, content] of Object.entries(files)) {
        carried[`files/${path}`] = join(bundleFolder, `${Object.keys(carried).length}`);
        await writeFile(carried[`files/${path}`]!, content);
      }
      for (const [path, content] of Object.entries(scriptMaps)) {
        const file = join(bundleFolder, `map-${Object.keys(carried).length}`);
        carried[`maps/${path}.map`] = file;
        await writeFile(file, content);
      }
      const bundle = await artifactOf(
        "bundle",
        bundleFolder,
        { [main]: file, ...(map !== undefined && { [`${main}.map`]: `${file}.map` }), ...carried },
        { format: main.endsWith(".mjs") ? "esm" : "cjs", main, carried: Object.keys(files).length, ...meta },
        executables.map((path) => `files/${path}`),
      );
      if (!targetFiles) return await buildBundle(bundle, app, options);
      const packagesFolder = await mkdtemp(join(folder, "packages-"));
      const places: Record<string, string> = {};
      for (const [path, content] of Object.entries(targetFiles)) {
        places[path] = join(packagesFolder, `${Object.keys(places).length}`);
        await writeFile(places[path]!, content);
      }
      const packages = await artifactOf("target-packages", packagesFolder, places, {}, []);
      return await buildBundle(bundle, app, options, packages);
    },
    async rebuild(path) {
      const app = await readPackedApp(path);
      const bundleFolder = await mkdtemp(join(folder, "packed-"));
      const bytes = await readFile(path);
      const places: Record<string, string> = {};
      for (const { path: name, offset, size } of app.files) {
        places[name] = join(bundleFolder, `${Object.keys(places).length}`);
        await writeFile(places[name]!, bytes.subarray(offset, offset + size));
      }
      const executables = app.files.flatMap((file) => (file.executable ? [file.path] : []));
      const bundle = await artifactOf("bundle", bundleFolder, places, app.meta, executables);
      return await buildBundle(bundle, app.build.app, {});
    },
  };
}

/** The pack in an executable, and where it begins in memory . */
export async function packOf(path: string) {
  const bytes = await readFile(path);
  const elf = await readElf(fromBytes(bytes));
  const { offset, size } = elf.notes.find(({ name }) => name === "NODE_SEA_BLOB")!.description;
  const { programHeaders } = elf;
  const segment = programHeaders.findLast(
    (header) => header.type === 1 && header.offset <= offset && offset < header.offset + header.fileSize,
  )!;
  const start = bytes.indexOf(packMagic, offset);
  const length = Number(bytes.readBigUInt64LE(start - 8));
  if (start < 0 || start + length > offset + size) throw new Error("no pack");
  return {
    pack: readPack(bytes.subarray(start, start + length)),
    address: segment.address + start - segment.offset,
    bytes,
    start,
  };
}

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Runs a program to its end, in an empty folder and with nothing but `env` in the environment. */
export async function run(
  program: string,
  args: readonly string[] = [],
  { env = {}, stdin = "", onStdout }: RunOptions = {},
): Promise<Ended> {
  const cwd = join(await mkdtemp(join(tmpdir(), "sbp-run-")), "empty");
  await mkdir(cwd);
  try {
    return await new Promise<Ended>((resolve) => {
      const child = execFile(program, args, { cwd, env, timeout: 30_000 }, (_, stdout, stderr) =>
        resolve({ stdout, stderr, code: child.exitCode, signal: child.signalCode }),
      );
      child.stdin!.on("error", () => {});
      child.stdin!.end(stdin);
      if (onStdout) child.stdout!.on("data", (chunk) => onStdout(String(chunk), (name) => child.kill(name)));
    });
  } finally {
    await rm(join(cwd, ".."), { recursive: true });
  }
}

interface RunOptions {
  env?: NodeJS.ProcessEnv;
  stdin?: string;
  onStdout?: (chunk: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** The files of a pack but for the parts of the bootstrap that every executable has. */
export function appFiles({ files }: Pack): readonly PackedFile[] {
  const parts = new Set(bootstrapParts.always.map((name) => `${ownFolder}${name}.cjs`));
  return files.filter(({ path }) => !parts.has(path));
}
