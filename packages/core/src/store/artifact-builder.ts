import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ArtifactKind, ArtifactWriter, Composition, FileContent } from "../artifact.ts";
import { SbpError } from "../error.ts";
import { sha256, sha256File } from "../hash.ts";
import type { JsonObject } from "../json.ts";
import { resumeHash } from "../resumable-sha256.ts";
import type { Blobs } from "./blobs.ts";
import { copyByRecipe } from "./copy-file.ts";
import { ArtifactInStore, artifactDigest } from "./stored-artifact.ts";
import type { StoredFile } from "./stored-file.ts";

/** Beyond this much tail, one OpenSSL pass over the whole file is quicker than the resumable hash over the tail. */
const resumableTailLimit = 24 << 20;

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
  readonly #pending = new Map<string, Pending>();
  readonly #composed: StoredFile[] = [];

  constructor(kind: ArtifactKind, workDir: string, blobs: Blobs, signal: AbortSignal) {
    this.#kind = kind;
    this.#workDir = workDir;
    this.#blobs = blobs;
    this.#signal = signal;
  }

  async file(path: string, content: FileContent, options: { executable?: boolean } = {}): Promise<void> {
    const absolute = await this.#place(path);
    const executable = options.executable ?? false;
    if (typeof content === "string" || content instanceof Uint8Array) {
      await writeFile(absolute, content, { signal: this.#signal });
      this.#pending.set(path, { executable, sha256: sha256(content) });
    } else if ("copyOf" in content) {
      await copyFile(content.copyOf, absolute);
      this.#pending.set(path, { executable });
    } else {
      const hash = createHash("sha256");
      const tap = new Transform({
        transform(chunk, _encoding, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      await pipeline(content, tap, createWriteStream(absolute), { signal: this.#signal });
      this.#pending.set(path, { executable, sha256: hash.digest("hex") });
    }
  }

  async reserve(path: string, options: { executable?: boolean } = {}): Promise<string> {
    const absolute = await this.#place(path);
    this.#pending.set(path, { executable: options.executable ?? false });
    return absolute;
  }

  async compose(
    path: string,
    composition: Composition,
    options: { executable?: boolean } = {},
  ): Promise<void> {
    await this.#place(path);
    const { artifact, file } = composition.base;
    if (!(artifact instanceof ArtifactInStore)) {
      throw new SbpError(
        "SBP_PLUGIN_OUTPUT",
        `compose("${path}") needs an artifact that the step consumes as its base`,
      );
    }
    const base = await this.#blobs.asBlob(artifact.storedFile(file));
    const patches = composition.patches ?? [];
    for (const { offset, bytes } of patches) {
      if (!Number.isSafeInteger(offset) || offset < 0 || offset + bytes.length > base.size) {
        throw new SbpError(
          "SBP_PLUGIN_OUTPUT",
          `compose("${path}") replaces bytes at ${offset}, outside of its base`,
        );
      }
    }
    const tailSize = composition.tail.reduce((sum, bytes) => sum + bytes.length, 0);
    const tail = await this.#blobs.add(Buffer.concat(composition.tail, tailSize), false);
    const recipe = { base: this.#blobs.path(base), patches, tail: [{ path: this.#blobs.path(tail) }] };
    const hash =
      patches.length === 0 && tailSize <= resumableTailLimit
        ? await resumeHash(await this.#blobs.hashState(base), composition.tail)
        : await this.#hashOf(recipe);
    this.#composed.push({
      path,
      executable: options.executable ?? false,
      size: base.size + tailSize,
      sha256: hash,
      composition: {
        base,
        patches: patches.map(({ offset, bytes }) => ({
          offset,
          bytes: Buffer.from(bytes).toString("base64"),
        })),
        tail,
      },
    });
  }

  async #hashOf(recipe: Parameters<typeof copyByRecipe>[0]): Promise<string> {
    const whole = join(this.#workDir, "..", "composed");
    await copyByRecipe(recipe, whole, 0o600);
    const hash = await sha256File(whole, this.#signal);
    await rm(whole);
    return hash;
  }

  /** Checks the name, makes its folder and gives its place in the work folder. */
  async #place(path: string): Promise<string> {
    const clean =
      path !== "" &&
      posix.normalize(path) === path &&
      !posix.isAbsolute(path) &&
      !path.startsWith("..") &&
      !/[\\\0]/.test(path) &&
      !path.endsWith("/") &&
      path !== ".";
    if (!clean) {
      throw new SbpError("SBP_PLUGIN_OUTPUT", `"${path}" is not a relative path within the artifact`);
    }
    if (this.#pending.has(path) || this.#composed.some((file) => file.path === path)) {
      throw new SbpError("SBP_PLUGIN_OUTPUT", `"${path}" was written twice to the ${this.#kind} artifact`);
    }
    const absolute = join(this.#workDir, path);
    await mkdir(dirname(absolute), { recursive: true });
    return absolute;
  }

  /** Moves everything into the store. */
  async finish(meta: JsonObject): Promise<ArtifactInStore> {
    const files = [...this.#composed];
    for (const [path, { executable, sha256: known }] of this.#pending) {
      const absolute = join(this.#workDir, path);
      const present = await stat(absolute).catch(() => undefined);
      if (!present?.isFile()) {
        throw new SbpError(
          "SBP_PLUGIN_OUTPUT",
          `"${path}" was announced for the ${this.#kind} artifact but never written`,
        );
      }
      const hash = known ?? (await sha256File(absolute, this.#signal));
      const blob = await this.#blobs.adopt(absolute, { sha256: hash, executable });
      files.push({ path, executable, size: blob.size, sha256: hash, blob });
    }
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    // What JSON cannot carry would be there on the first build and gone on the second.
    const plainMeta = JSON.parse(JSON.stringify(meta)) as JsonObject;
    const artifact = { kind: this.#kind, meta: plainMeta, files };
    return new ArtifactInStore({ ...artifact, digest: artifactDigest(artifact) }, this.#blobs);
  }
}
