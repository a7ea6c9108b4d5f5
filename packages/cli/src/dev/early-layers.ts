import { basename } from "node:path";
import type { BuildResult, OutputBase } from "@sbp/core";
import type { Blob, EarlyUpload, RegistryClient } from "@sbp/oci";

/**
 * Layers whose upload begins while their image is being built: what the last image's layer began with, the next one's most often does.
 * Uploads by the base's SHA-256.
 */
export class EarlyLayers {
  readonly #uploads = new Map<string, EarlyUpload>();

  /** Begins with a base that is large enough for it to be worth anything. */
  begin(
    { path, size, sha256 }: OutputBase,
    {
      client,
      name,
      oci,
    }: { readonly client: RegistryClient; readonly name: string; readonly oci: typeof import("@sbp/oci") },
  ): void {
    if (size < smallest || this.#uploads.has(sha256)) return;
    this.#uploads.set(sha256, client.uploadEarly(name, oci.fileContent(path, { size })));
  }

  /** The upload of a blob of what was built. It is the caller's from then on. */
  take({ digest }: Blob, outputs: BuildResult["outputs"]): EarlyUpload | undefined {
    const base = outputs.find(({ path }) => basename(path) === digest.slice("sha256:".length))?.base;
    const upload = base === undefined ? undefined : this.#uploads.get(base);
    if (base !== undefined) this.#uploads.delete(base);
    return upload;
  }

  /** Breaks off what nobody has taken. */
  abandon(): void {
    for (const upload of this.#uploads.values()) upload.abandon();
    this.#uploads.clear();
  }
}

/** Bytes. */
const smallest = 1 << 20;
