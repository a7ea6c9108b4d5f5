import type { ArtifactFile, ArtifactKind } from "../artifact.ts";
import type { Diagnostic } from "../error.ts";
import type { FileStat } from "../file-stat.ts";
import type { Input } from "../inputs.ts";
import type { JsonObject } from "../json.ts";

/** Names a blob: the hash of its bytes, and whether it may be executed. */
export interface BlobId {
  readonly sha256: string;
  readonly executable: boolean;
}

/** A blob with what is needed to trust it without reading it. */
export interface StoredBlob extends BlobId {
  readonly size: number;
  /** Its stat when it was published or last hashed. */
  readonly stat: FileStat;
}

/** The stat of a blob that is not in the store, but where the result came from. */
export function elsewhere(size: number): FileStat {
  return { size, inode: "elsewhere", modified: "0", changed: "0" };
}

export function isElsewhere({ stat }: StoredBlob): boolean {
  return stat.inode === "elsewhere";
}

/** A file kept as another file's bytes, with some replaced, and a tail. */
export interface StoredComposition {
  readonly base: StoredBlob;
  readonly patches: readonly { readonly offset: number; readonly bytes: string }[];
  readonly tail: StoredBlob;
}

/** Where the bytes of a file are. */
export type StoredContent =
  | { readonly blob: StoredBlob; readonly composition?: never }
  | { readonly composition: StoredComposition; readonly blob?: never };

/** A file of an artifact, and where its bytes are. */
export type StoredFile = ArtifactFile & StoredContent;

/** An artifact as an action record keeps it. */
export interface StoredArtifact {
  readonly kind: ArtifactKind;
  readonly digest: string;
  readonly meta: JsonObject;
  readonly files: readonly StoredFile[];
}

/** The outcome of an action under one state of its discovered inputs. */
export interface Trace {
  /** SHA-256 over the inputs. */
  readonly id: string;
  readonly inputs: readonly Input[];
  readonly artifacts: readonly StoredArtifact[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A trace in a record. */
export interface StoredTrace extends Trace {
  /** SHA-256 over all of the trace: see `checkOf`. */
  readonly check: string;
}

/** Everything known about one fingerprint. */
export interface ActionRecord {
  readonly fingerprint: string;
  readonly plugin: string;
  readonly step: string;
  readonly target?: string;
  /** Newest first. */
  readonly traces: readonly StoredTrace[];
}

/** The blobs that a stored file needs. */
export function blobsOf(file: StoredContent): readonly StoredBlob[] {
  return file.blob ? [file.blob] : [file.composition.base, file.composition.tail];
}
