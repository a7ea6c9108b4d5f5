import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Blob } from "./blob.ts";
import { type Content, fileContent, readAll } from "./content.ts";
import { type Descriptor, list, longestDocument, parseDescriptor, parseJson } from "./descriptor.ts";
import { digestHex, verified } from "./digest.ts";
import { malformed, OciError, unsupported } from "./error.ts";
import { type Image, type ImageIndex, manifestDescriptor } from "./image.ts";
import { type BlobSource, readManifest } from "./manifest.ts";
import { mediaTypes } from "./media-type.ts";

/** A manifest and the names that it goes by in a layout or an archive. */
export interface NamedManifest {
  readonly manifest: Image | ImageIndex;
  /** A tag, or a whole reference. */
  readonly name?: string | undefined;
}

export const layoutFile = JSON.stringify({ imageLayoutVersion: "1.0.0" });

/** Everything that a manifest needs, what others need first: configs and layers, then images, then indexes. Each once. */
export function blobsOf(manifests: readonly (Image | ImageIndex)[]): Blob[] {
  const found = new Map<string, Blob>();
  const visit = (manifest: Image | ImageIndex): void => {
    if (manifest.kind === "index") for (const child of manifest.manifests) visit(child);
    else for (const blob of [...manifest.layers, manifest.config]) found.set(blob.digest, blob);
    found.set(manifest.digest, manifest);
  };
  for (const manifest of manifests) visit(manifest);
  return [...found.values()];
}

/** The bytes of `index.json`. */
export function encodeLayoutIndex(named: readonly NamedManifest[]): string {
  const manifests = named.map(({ manifest, name }) => ({
    ...manifestDescriptor(manifest),
    annotations: name === undefined ? undefined : nameAnnotations(name),
  }));
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
}

/** What skopeo and podman look for is the tag, what containerd and Docker look for the whole reference. */
function nameAnnotations(name: string): Record<string, string> {
  const tag = /:([\w][\w.-]{0,127})$/.exec(name)?.[1];
  const whole: Record<string, string> = tag ? { "io.containerd.image.name": name } : {};
  return { ...whole, "org.opencontainers.image.ref.name": tag ?? name };
}

/**
 * An OCI image layout (image-spec, "Image Layout") in a folder that is new or empty. Every blob's digest is checked on
 * the way; index.json comes last, so that what is not complete is no layout.
 *
 * @throws OciError OCI_DIGEST_MISMATCH; what the file system says.
 */
export async function writeLayout(
  folder: string,
  named: readonly NamedManifest[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await mkdir(join(folder, "blobs/sha256"), { recursive: true });
  for (const blob of blobsOf(named.map(({ manifest }) => manifest))) {
    const path = join(folder, "blobs/sha256", digestHex(blob.digest));
    await writeWhole(path, verified(blob.content.read(), blob), signal);
  }
  await writeFile(join(folder, "oci-layout"), layoutFile);
  await writeWhole(join(folder, "index.json"), [Buffer.from(encodeLayoutIndex(named))], signal);
}

/** A file that is there when all of it is. */
export async function writeWhole(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const work = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(work, "wx");
    try {
      for await (const chunk of chunks) {
        signal?.throwIfAborted();
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
    await rename(work, path);
  } catch (error) {
    await rm(work, { force: true });
    throw error;
  }
}

/** What a layout or an archive holds. */
export interface ImageStore extends BlobSource {
  /** The entries of `index.json`. */
  readonly entries: readonly Descriptor[];
}

/** @throws OciError OCI_NOT_FOUND where no layout is, OCI_MALFORMED, OCI_UNSUPPORTED, OCI_TOO_LARGE */
export async function openLayout(folder: string): Promise<ImageStore> {
  const file = async (name: string): Promise<Buffer> => {
    const content = await plainFile(join(folder, name), name);
    return readAll(content.read(), longestDocument, name);
  };
  checkLayoutFile(await file("oci-layout"));
  const entries = parseLayoutIndex(await file("index.json"));
  return {
    entries,
    // Digests have no characters that could lead elsewhere.
    blob: ({ digest }) => plainFile(join(folder, "blobs/sha256", digestHex(digest)), digest),
  };
}

export function checkLayoutFile(bytes: Uint8Array): void {
  const version = parseJson(bytes, "oci-layout")["imageLayoutVersion"];
  if (version !== "1.0.0")
    throw unsupported(`layouts are understood in version 1.0.0, not ${JSON.stringify(version)}`);
}

export function parseLayoutIndex(bytes: Uint8Array): Descriptor[] {
  const value = parseJson(bytes, "index.json");
  return list(value["manifests"], "manifests of index.json").map((item) =>
    parseDescriptor(item, "an entry of index.json"),
  );
}

/** A regular file and no link, which could lead anywhere. */
async function plainFile(path: string, what: string): Promise<Content> {
  try {
    const { size } = await lstat(path);
    const file = await open(
      path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    try {
      if (!(await file.stat()).isFile()) throw malformed(`${what} is no regular file`);
    } finally {
      await file.close();
    }
    return fileContent(path, { size });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new OciError("OCI_NOT_FOUND", `the layout has no ${what}`, { cause: error });
    if (code === "ELOOP" || code === "EMLINK") throw malformed(`${what} is a link`);
    throw error;
  }
}

/**
 * What a store holds under a tag or reference; without one, the only thing that it holds.
 *
 * @throws OciError OCI_NOT_FOUND, and what `readManifest` throws
 */
export async function openImage(store: ImageStore, name?: string): Promise<Image | ImageIndex> {
  const nameKeys = ["org.opencontainers.image.ref.name", "io.containerd.image.name"];
  const fits = store.entries.filter(
    ({ annotations }) => name === undefined || nameKeys.some((key) => annotations?.[key] === name),
  );
  const [found] = fits;
  if (!found)
    throw new OciError(
      "OCI_NOT_FOUND",
      name === undefined ? "no image is there" : `no image ${name} is there`,
    );
  if (new Set(fits.map(({ digest }) => digest)).size > 1)
    throw new OciError("OCI_NOT_FOUND", `several images are there; give the name of one`);
  return readManifest(store, found);
}
