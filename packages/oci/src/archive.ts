import { open } from "node:fs/promises";
import { bytesContent, type Content, fileContent, readAll } from "./content.ts";
import { longestDocument } from "./descriptor.ts";
import { digestHex, verified } from "./digest.ts";
import { malformed, OciError } from "./error.ts";
import {
  blobsOf,
  checkLayoutFile,
  encodeLayoutIndex,
  type ImageStore,
  layoutFile,
  type NamedManifest,
  parseLayoutIndex,
  writeWhole,
} from "./layout.ts";
import { imagesOf } from "./manifest.ts";
import type { TarEntry } from "./tar-entry.ts";
import { readTar } from "./tar-read.ts";
import { writeTar } from "./tar-write.ts";

/**
 * A tar with an OCI layout, and with the `manifest.json` that `docker load` asks for: one file for both. Of an index, its
 * first image alone has the name there, since Docker's older stores know no indexes.
 *
 * @throws OciError OCI_DIGEST_MISMATCH; what the file system says.
 */
export async function writeArchive(
  path: string,
  named: readonly NamedManifest[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const blobs = blobsOf(named.map(({ manifest }) => manifest));
  const entries: TarEntry[] = [
    { type: "file", path: "oci-layout", content: layoutFile },
    { type: "file", path: "index.json", content: encodeLayoutIndex(named) },
    { type: "file", path: "manifest.json", content: encodeDockerManifest(named) },
    ...blobs.map((blob): TarEntry => {
      const content: Content = { size: blob.size, read: () => verified(blob.content.read(), blob) };
      return { type: "file", path: blobPath(blob.digest), content: [content] };
    }),
  ];
  await writeWhole(path, writeTar(entries), signal);
}

const blobPath = (digest: `sha256:${string}`) => `blobs/sha256/${digestHex(digest)}`;

function encodeDockerManifest(named: readonly NamedManifest[]): string {
  return JSON.stringify(
    named.flatMap(({ manifest, name }) =>
      imagesOf(manifest)
        .filter(({ platform }) => platform !== undefined)
        .map((image, at) => ({
          Config: blobPath(image.config.digest),
          // Docker takes whole references alone.
          RepoTags: at === 0 && name?.includes(":") ? [name] : null,
          Layers: image.layers.map(({ digest }) => blobPath(digest)),
        })),
    ),
  );
}

/**
 * Opens an uncompressed archive with an OCI layout in it. It is read once, for where its members are; their contents are
 * read in place, so the file must stay.
 *
 * @throws OciError OCI_MALFORMED, OCI_NOT_FOUND, OCI_UNSUPPORTED, OCI_TOO_LARGE
 */
export async function openArchive(path: string): Promise<ImageStore> {
  const members = new Map<string, Content>();
  const file = await open(path);
  try {
    const { size } = await file.stat();
    for await (const member of readTar(seekable(path, size))) {
      if (member.type !== "file") continue;
      if (members.has(member.path)) throw malformed(`the archive has ${JSON.stringify(member.path)} twice`);
      members.set(member.path, fileContent(path, { offset: member.offset, size: member.size }));
    }
  } finally {
    await file.close();
  }
  const document = async (name: string): Promise<Buffer> => {
    const content = members.get(name);
    if (!content) throw new OciError("OCI_NOT_FOUND", `the archive has no ${name}`);
    return readAll(content.read(), longestDocument, name);
  };
  checkLayoutFile(await document("oci-layout"));
  return {
    entries: parseLayoutIndex(await document("index.json")),
    async blob({ digest }) {
      const content = members.get(blobPath(digest));
      if (!content) throw new OciError("OCI_NOT_FOUND", `the archive has no ${digest}`);
      return content;
    },
  };
}

const seekable = (path: string, size: number) =>
  size === 0 ? bytesContent(new Uint8Array()).read() : fileContent(path, { size }).read();
