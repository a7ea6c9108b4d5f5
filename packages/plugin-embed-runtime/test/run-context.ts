import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { appendFile, copyFile, cp, mkdir, mkdtemp, open, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type {
  AppIdentity,
  Artifact,
  ArtifactWriter,
  Composition,
  Dependency,
  Diagnostic,
  JsonObject,
  RunContext,
  Target,
} from "@sbp/core";

/** An artifact whose files lie in a folder. */
export async function artifactOf(
  kind: string,
  folder: string,
  files: Readonly<Record<string, string>>,
  meta: JsonObject,
  executables: readonly string[] = [],
): Promise<Artifact> {
  const path = async (file: string) => files[file] ?? join(folder, file);
  const size = async (file: string) => (await stat(await path(file)).catch(() => undefined))?.size ?? 0;
  const described = Object.keys(files)
    .sort()
    .map(async (file) => ({
      path: file,
      executable: executables.includes(file),
      size: await size(file),
      sha256: "",
    }));
  return {
    kind,
    digest: createHash("sha256").update(kind).digest("hex"),
    files: await Promise.all(described),
    meta,
    path,
    copy: async (file, destination) => await copyFile(await path(file), destination),
    read: async (file) => await readFile(await path(file)),
  };
}

/** A composition becomes the bytes of its base with its patches, and its tail, one after the other. */
async function compose(path: string, { base, patches = [], tail }: Composition): Promise<void> {
  await copyFile(await base.artifact.path(base.file), path, constants.COPYFILE_FICLONE);
  const file = await open(path, "r+");
  for (const { offset, bytes } of patches) await file.write(bytes, 0, bytes.length, offset);
  await file.close();
  await appendFile(path, Buffer.concat(tail));
}

/** What a transform has told and made. */
export interface RunSeen {
  readonly written: readonly Artifact[];
  readonly reported: readonly Diagnostic[];
  readonly declared: readonly Dependency[];
}

/** What a transform is run with in these tests: artifacts in, artifacts out, all in one folder. */
export function runContext<Options>(
  folder: string,
  {
    options,
    target,
    artifacts,
    app,
    tools = {},
  }: {
    options: Options;
    target: Target;
    artifacts: Readonly<Record<string, Artifact>>;
    app?: AppIdentity;
    /** Paths of the programs on PATH. */
    tools?: Readonly<Record<string, string>>;
  },
): RunSeen & { context: RunContext<Options> } {
  const written: Artifact[] = [];
  const reported: Diagnostic[] = [];
  const declared: Dependency[] = [];
  const context: RunContext<Options> = {
    options,
    target,
    app,
    projectDir: folder,
    artifacts,
    lanes: new Map(),
    pins: undefined,
    pinned: () => undefined,
    pin: () => {},
    dependOn: (...dependencies) => void declared.push(...dependencies),
    memo: async ({ work }) => (await work((...dependencies) => void declared.push(...dependencies))).value,
    async tool(name) {
      if (tools[name] === undefined) throw new Error(`no ${name} here`);
      return { path: tools[name], version: "1" };
    },
    async write(kind, meta, fill) {
      const output = await mkdtemp(join(folder, `${kind}-`));
      const files: Record<string, string> = {};
      const place = async (path: string) => {
        files[path] = join(output, path);
        await mkdir(dirname(files[path]), { recursive: true });
        return files[path];
      };
      const out: ArtifactWriter = {
        async file(path, content) {
          const file = await place(path);
          if (typeof content === "object" && "artifact" in content)
            await cp(await content.artifact.path(content.file), file);
          else if (typeof content === "object" && "copyOf" in content) await cp(content.copyOf, file);
          else await writeFile(file, content);
        },
        async compose(path, composition) {
          await compose(await place(path), composition);
        },
        reserve: place,
      };
      await fill(out);
      const artifact = await artifactOf(kind, output, files, meta);
      written.push(artifact);
      return artifact;
    },
    report: (diagnostic) => void reported.push(diagnostic),
    progress() {},
    log: { info() {}, debug() {} },
    signal: new AbortController().signal,
    offline: true,
    tmp: async () => await mkdtemp(join(folder, "tmp-")),
  };
  return { context, written, reported, declared };
}
