import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { chmod, copyFile, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type {
  Artifact,
  ArtifactWriter,
  Dependency,
  Diagnostic,
  Json,
  JsonObject,
  ResolveContext,
  RunContext,
  SbpError,
  Target,
} from "@sbp/core";
import { onTestFinished } from "vitest";
import type { Options } from "../src/options.ts";

/** A fresh folder, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sbp-cross-target-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Progress {
  readonly message: string;
  readonly current?: number;
  readonly total?: number;
}

/** What `resolve` is given, with this machine taken for a linux-x64. */
export function resolveContext(
  runtime: Options["runtime"],
  targets: readonly Target[],
  more: Partial<ResolveContext<Options>> & { readonly locked?: Json | undefined } = {},
): ResolveContext<Options> {
  return {
    options: { targets, runtime },
    targets,
    host: "linux-x64",
    projectDir: tmpdir(),
    locked: undefined,
    offline: false,
    signal: new AbortController().signal,
    progress: () => {},
    log: { info: () => {}, debug: () => {} },
    ...more,
  };
}

/** A minimal stand-in for the engine's side of a transform, which keeps what the transform made and said. */
export class Run {
  readonly context: RunContext<Options>;
  readonly artifacts: Artifact[] = [];
  readonly progress: Progress[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly dependencies: Dependency[] = [];
  /** What was pinned while running. */
  readonly found = new Map<string, Json>();
  /** Holds one folder per artifact and nothing else. */
  readonly folder = temporaryFolder();

  constructor(pins: JsonObject, more: Partial<RunContext<Options>> = {}) {
    this.context = {
      options: { targets: "host", runtime: "node@26" },
      target: undefined,
      app: undefined,
      projectDir: tmpdir(),
      artifacts: {} as RunContext["artifacts"],
      lanes: new Map(),
      pins,
      pinned: (key) => this.found.get(key),
      pin: (key, value) => void this.found.set(key, value),
      dependOn: (...dependencies) => void this.dependencies.push(...dependencies),
      memo: async ({ work }) =>
        (await work((...dependencies) => this.context.dependOn(...dependencies))).value,
      tool: () => Promise.reject(new Error("no tools here")),
      write: (kind, meta, fill) => this.#write(kind, meta, fill),
      report: (diagnostic) => void this.diagnostics.push(diagnostic),
      progress: (message, state) => void this.progress.push({ message, ...state }),
      log: { info: () => {}, debug: () => {} },
      signal: new AbortController().signal,
      offline: false,
      tmp: async () => temporaryFolder(),
      ...more,
    };
  }

  async #write(
    kind: string,
    meta: JsonObject,
    fill: (out: ArtifactWriter) => Promise<void> | void,
  ): Promise<Artifact> {
    const folder = join(this.folder, kind);
    mkdirSync(folder);
    await fill({
      file: async (path, content, options) => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        await copyFile((content as { copyOf: string }).copyOf, join(folder, path));
        await chmod(join(folder, path), options?.executable ? 0o755 : 0o644);
      },
      reserve: async (path) => join(folder, path),
      compose: () => Promise.reject(new Error("not here")),
    });
    const entries = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
    const names = entries.filter((path) => statSync(join(folder, path)).isFile());
    const files = names.map((path) => {
      const { mode, size } = statSync(join(folder, path));
      const sha256 = createHash("sha256")
        .update(readFileSync(join(folder, path)))
        .digest("hex");
      return { path, size, sha256, executable: (mode & 0o111) !== 0 };
    });
    const artifact: Artifact = {
      kind,
      meta,
      files,
      digest: "",
      path: async (file) => join(folder, file),
      copy: (file, destination) => copyFile(join(folder, file), destination),
      read: (file) => readFile(join(folder, file)),
    };
    this.artifacts.push(artifact);
    return artifact;
  }
}

/** The coded error that a promise ends with. */
export async function failure(promise: Promise<unknown>): Promise<SbpError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Error && "code" in error) return error as SbpError;
  throw error ?? new Error("it did not fail");
}
