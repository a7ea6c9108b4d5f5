import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import type { ArtifactKind } from "./artifact.ts";
import type { BuildSession } from "./build-session.ts";
import { SbpError } from "./error.ts";
import { fromSystem } from "./failure.ts";
import { entryStat, type FileStat, keptStat, sameStat } from "./file-stat.ts";
import { sha256 } from "./hash.ts";
import { canonicalJson, type Json, type JsonObject } from "./json.ts";
import { Limit } from "./limit.ts";
import type { Plan } from "./plan.ts";
import { isGone } from "./process-name.ts";
import { artifactName, type ProjectState, type PublishedFile } from "./project-state.ts";
import type { ActionOutcome } from "./scheduler.ts";
import { foldersOf } from "./store/artifact-path.ts";
import type { Spare } from "./store/spares.ts";
import type { StoredFile } from "./store/stored-file.ts";
import type { Target } from "./target.ts";
import { version } from "./version.ts";
import { makerOfTemporary, temporaryName, writeFileAtomic } from "./write-file-atomic.ts";

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
  /** SHA-256 of the file that it is a copy of, but for what is behind that. Undefined for others. */
  readonly base?: string;
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

/** Copies that are made at once: each holds a few files open. */
const copiesAtOnce = 8;

/**
 * Brings the results into the output folder: all files are made beside their places first and then renamed, so that
 * each appears whole and a failure leaves everything as it was. Throws StoreTrouble when results are gone.
 */
export async function publish(
  plan: Plan,
  outcomes: readonly ActionOutcome[],
  session: BuildSession,
): Promise<{ outputs: Output[]; manifest: string }> {
  const { outDir } = plan.project;
  const outputs = collect(outcomes, outDir);
  try {
    const changed = outputs.filter((output) => !isInPlace(output, session));
    if (isFolder(join(outDir, manifestName))) throw inTheWay(join(outDir, manifestName));
    const places = new Set(outputs.map(({ path }) => path));
    await makeBeside(changed, places, session);
    session.signal.throwIfAborted();
    for (const output of changed) await putInPlace(output, session);
    await removeReplaced(outputs, places, session);
    const published = outputs.map(({ file: _, temporary, ...output }) => ({
      ...output,
      unchanged: !temporary,
    }));
    const manifest = await writeManifest(plan, published, session);
    for (const { meta: _, base: __, ...output } of published)
      session.emit({ type: "output-published", ...output });
    return { outputs: published, manifest };
  } catch (error) {
    await Promise.all(outputs.map(({ temporary }) => temporary && rm(temporary, { force: true })));
    session.signal.throwIfAborted();
    throw outputError(error, outDir);
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
        const name = target ? `${target}/${file.path}` : file.path;
        if (pending.has(name)) throw collision(`Two steps make ${name}`);
        if (name === manifestName)
          throw collision(`A step makes ${name}, where the list of all outputs goes`);
        const { size, sha256 } = file;
        const place = { kind, ...(target ? { target } : {}), path: join(outDir, name) };
        const base = file.composition?.patches.length === 0 ? appendedTo(file) : undefined;
        const content = { size, sha256, ...(base !== undefined && { base }) };
        pending.set(name, { ...place, ...content, meta: stored.meta, file });
      }
    }
  }
  for (const name of pending.keys()) {
    const folder = foldersOf(name).find((candidate) => pending.has(candidate) || candidate === manifestName);
    if (folder !== undefined) throw collision(`Steps make both ${folder} and ${name}`);
  }
  return [...pending.values()];
}

function collision(message: string): SbpError {
  return new SbpError("SBP_OUTPUT_COLLISION", message, { hint: "Give one of them another output name." });
}

/** True when the output is there as it was left. Throws when something stands in its way. */
function isInPlace({ path, sha256, file }: Pending, { state }: BuildSession): boolean {
  const present = entryStat(path);
  if (present?.isDirectory) throw inTheWay(path);
  const last = state.published(path);
  if (!present || !last || last.sha256 !== sha256 || last.executable !== file.executable) return false;
  return sameStat(present, last.stat);
}

async function makeBeside(
  changed: readonly Pending[],
  places: ReadonlySet<string>,
  { store, earlyCopies }: BuildSession,
): Promise<void> {
  for (const folder of new Set(changed.map(({ path }) => dirname(path)))) {
    await makeFolder(folder);
    await removeLeftovers(folder);
  }
  const limit = new Limit(copiesAtOnce);
  const copies = changed.map((output) =>
    limit.run(async () => {
      const mode = output.file.executable ? 0o755 : 0o644;
      const base = appendedTo(output.file);
      const early = base && (await earlyCopies.take(output.path, base, (path) => places.has(path)));
      output.temporary = early ?? temporaryName(output.path);
      if (early) await store.blobs.finish(output.file, early, mode);
      else await store.blobs.copy(output.file, output.temporary, mode);
    }),
  );
  // None may still be at work when the half-made files are removed.
  for (const copy of await Promise.allSettled(copies)) if (copy.status === "rejected") throw copy.reason;
}

async function putInPlace(
  { temporary, kind, target, path, sha256, file: { executable, composition } }: Pending,
  { state, store }: BuildSession,
): Promise<void> {
  const published = { sha256, executable, artifact: artifactName(kind, target) };
  if (!composition) {
    await rename(temporary!, path);
    return remember(path, published, state);
  }
  const last = state.published(path);
  const isKept = last?.base !== undefined && (await store.spares.keep(path, last.stat));
  await rename(temporary!, path);
  const spare = isKept ? spareOf(last!, store.spares.stat(path)) : undefined;
  const patched = composition.patches.map(({ offset, bytes }) => ({
    offset,
    length: Buffer.byteLength(bytes, "base64"),
  }));
  const base = composition.base.sha256;
  remember(path, { ...published, base, patched, ...(spare && { spare }) }, state);
}

function spareOf({ base, patched = [] }: PublishedFile, stat: FileStat | undefined): Spare | undefined {
  return base !== undefined && stat ? { base, patched, stat } : undefined;
}

/**
 * Files of images are named by their digests, so that those of the last build would stay for ever. In folders that hold nothing
 * else, what we put there, and nobody touched, goes when it is of no image any more: to be the spare of the one that is made of the
 * same base.
 */
async function removeReplaced(
  outputs: readonly Pending[],
  places: ReadonlySet<string>,
  { state, store: { spares } }: BuildSession,
): Promise<void> {
  const isInLayout = ({ path, meta: { layout } }: Pending) =>
    typeof layout === "string" && path.includes(`${sep}${layout}${sep}`);
  const folders = new Set(outputs.filter(isInLayout).map(({ path }) => dirname(path)));
  for (const output of outputs) if (!isInLayout(output)) folders.delete(dirname(output.path));
  for (const [path, last] of [...folders].flatMap((folder) => state.publishedIn(folder))) {
    if (places.has(path)) continue;
    const present = entryStat(path);
    if (present && sameStat(present, last.stat)) {
      const successor = outputs.find(
        ({ file, temporary }) => temporary && last.base !== undefined && appendedTo(file) === last.base,
      )?.path;
      const isKept = successor !== undefined && (await spares.keep(path, last.stat, successor));
      await rm(path, { force: true });
      const spare = isKept && spareOf(last, spares.stat(successor));
      const published = isKept && state.published(successor);
      if (spare && published) state.setPublished(successor, { ...published, spare });
    }
    state.forgetPublished(path);
  }
}

/** The hash of what a file is a copy of, but for its tail; undefined for other files. */
function appendedTo({ composition }: StoredFile): string | undefined {
  return composition?.base.sha256;
}

function remember(path: string, file: Omit<PublishedFile, "stat">, state: ProjectState): void {
  const present = entryStat(path);
  if (present) state.setPublished(path, { ...file, stat: keptStat(present) });
}

function isFolder(path: string): boolean {
  return entryStat(path)?.isDirectory ?? false;
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
    const maker = makerOfTemporary(name);
    if (maker === undefined) continue;
    const path = join(folder, name);
    const touched = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
    if (isGone(maker, touched)) await rm(path, { force: true });
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
  const present = entryStat(path);
  const hash = sha256(text);
  if (present && last?.sha256 === hash && sameStat(present, last.stat)) return path;
  const isSame = present?.isFile === true && (await readFile(path, "utf8")) === text;
  if (!isSame) await writeFileAtomic(path, text);
  remember(path, { sha256: hash, executable: false }, session.state);
  return path;
}

function inTheWay(path: string): SbpError {
  return new SbpError("SBP_OUTPUT_NOT_WRITABLE", `A folder stands where the output ${basename(path)} goes`, {
    location: { file: path },
    hint: 'Move it away, or set "outDir" in sbp.config.json.',
  });
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
