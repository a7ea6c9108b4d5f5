import { bytesContent, type Content } from "../content.ts";
import { type Descriptor, list } from "../descriptor.ts";
import type { Digest } from "../digest.ts";
import { malformed, OciError } from "../error.ts";
import type { Image, ImageIndex } from "../image.ts";
import { readManifest } from "../manifest.ts";
import { parseReference, type Reference, referenceName } from "../reference.ts";
import { pullScope } from "./blobs.ts";
import { EarlyUpload } from "./early-upload.ts";
import { getManifest, headManifest } from "./manifests.ts";
import { readPages } from "./pages.ts";
import { type PushOptions, type PushResult, pushManifest } from "./push.ts";
import { listReferrers } from "./referrers.ts";
import { remoteBlob } from "./remote-blob.ts";
import { Session, type SessionOptions } from "./session.ts";

/**
 * Registries by the OCI distribution-spec 1.1. What they answer is checked: sizes are bounded, digests are computed. Every
 * method takes a reference as text (`registry.example/acme/health:1.2.0`) or in its parts.
 *
 * Methods throw OciError: OCI_UNAUTHORIZED, OCI_DENIED, OCI_UNREACHABLE, OCI_REGISTRY_FAILED, OCI_INSECURE,
 * OCI_CREDENTIALS_INVALID, OCI_REFERENCE_INVALID, and for what an answer holds OCI_MALFORMED, OCI_TOO_LARGE,
 * OCI_UNSUPPORTED, OCI_DIGEST_MISMATCH.
 */
export class RegistryClient {
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, Session>();

  constructor(options: SessionOptions = {}) {
    this.#options = options;
  }

  /** What a reference stands for, or undefined when it stands for nothing. */
  async resolve(
    reference: string | Reference,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Descriptor | undefined> {
    const { session, repository, name } = this.#at(reference);
    return headManifest(session, repository, name, { signal });
  }

  /**
   * An image or index, whose layers are fetched when they are read.
   *
   * @throws OciError OCI_NOT_FOUND too
   */
  async pull(
    reference: string | Reference,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Image | ImageIndex> {
    const { session, repository, name, text } = this.#at(reference);
    const found = await getManifest(session, repository, name, signal);
    if (!found) throw new OciError("OCI_NOT_FOUND", `there is no ${text}`, { status: 404 });
    const { mediaType, digest, bytes } = found;
    const source = {
      blob: async (descriptor: Descriptor) => remoteBlob(session, repository, descriptor, signal),
      manifest: async (descriptor: Descriptor) => {
        const child =
          descriptor.digest === digest
            ? found
            : await getManifest(session, repository, descriptor.digest, signal);
        if (!child)
          throw new OciError("OCI_NOT_FOUND", `${text} names ${descriptor.digest}, which is not there`);
        return bytesContent(child.bytes);
      },
    };
    return readManifest(source, { mediaType, digest, size: bytes.length });
  }

  /**
   * Brings an image, index or artifact to a registry. The reference names one tag, or none: then the digest alone leads
   * to it. More tags come in `tags`.
   *
   * @throws OciError OCI_TAG_IMMUTABLE too
   */
  async push(
    manifest: Image | ImageIndex,
    reference: string | Reference,
    options: PushOptions & { readonly tags?: readonly string[] } = {},
  ): Promise<PushResult> {
    const { session, repository, parsed } = this.#at(reference);
    if (parsed.digest !== undefined && parsed.digest !== manifest.digest)
      throw new OciError(
        "OCI_DIGEST_MISMATCH",
        `${parsed.digest} is to be pushed, but it is ${manifest.digest}`,
      );
    const names = [...(parsed.tag === undefined ? [] : [parsed.tag]), ...(options.tags ?? [])];
    // Checked like those of references.
    for (const tag of names) parseReference(`${repository}:${tag}`);
    return pushManifest(session, repository, manifest, [...new Set(names)], options);
  }

  /** Begins to upload a blob of which only the start is there: for `early` of a push to the same repository, or to be abandoned. */
  uploadEarly(reference: string | Reference, start: Content): EarlyUpload {
    const { session, repository } = this.#at(reference);
    return new EarlyUpload(session, repository, start);
  }

  /** What refers to a manifest, of one artifact type or all. Empty where nothing does. */
  async referrers(
    reference: string | Reference,
    digest: Digest,
    options: { readonly artifactType?: string; readonly signal?: AbortSignal } = {},
  ): Promise<Descriptor[]> {
    const { session, repository } = this.#at(reference);
    return listReferrers(session, repository, digest, options);
  }

  /** All tags of a repository, by the order of their characters. Empty for a repository that is not there. */
  async tags(
    reference: string | Reference,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<string[]> {
    const { session, repository } = this.#at(reference);
    const pages = await readPages(session, `/v2/${repository}/tags/list`, [pullScope(repository)], signal);
    const found = (pages ?? []).flatMap(({ tags }) =>
      list(tags ?? [], "a list of tags").map((tag) => {
        if (typeof tag !== "string") throw malformed("a list of tags has one that is no text");
        return tag;
      }),
    );
    return found.toSorted();
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
    this.#sessions.clear();
  }

  #at(reference: string | Reference) {
    const parsed = typeof reference === "string" ? parseReference(reference) : reference;
    const { registry, repository, tag, digest } = parsed;
    let session = this.#sessions.get(registry);
    if (!session) {
      session = new Session(registry, this.#options);
      this.#sessions.set(registry, session);
    }
    return { session, repository, parsed, name: digest ?? tag ?? "latest", text: referenceName(parsed) };
  }
}
