import type { Artifact, JsonObject, RunContext } from "@sbp/core";
import {
  blobsOf,
  bytesContent,
  type Content,
  createIndex,
  digestHex,
  encodeLayoutIndex,
  fileContent,
  type Image,
  type ImageIndex,
  isDigest,
  layoutFile,
  mediaTypes,
  platformName,
  readManifest,
  writeArchive,
} from "@sbp/oci";
import { namedBy } from "./names.ts";
import type { ImageStepOptions } from "./options.ts";

/** An image of a lane, in the artifact that has its blobs. */
interface LaneImage {
  readonly target: string;
  readonly artifact: Artifact;
  readonly image: Image;
}

/**
 * Puts the images of all lanes under one index, from which each machine takes its own; a single one stands for itself. The
 * result is one OCI layout, whose blobs the store has already.
 */
export async function runIndex({
  lanes,
  options,
  signal,
  write,
}: RunContext<ImageStepOptions>): Promise<void> {
  const images: LaneImage[] = [];
  for (const [target, { image: artifact }] of lanes)
    if (artifact && artifact.files.length > 0)
      images.push({ target, artifact, image: await readImage(artifact) });
  const [first] = images;
  if (!first) {
    await write("image-index", {}, () => {});
    return;
  }
  // Older Docker takes the first of an archive for the one to name.
  images.sort((a, b) => (platformOf(a) < platformOf(b) ? -1 : 1));
  const manifest = together(images.map(({ image }) => image));
  const folder = String(first.artifact.meta["layout"]);
  const { repository, tags, archive, push } = options;
  const meta: JsonObject = {
    digest: manifest.digest,
    layout: folder,
    images: images.map(({ target, image }) => ({ target, digest: image.digest })),
    tags: [...tags],
    ...(repository !== undefined && { repository }),
    ...(push && { push }),
  };
  const named = namedBy(manifest, options);
  await write("image-index", meta, async (out) => {
    for (const { digest, content } of blobsOf([manifest])) {
      const file = `blobs/sha256/${digestHex(digest)}`;
      const holder = images.find(({ artifact }) => blobPath(artifact, digest) !== undefined);
      if (holder)
        await out.file(`${folder}/${file}`, {
          artifact: holder.artifact,
          file: blobPath(holder.artifact, digest)!,
        });
      else {
        const chunks: Uint8Array[] = [];
        for await (const chunk of content.read()) chunks.push(chunk);
        await out.file(`${folder}/${file}`, Buffer.concat(chunks));
      }
    }
    await out.file(`${folder}/index.json`, encodeLayoutIndex(named));
    await out.file(`${folder}/oci-layout`, layoutFile);
    if (archive)
      await writeArchive(await out.reserve(`${folder.replace(/\.oci$/, "")}.tar`), named, { signal });
  });
}

const platformOf = ({ image }: LaneImage) => (image.platform ? platformName(image.platform) : "");

/** Its annotations are those of the images: what they say is of the app. */
function together(images: readonly Image[]): Image | ImageIndex {
  const [first] = images;
  if (images.length === 1) return first!;
  const { annotations } = first!;
  return createIndex({ manifests: images, ...(annotations && { annotations }) });
}

/** The path of a blob in an image's artifact; undefined if it has none. */
function blobPath({ files, meta }: Artifact, digest: string): string | undefined {
  const path = `${meta["layout"]}/blobs/${digest.replace(":", "/")}`;
  return files.some((file) => file.path === path) ? path : undefined;
}

async function readImage(artifact: Artifact): Promise<Image> {
  const { digest } = artifact.meta;
  if (!isDigest(digest)) throw new TypeError("the image has no digest");
  const size = artifact.files.find(({ path }) => path === blobPath(artifact, digest))!.size;
  const found = await readManifest(
    { blob: async (wanted) => storedContent(artifact, blobPath(artifact, wanted.digest)!) },
    { mediaType: mediaTypes.manifest, digest, size },
  );
  if (found.kind !== "image") throw new TypeError("the image is an index");
  return found;
}

/** Bytes that the store puts together when they are read: only archives read those of layers. */
function storedContent(artifact: Artifact, file: string): Content {
  const { size } = artifact.files.find(({ path }) => path === file)!;
  if (size < 1 << 20)
    return {
      size,
      async *read(start, end) {
        yield* bytesContent(await artifact.read(file)).read(start, end);
      },
    };
  return {
    size,
    async *read(start, end) {
      yield* fileContent(await artifact.path(file), { size }).read(start, end);
    },
  };
}
