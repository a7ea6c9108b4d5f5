/*
 * Images, wherever they are: a layout's folder, a tar of one, a registry. What is told is of each platform's image, and of the
 * executable that it starts, which is taken out of its layer into a file for that: readers of executables go back and forth.
 */
import { createWriteStream } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { exitCodes, SbpError } from "@sbp/core";
import type { Identified } from "@sbp/manifest";
import type { Image, OpenedImage } from "@sbp/oci";
import { type ImagePlace, isLayout, isTar, namesRegistry } from "@sbp/oci/places";

/** An image for one platform. */
export interface InspectedImage {
  /** `linux/amd64`, as images say it. */
  readonly platform: string;
  readonly digest: string;
  /** Of the layers as they are sent, in bytes. */
  readonly size: number;
  readonly layers: number;
  /** Name or number; absent for root. */
  readonly user?: string;
  readonly entrypoint: readonly string[];
  /** What it starts, where that is a file of the image and an executable. */
  readonly executable?: Identified & { readonly path: string };
}

export interface InspectImageOptions {
  readonly details: boolean;
  /** Speak to the registry without TLS. */
  readonly plainHttp: boolean;
  readonly signal: AbortSignal;
}

/** Bytes: what an executable of sbp can have at most. */
const largestExecutable = 5 * 2 ** 30;

/** Where an image of this name is; undefined where the name is of something else. `path` is absolute. */
export async function imagePlace(name: string, path: string): Promise<ImagePlace | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return (await isLayout(path)) ? "layout" : undefined;
  if (found?.isFile()) return (await isTar(path)) ? "tar" : undefined;
  return !found && namesRegistry(name) ? "registry" : undefined;
}

/** `name` is a path or, of a registry, a reference. Throws SBP_INSPECT_IMAGE, and ManifestError. */
export async function inspectImage(
  name: string,
  place: ImagePlace,
  options: InspectImageOptions,
): Promise<readonly InspectedImage[]> {
  const oci = await import("@sbp/oci");
  let opened: OpenedImage | undefined;
  try {
    opened = await oci.openPlace(name, place, options);
    const images = oci.imagesOf(opened.manifest).filter(({ platform }) => platform !== undefined);
    if (images.length === 0) throw new oci.OciError("OCI_NOT_FOUND", "there is no image of a platform in it");
    const inspected: InspectedImage[] = [];
    for (const image of images) inspected.push(await inspectOne(image, options, oci));
    return inspected;
  } catch (error) {
    if (!(error instanceof oci.OciError)) throw error;
    throw new SbpError("SBP_INSPECT_IMAGE", `The image ${name} cannot be read: ${error.message}`, {
      hint:
        error.code === "OCI_UNAUTHORIZED" || error.code === "OCI_DENIED"
          ? "Log in with `docker login` or `podman login`."
          : "Name a folder with an OCI layout, an uncompressed tar of one, or an image of a registry.",
      exitCode: exitCodes.badUsage,
      cause: error,
    });
  } finally {
    await opened?.close();
  }
}

async function inspectOne(
  image: Image,
  options: InspectImageOptions,
  oci: typeof import("@sbp/oci"),
): Promise<InspectedImage> {
  const { settings } = await oci.readConfig(image);
  const texts = (value: unknown) =>
    Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
  const entrypoint = texts(settings["Entrypoint"]);
  const user = settings["User"];
  const [program] = [...entrypoint, ...texts(settings["Cmd"])];
  const executable = program?.startsWith("/")
    ? await findExecutable(image, program, options, oci)
    : undefined;
  return {
    platform: oci.platformName(image.platform!),
    digest: image.digest,
    size: image.layers.reduce((sum, { size }) => sum + size, 0),
    layers: image.layers.length,
    ...(typeof user === "string" && user !== "" && { user }),
    entrypoint,
    ...(executable && { executable: { ...executable, path: program! } }),
  };
}

/** The file in the uppermost layer that has it, or says that it is gone. */
async function findExecutable(
  image: Image,
  program: string,
  { details, signal }: InspectImageOptions,
  oci: typeof import("@sbp/oci"),
): Promise<Identified | undefined> {
  const path = program.slice(1);
  // image-spec, "Whiteouts".
  const gone = path.replace(/[^/]*$/, ".wh.$&");
  for (const layer of image.layers.toReversed())
    for await (const member of oci.readLayer(layer)) {
      signal.throwIfAborted();
      if (member.path === gone) return undefined;
      if (member.path !== path) continue;
      if (member.type !== "file" || member.size > largestExecutable) return undefined;
      return await identifyContent(member.content(), details);
    }
  return undefined;
}

async function identifyContent(
  content: AsyncIterable<Uint8Array>,
  details: boolean,
): Promise<Identified | undefined> {
  const [{ fromFile }, { identify }] = await Promise.all([
    import("@sbp/executable"),
    import("@sbp/manifest"),
  ]);
  const folder = await mkdtemp(join(tmpdir(), "sbp-inspect-"));
  try {
    const path = join(folder, "executable");
    await pipeline(Readable.from(content), createWriteStream(path, { mode: 0o600 }));
    const file = await open(path);
    try {
      return await identify(await fromFile(file), { details });
    } finally {
      await file.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
