import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Artifact, ArtifactWriter, Diagnostic, JsonObject, RunContext } from "@sbp/core";
import { onTestFinished } from "vitest";
import plugin from "../src/index.ts";

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "sbp-strip-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An artifact whose files are those of a folder. */
export async function artifactOf(kind: string, folder: string, meta: JsonObject): Promise<Artifact> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .sort();
  const files = names.map(async (name) => {
    const { size, mode } = await stat(path.join(folder, name));
    return { path: name, executable: (mode & 0o100) !== 0, size, sha256: "0".repeat(64) };
  });
  return {
    kind,
    digest: "0".repeat(64),
    files: await Promise.all(files),
    meta,
    path: async (file) => path.join(folder, file),
    copy: (file, destination) => copyFile(path.join(folder, file), destination),
    read: (file) => readFile(path.join(folder, file)),
  };
}

/** Runs one of the plugin's transforms as the engine does. */
export async function strip(
  transform: "javascript" | "runtime",
  input: Artifact,
  options: JsonObject = {},
  signal = new AbortController().signal,
): Promise<{ folder: string; output: Artifact; diagnostics: Diagnostic[] }> {
  const diagnostics: Diagnostic[] = [];
  const folder = await makeFolder();
  const executables: string[] = [];
  let meta: JsonObject | undefined;
  const out: Pick<ArtifactWriter, "file" | "reserve"> = {
    async file(name, content, { executable = false } = {}) {
      const target = path.join(folder, name);
      await mkdir(path.dirname(target), { recursive: true });
      if (typeof content === "object" && "artifact" in content)
        await copyFile(await content.artifact.path(content.file), target);
      else if (typeof content === "object" && "copyOf" in content) await copyFile(content.copyOf, target);
      else await writeFile(target, content as Uint8Array | string);
      await chmod(target, executable ? 0o755 : 0o644);
    },
    async reserve(name, { executable = false } = {}) {
      if (executable) executables.push(name);
      return path.join(folder, name);
    },
  };
  const context: Partial<RunContext> = {
    options: {
      minify: true,
      keepNames: true,
      sourceMap: "embedded",
      sourcesContent: false,
      symbols: "strip",
      ...options,
    },
    artifacts: { [input.kind]: input } as RunContext["artifacts"],
    report: (diagnostic) => void diagnostics.push(diagnostic),
    progress() {},
    log: { info() {}, debug() {} },
    signal,
    async write(kind, given, fill) {
      if (kind !== input.kind) throw new Error(`unexpected kind ${kind}`);
      meta = given;
      await fill(out as ArtifactWriter);
      return input;
    },
  };
  await plugin.transforms.find(({ name }) => name === transform)!.run(context as RunContext);
  for (const name of executables) await chmod(path.join(folder, name), 0o755);
  return { folder, output: await artifactOf(input.kind, folder, meta!), diagnostics };
}
