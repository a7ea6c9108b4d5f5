import type { Readable } from "node:stream";
import type { JsonObject } from "./json.ts";

/** Kinds the built-in plugins speak of; a plugin may use any other lower-case name. */
export type ArtifactKind =
  | "bundle"
  | "platform-packages"
  | "target-packages"
  | "runtime"
  | "host-runtime"
  | "template"
  | "executable"
  | "image-runtime"
  | "image-file"
  | "image-start"
  | "image-system"
  | "image-timezones"
  | "smoke"
  | "image"
  | "image-index"
  | "sbom"
  | "report"
  | "provenance"
  | (string & {});

/** One file of an artifact. */
export interface ArtifactFile {
  /** Relative to the artifact, with forward slashes. */
  readonly path: string;
  readonly executable: boolean;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content, 64 lower-case hex digits. */
  readonly sha256: string;
}

/** An immutable output of a step. */
export interface Artifact {
  readonly kind: ArtifactKind;
  /** SHA-256 over kind, files and meta: equal digests mean equal artifacts. */
  readonly digest: string;
  /** Sorted by path. */
  readonly files: readonly ArtifactFile[];
  /** What the plugin that made it tells its consumers. Part of the digest. */
  readonly meta: JsonObject;
  /** The absolute path of a file, to read only: it lies in the store. Throws for an unknown name. */
  path(file: string): Promise<string>;
  /** Copies a file to a place that does not exist, for what is needed once: the store keeps no further copy of it. */
  copy(file: string, destination: string): Promise<void>;
  /** The content of a (small) file. */
  read(file: string): Promise<Buffer>;
  /**
   * What a file consists of that was made by `compose` without patches; undefined for other files. It spares putting the file
   * together, for whoever has the base. Missing from artifacts that are in no store.
   */
  parts?(file: string): Promise<FileParts | undefined>;
}

/** A file that is another one with something behind it. */
export interface FileParts {
  /** SHA-256 of the base, 64 lower-case hex digits. */
  readonly baseSha256: string;
  readonly tail: Buffer;
}

/**
 * Content for a file of an artifact: bytes, text, a stream, a file to take over as it is (copied, never moved), or a
 * file of an artifact that the step consumes (which costs nothing, whatever its size).
 */
export type FileContent =
  | Uint8Array
  | string
  | Readable
  | { readonly copyOf: string }
  | { readonly artifact: Artifact; readonly file: string };

/**
 * A file made from another artifact's file by a copy in the kernel, some bytes replaced and a tail appended.
 * The store keeps only what differs, and hashing costs only the tail where nothing is replaced.
 */
export interface Composition {
  /** The artifact (as given to the step) and its file to start from. */
  readonly base: { readonly artifact: Artifact; readonly file: string };
  /** Bytes to replace in the base, at byte offsets within it. */
  readonly patches?: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  /** Appended behind the base. */
  readonly tail: readonly Uint8Array[];
}

/** How a step fills an artifact. Nothing of it is visible to others before the step has ended well. */
export interface ArtifactWriter {
  file(path: string, content: FileContent, options?: { executable?: boolean }): Promise<void>;
  compose(path: string, composition: Composition, options?: { executable?: boolean }): Promise<void>;
  /**
   * An absolute path in the engine's work directory for a program or library that writes files itself; the
   * file must exist when the artifact is finished.
   */
  reserve(path: string, options?: { executable?: boolean }): Promise<string>;
}
