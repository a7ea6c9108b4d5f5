import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { ArtifactKind } from "./artifact.ts";
import type { BuildSession } from "./build-session.ts";
import { SbpError } from "./error.ts";
import { fromSystem } from "./failure.ts";
import { fileStat, sameStat } from "./file-stat.ts";
import { sha256 } from "./hash.ts";
import { canonicalJson, type Json, type JsonObject } from "./json.ts";
import type { Plan } from "./plan.ts";
import type { ActionOutcome } from "./scheduler.ts";
import { copyByRecipe } from "./store/copy-file.ts";
import type { StoredFile } from "./store/stored-file.ts";
import type { Target } from "./target.ts";
import { version } from "./version.ts";
import { isTemporaryName, temporaryName, writeFileAtomic } from "./write-file-atomic.ts";

export const manifestName = "sbp-manifest.json";

/** A file in the output folder. */
export interface Output {
  readonly kind: ArtifactKind;
  readonly target?: Target;
  /** Absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** It was already in place. */
  readonly unchanged: boolean;
  /** The artifact's. */
  readonly meta: JsonObject;
}

interface Pending extends Omit<Output, "unchanged"> {
  readonly file: StoredFile;
  /** Where the new file waits for all others to be ready; absent when the old one is right. */
  temporary?: string;
}

/**
 * Brings the results into the output folder: all files are made beside their places first and then renamed, so that
 * each appears whole and a failure leaves everything as it was.
 */
export async function publish(
  plan: Plan,
  outcomes: readonly ActionOutcome[],
  session: BuildSession,
): Promise<{ outputs: Output[]; manifest: string }> {
  const pending = collect(outcomes, plan.project.outDir);
  try {
    await Promise.all(pending.map((output) => prepare(output, session)));
    session.signal.throwIfAborted();
    for (const output of pending) await putInPlace(output, session);
    const outputs = pending.map(({ file: _, temporary, ...output }) => ({
      ...output,
      unchanged: !temporary,
    }));
    const manifest = await writeManifest(plan, outputs, session);
    for (const { meta: _, ...output } of outputs) session.emit({ type: "output-published", ...output });
    return { outputs, manifest };
  } catch (error) {
    await Promise.all(pending.map(({ temporary }) => temporary && rm(temporary, { force: true })));
    session.signal.throwIfAborted();
    throw outputError(error, plan.project.outDir);
  }
}

function collect(outcomes: readonly ActionOutcome[], outDir: string): Pending[] {
  const pending = new Map<string, Pending>();
  for (const outcome of outcomes) {
    if (outcome.outcome !== "ran" && outcome.outcome !== "cached") continue;
    const { published, target } = outcome.action;
    for (const kind of published) {
      const { stored } = outcome.artifacts.get(kind)!;
      for (const file of stored.files) {
        const path = resolve(outDir, target ?? "", file.path);
        if (pending.has(path)) {
          throw new SbpError("SBP_OUTPUT_COLLISION", `Two steps make ${relative(dirname(outDir), path)}`, {
            hint: "Give one of them another output name.",
          });
        }
        const { size, sha256 } = file;
        pending.set(path, {
          kind,
          ...(target ? { target } : {}),
          path,
          size,
          sha256,
          meta: stored.meta,
          file,
        });
      }
    }
  }
  return [...pending.values()];
}

async function prepare(output: Pending, { state, store }: BuildSession): Promise<void> {
  const last = state.published(output.path);
  const present = fileStat(output.path);
  if (present && last?.sha256 === output.sha256 && sameStat(present, last.stat)) return;
  const folder = dirname(output.path);
  await makeFolder(folder);
  await removeLeftovers(folder);
  output.temporary = temporaryName(output.path);
  await copyByRecipe(
    store.blobs.recipe(output.file),
    output.temporary,
    output.file.executable ? 0o755 : 0o644,
  );
}

async function putInPlace(output: Pending, { state }: BuildSession): Promise<void> {
  if (!output.temporary) return;
  await rename(output.temporary, output.path);
  const { size, inode, modified, changed } = fileStat(output.path)!;
  state.setPublished(output.path, { sha256: output.sha256, stat: { size, inode, modified, changed } });
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error) => {
    if (error.code !== "ENOENT") throw error;
    // This is what Node says of a read-only file system when it makes folders recursively; plainly it tells the truth.
    return mkdir(folder);
  });
}

/** Half-made files of builds that were killed. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(/\.sbp-(\d+)-\d+\.tmp$/.exec(name)?.[1]);
    if (!isTemporaryName(name) || pid === process.pid) continue;
    try {
      process.kill(pid, 0);
    } catch {
      await rm(join(folder, name), { force: true });
    }
  }
}

/** Writes what was built, from what: without times, so that the same build writes the same bytes. */
async function writeManifest(plan: Plan, outputs: readonly Output[], session: BuildSession): Promise<string> {
  const { project, targets } = plan;
  const path = join(project.outDir, manifestName);
  const inFolder = (file: string) => relative(project.outDir, file).split(sep).join("/");
  const manifest = {
    manifestVersion: 1,
    name: project.app.name,
    version: project.app.version,
    sbp: version,
    targets,
    outputs: outputs.map(({ kind, target, path, size, sha256, meta }) => ({
      path: inFolder(path),
      kind,
      ...(target ? { target } : {}),
      size,
      sha256,
      meta,
    })),
    steps: project.steps.map(({ id, use }) => ({ id, use })),
    config: project.config,
  };
  const text = `${JSON.stringify(JSON.parse(canonicalJson(manifest as unknown as Json)), null, 2)}\n`;
  const last = session.state.published(path);
  const present = fileStat(path);
  const hash = sha256(text);
  if (present && last?.sha256 === hash && sameStat(present, last.stat)) return path;
  const same = present !== undefined && (await readFile(path, "utf8")) === text;
  if (!same) await writeFileAtomic(path, text);
  const { size, inode, modified, changed } = fileStat(path)!;
  session.state.setPublished(path, { sha256: hash, stat: { size, inode, modified, changed } });
  return path;
}

function outputError(error: unknown, outDir: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const codes = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EISDIR"];
  if (!codes.includes(code ?? "")) return fromSystem(error) ?? error;
  return new SbpError("SBP_OUTPUT_NOT_WRITABLE", `The output folder cannot be written: ${message}`, {
    location: { file: outDir },
    hint: 'Make it writable, or set "outDir" in sbp.config.json.',
    cause: error,
  });
}
