import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Artifact, ArtifactFile, FileParts } from "../artifact.ts";
import { SbpError } from "../error.ts";
import { sha256 } from "../hash.ts";
import { canonicalJson, type Json } from "../json.ts";
import type { Blobs } from "./blobs.ts";
import type { StoredArtifact, StoredFile } from "./stored-file.ts";

/** Bytes: what is read in less time than it takes to ask another thread to. */
const smallFile = 64 << 10;

/** SHA-256 over everything a consumer can see of an artifact. `files` must be sorted by path. */
export function artifactDigest(artifact: Omit<StoredArtifact, "digest">): string {
  const files = artifact.files.map(({ path, executable, size, sha256 }) => ({
    path,
    executable,
    size,
    sha256,
  }));
  return sha256(canonicalJson({ kind: artifact.kind, meta: artifact.meta, files: files as unknown as Json }));
}

/** An artifact as steps see it, backed by the store. */
export class ArtifactInStore implements Artifact {
  readonly stored: StoredArtifact;
  readonly #blobs: Blobs;

  constructor(stored: StoredArtifact, blobs: Blobs) {
    this.stored = stored;
    this.#blobs = blobs;
  }

  get kind() {
    return this.stored.kind;
  }
  get digest() {
    return this.stored.digest;
  }
  get meta() {
    return this.stored.meta;
  }
  get files(): readonly ArtifactFile[] {
    return this.stored.files;
  }

  /** Throws SBP_ARTIFACT_FILE when the artifact has no such file. */
  storedFile(path: string): StoredFile {
    const file = this.stored.files.find((candidate) => candidate.path === path);
    if (file) return file;
    const names = this.stored.files.map((candidate) => candidate.path).join(", ");
    throw new SbpError(
      "SBP_ARTIFACT_FILE",
      `The ${this.kind} artifact has no file "${path}", only ${names || "none"}`,
    );
  }

  async path(file: string): Promise<string> {
    return this.#blobs.materialize(this.storedFile(file));
  }

  async copy(file: string, destination: string): Promise<void> {
    const stored = this.storedFile(file);
    await this.#blobs.copy(stored, destination, stored.executable ? 0o755 : 0o644);
  }

  async read(file: string): Promise<Buffer> {
    const path = await this.path(file);
    return this.storedFile(file).size <= smallFile ? readFileSync(path) : readFile(path);
  }

  async parts(file: string): Promise<FileParts | undefined> {
    const { composition } = this.storedFile(file);
    if (!composition || composition.patches.length > 0) return undefined;
    const { base, tail } = composition;
    const path = await this.#blobs.materialize({ ...tail, path: file, blob: tail });
    return { baseSha256: base.sha256, tail: await readFile(path) };
  }
}
