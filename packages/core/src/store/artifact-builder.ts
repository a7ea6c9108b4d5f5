import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Artifact, ArtifactKind, ArtifactWriter, Composition, FileContent } from "../artifact.ts";
import { SbpError } from "../error.ts";
import { entryStat, fileStat, sameStat } from "../file-stat.ts";
import { sha256, sha256File } from "../hash.ts";
import { type JsonObject, normalJson } from "../json.ts";
import { Limit } from "../limit.ts";
import { temporaryName } from "../write-file-atomic.ts";
import { foldersOf, isArtifactPath } from "./artifact-path.ts";
import type { Blobs } from "./blobs.ts";
import { storeWork } from "./store-trouble.ts";
import { ArtifactInStore, artifactDigest } from "./stored-artifact.ts";
import type { StoredComposition, StoredFile } from "./stored-file.ts";

/** Bytes: files up to this size are read as a whole. */
const smallFile = 1 << 20;

/** Files that may be open at once, however many a plugin writes without waiting. */
const openFiles = 16;

interface Pending {
  readonly executable: boolean;
  /** Known when the writer saw the bytes pass. */
  readonly sha256?: string;
}

/** Collects the files of one artifact in a work folder, then moves them into the store. */
export class ArtifactBuilder implements ArtifactWriter {
  readonly #kind: ArtifactKind;
  readonly #workDir: string;
  readonly #blobs: Blobs;
  readonly #signal: AbortSignal;
  readonly #names = new Set<string>();
  readonly #folders = new Set<string>();
  readonly #limit = new Limit(openFiles);
  readonly #pending = new Map<string, Pending>();
  /** Those whose bytes the store has. */
  readonly #stored: StoredFile[] = [];
  /** What was begun, whether the plugin waits for it or not. */
  readonly #begun: Promise<unknown>[] = [];
  #isFinished = false;

  constructor(kind: ArtifactKind, workDir: string, blobs: Blobs, signal: AbortSignal) {
    this.#kind = kind;
    this.#workDir = workDir;
    this.#blobs = blobs;
    this.#signal = signal;
  }

  file(path: string, content: FileContent, options: { executable?: boolean } = {}): Promise<void> {
    const executable = options.executable ?? false;
    if (typeof content === "string" || content instanceof Uint8Array) {
      // Copied, since the plugin may use its buffer again before the bytes are on the disk.
      const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content);
      return this.#begin(path, async (absolute) => {
        await storeWork(() => writeFile(absolute, bytes, { signal: this.#signal }));
        this.#pending.set(path, { executable, sha256: sha256(bytes) });
      });
    }
    if ("artifact" in content) return this.#passOn(path, content, executable);
    if ("copyOf" in content) {
      return this.#begin(path, async (absolute) => {
        const { size } = await stat(content.copyOf);
        if (size <= smallFile) {
          // Of a thousand files of packages, most are in the store already.
          const blob = await this.#blobs.add(await readFile(content.copyOf), executable);
          this.#stored.push({ path, executable, size: blob.size, sha256: blob.sha256, blob });
          return;
        }
        await copyFile(content.copyOf, absolute);
        this.#pending.set(path, { executable });
      });
    }
    // It may fail before anybody listens; the pipeline tells of it.
    content.on("error", () => {});
    const work = async (absolute: string) => {
      const hash = createHash("sha256");
      const tap = new Transform({
        transform(chunk, _encoding, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      await pipeline(content, tap, createWriteStream(absolute), { signal: this.#signal });
      this.#pending.set(path, { executable, sha256: hash.digest("hex") });
    };
    // Streams do not wait for one another: they may have a source in common.
    return this.#begin(path, work, false);
  }

  /** The store has the bytes already, unless under other permissions. */
  #passOn(
    path: string,
    { artifact, file }: { readonly artifact: Artifact; readonly file: string },
    executable: boolean,
  ): Promise<void> {
    return this.#begin(path, async (absolute) => {
      const stored = artifact instanceof ArtifactInStore ? artifact.storedFile(file) : undefined;
      if (stored?.executable === executable) {
        this.#stored.push({ ...stored, path });
        return;
      }
      await copyFile(await artifact.path(file), absolute);
      this.#pending.set(path, { executable });
    });
  }

  reserve(path: string, options: { executable?: boolean } = {}): Promise<string> {
    return this.#begin(path, async (absolute) => {
      this.#pending.set(path, { executable: options.executable ?? false });
      return absolute;
    });
  }

  compose(path: string, composition: Composition, options: { executable?: boolean } = {}): Promise<void> {
    const tail = Buffer.concat(composition.tail);
    const patches = (composition.patches ?? []).map(({ offset, bytes }) => ({
      offset,
      bytes: Buffer.from(bytes).toString("base64"),
      end: offset + bytes.length,
    }));
    const { artifact, file } = composition.base;
    return this.#begin(path, async () => {
      if (!(artifact instanceof ArtifactInStore)) {
        throw mistake(`compose("${path}") needs an artifact that the step consumes as its base`);
      }
      const base = await this.#blobs.asBlob(artifact.storedFile(file));
      const wrong = patches.find(
        ({ offset, end }) => !Number.isSafeInteger(offset) || offset < 0 || end > base.size,
      );
      if (wrong) throw mistake(`compose("${path}") replaces bytes at ${wrong.offset}, outside of its base`);
      const composition: StoredComposition = {
        base,
        patches: patches.map(({ offset, bytes }) => ({ offset, bytes })),
        tail: await this.#blobs.add(tail, false),
      };
      this.#stored.push({
        path,
        executable: options.executable ?? false,
        size: base.size + tail.length,
        sha256: await this.#blobs.hash(composition, this.#signal),
        composition,
      });
    });
  }

  /** Takes the name at once, then does the work with the file's place in the work folder. */
  #begin<T>(path: string, work: (absolute: string) => Promise<T>, isLimited = true): Promise<T> {
    const begin = async () => {
      const absolute = join(this.#workDir, path);
      await storeWork(() => mkdir(dirname(absolute), { recursive: true }));
      return work(absolute);
    };
    const begun = (async () => {
      this.#take(path);
      return isLimited ? this.#limit.run(begin) : begin();
    })();
    // `finish` tells the error, should the plugin not look at it.
    begun.catch(() => {});
    this.#begun.push(begun);
    return begun;
  }

  #take(path: string): void {
    if (this.#isFinished) throw mistake(`"${path}" comes after the end of the ${this.#kind} artifact`);
    if (!isArtifactPath(path)) throw mistake(`"${path}" is not a relative path within the artifact`);
    if (this.#names.has(path)) throw mistake(`"${path}" was written twice to the ${this.#kind} artifact`);
    const folders = foldersOf(path);
    if (this.#folders.has(path) || folders.some((folder) => this.#names.has(folder))) {
      throw mistake(`"${path}" and another file of the ${this.#kind} artifact lie within one another`);
    }
    this.#names.add(path);
    for (const folder of folders) this.#folders.add(folder);
  }

  /** Moves everything into the store. */
  async finish(meta: JsonObject): Promise<ArtifactInStore> {
    // All have ended before the work folder goes, also when one of them has failed.
    while (this.#begun.length > 0) {
      const ended = await Promise.allSettled(this.#begun.splice(0));
      for (const one of ended) if (one.status === "rejected") throw one.reason;
    }
    this.#isFinished = true;
    const files = [...this.#stored];
    for (const [path, pending] of this.#pending) files.push(await this.#finished(path, pending));
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    // What JSON cannot carry would be there on the first build and gone on the second; and what has the same digest
    // must look the same.
    const plainMeta = normalJson(meta);
    if (typeof plainMeta !== "object" || plainMeta === null || Array.isArray(plainMeta)) {
      throw mistake(`The ${this.#kind} artifact's meta is no object`);
    }
    const artifact = { kind: this.#kind, meta: plainMeta, files };
    return new ArtifactInStore({ ...artifact, digest: artifactDigest(artifact) }, this.#blobs);
  }

  async #finished(path: string, { executable, sha256: known }: Pending): Promise<StoredFile> {
    let absolute = join(this.#workDir, path);
    const present = fileStat(absolute);
    if (!present?.isFile) {
      throw mistake(`"${path}" was announced for the ${this.#kind} artifact but never written`);
    }
    let hash = known;
    if (hash === undefined) {
      absolute = await ownFile(absolute);
      const before = fileStat(absolute);
      hash = await sha256File(absolute, this.#signal);
      const after = fileStat(absolute);
      if (!before || !after || !sameStat(before, after)) throw mistake(`"${path}" is still being written`);
    }
    const blob = await this.#blobs.adopt(absolute, { sha256: hash, executable });
    return { path, executable, size: blob.size, sha256: hash, blob };
  }
}

/** The file itself, or a copy where others have it too: what is a link could change, and belongs to somebody. */
async function ownFile(path: string): Promise<string> {
  const entry = entryStat(path);
  if (entry?.isFile && entry.links === 1) return path;
  const copy = temporaryName(path);
  await copyFile(path, copy);
  return copy;
}

function mistake(message: string): SbpError {
  return new SbpError("SBP_PLUGIN_OUTPUT", message);
}
