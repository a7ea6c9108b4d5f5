import { basename, dirname } from "node:path";
import type { BuildResult, OutputBase } from "@sbp/core";
import type { Blob, EarlyUpload } from "@sbp/oci";
import type { RegistryClients } from "./registry-clients.ts";

/**
 * Layers whose upload begins while their image is being built: what a layer of the last image began with, that of the next one most
 * often does. Where nothing was built before, nothing begins: the registry may have it all.
 */
export class EarlyLayers {
  readonly #clients: RegistryClients;
  /** By the base's SHA-256. */
  readonly #uploads = new Map<string, EarlyUpload>();

  constructor(clients: RegistryClients) {
    this.#clients = clients;
  }

  /** Begins with the base of a layer, if that is large enough for it to be worth anything. Never fails. */
  async begin({ output, path, size, sha256 }: OutputBase, reference: string): Promise<void> {
    const isBlob = basename(dirname(output)) === "sha256" && basename(dirname(dirname(output))) === "blobs";
    if (!isBlob || size < smallest) return;
    const oci = await import("@sbp/oci");
    try {
      const { registry, repository } = oci.parseReference(reference);
      const client = this.#clients.of(registry, oci);
      if (!this.#uploads.has(sha256))
        this.#uploads.set(
          sha256,
          client.uploadEarly({ registry, repository }, oci.fileContent(path, { size })),
        );
    } catch {
      // What is wrong with the reference is told when the image is pushed.
    }
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
