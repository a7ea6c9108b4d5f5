import { basename, dirname } from "node:path";
import { type BuildResult, exitCodes, SbpError } from "@sbp/core";
import type { Blob, EarlyUpload, Image, ImageIndex, OciErrorCode } from "@sbp/oci";
import { attachedTo } from "./attached.ts";
import { largeBlob, pushedBlobs, rememberBlobs } from "./pushed-blobs.ts";
import type { RegistryClients } from "./registry-clients.ts";

export interface PushRequest {
  /** Instead of the config's repository, and, where it has a tag, of the config's tags. */
  readonly reference: string | undefined;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** Uploads of blobs that have begun. */
  readonly early?: (blob: Blob) => EarlyUpload | undefined;
  /** Told of each blob that is in the registry. */
  readonly onBlob: (blob: { readonly digest: string; readonly size: number }, outcome: string) => void;
}

/** What is in the registry, or would be. */
export interface Pushed {
  /** Whole references, one per tag. */
  readonly references: readonly string[];
  readonly digest: string;
  readonly images: readonly { readonly target: string; readonly digest: string }[];
  /** Digests of what belongs to these images: SBOMs, provenance. */
  readonly attached: readonly string[];
  /** Bytes of blobs that were sent. */
  readonly uploaded: number;
  /** False when all was there already. */
  readonly isNew: boolean;
}

/**
 * Brings the image of a build to a registry, or the index of several. Throws SBP_PUSH_NOTHING without images,
 * SBP_PUSH_REFERENCE, SBP_PUSH_DENIED, SBP_PUSH_TAG_IMMUTABLE, SBP_PUSH_FAILED.
 */
export async function pushImages(
  result: BuildResult,
  request: PushRequest,
  clients: RegistryClients,
): Promise<Pushed> {
  const oci = await import("@sbp/oci");
  const { signal, early, onBlob } = request;
  const { folder, images, repository, tags } = imageOf(result);
  try {
    const manifest = await oci.openImage(await oci.openLayout(folder));
    const { name, names } = namesOf(request.reference ?? repository, tags, oci);
    const references = names.map((tag) => `${name}:${tag}`);
    const facts = { references, digest: manifest.digest, images };
    const attached = await attachments(manifest, images, result.outputs, oci);
    const attachedDigests = attached.map(({ digest }) => digest);
    if (request.dryRun) return { ...facts, attached: attachedDigests, uploaded: 0, isNew: false };
    const { registry, repository: own } = oci.parseReference(name);
    const places = await pushedBlobs(registry);
    const client = clients.of(registry, oci);
    const mountFrom = ({ digest }: Blob) => places.get(digest);
    const how = { tags: names, mountFrom, early, onBlob, signal };
    const { isNew, ...sent } = await client.push(manifest, name, how);
    let { uploaded } = sent;
    for (const artifact of attached)
      uploaded += (await client.push(artifact, name, { onBlob, signal })).uploaded;
    if (isNew) await rememberBlobs(registry, own, largeLayers(manifest, oci));
    return { ...facts, attached: attachedDigests, uploaded, isNew };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof oci.OciError ? pushError(error) : error;
  }
}

async function attachments(
  manifest: Image | ImageIndex,
  images: Pushed["images"],
  outputs: BuildResult["outputs"],
  oci: typeof import("@sbp/oci"),
): Promise<Image[]> {
  const all = oci.imagesOf(manifest);
  const ofImages = images.map(({ target, digest }) => {
    const image = all.find((candidate) => candidate.digest === digest);
    return image ? attachedTo(image, target, outputs, oci) : [];
  });
  return (await Promise.all(ofImages)).flat();
}

function largeLayers(manifest: Image | ImageIndex, { imagesOf }: typeof import("@sbp/oci")): string[] {
  const layers = imagesOf(manifest).flatMap((image) => image.layers);
  return layers.filter(({ size }) => size >= largeBlob).map(({ digest }) => digest);
}

/** What the step scratch-image tells of its layout. */
interface BuiltImage {
  /** Absolute. */
  readonly folder: string;
  readonly images: Pushed["images"];
  readonly repository: string | undefined;
  readonly tags: readonly string[];
}

/** Whether the step scratch-image says that a build pushes. */
export function wantsPush({ outputs }: BuildResult): boolean {
  return layoutOf(outputs)?.meta["push"] === true;
}

/** Other for each image, and for each place that it goes to. Undefined without one. */
export function imageKey({ outputs }: BuildResult): string | undefined {
  const meta = layoutOf(outputs)?.meta;
  return meta && JSON.stringify(meta);
}

/** With several such steps, the last one's. */
function layoutOf(outputs: BuildResult["outputs"]) {
  return outputs.findLast(({ kind, path }) => kind === "image-index" && basename(path) === "index.json");
}

function imageOf({ outputs }: BuildResult): BuiltImage {
  const layout = layoutOf(outputs);
  if (!layout)
    throw new SbpError("SBP_PUSH_NOTHING", "The pipeline makes no image", {
      hint: 'Add a step "scratch-image" and a target of Linux, such as linux-x64.',
      exitCode: exitCodes.badUsage,
    });
  const { repository, tags, images } = layout.meta as {
    readonly repository?: string;
    readonly tags: readonly string[];
    readonly images: Pushed["images"];
  };
  return { folder: dirname(layout.path), images, repository, tags };
}

function namesOf(
  reference: string | undefined,
  tags: readonly string[],
  { parseReference, referenceName }: typeof import("@sbp/oci"),
): { readonly name: string; readonly names: readonly string[] } {
  if (reference === undefined)
    throw new SbpError("SBP_PUSH_REFERENCE", "Nothing says where the image goes", {
      hint: 'Name it (sbp push registry.example/acme/health:1.2.0), or set "repository" of the step scratch-image.',
      exitCode: exitCodes.badUsage,
    });
  const parsed = parseReference(reference);
  if (parsed.digest !== undefined)
    throw new SbpError("SBP_PUSH_REFERENCE", `${reference} has a digest, which is not for choosing`, {
      hint: "Name it by a tag, or by none.",
      exitCode: exitCodes.badUsage,
    });
  const { registry, repository } = parsed;
  return {
    name: referenceName({ registry, repository }),
    names: parsed.tag === undefined ? tags : [parsed.tag],
  };
}

const denied: readonly OciErrorCode[] = ["OCI_UNAUTHORIZED", "OCI_DENIED", "OCI_CREDENTIALS_INVALID"];

function pushError(error: Error & { readonly code: OciErrorCode }): SbpError {
  const { code, message } = error;
  if (code === "OCI_REFERENCE_INVALID")
    return new SbpError("SBP_PUSH_REFERENCE", message, {
      hint: "Write it as registry.example/repository:tag.",
      exitCode: exitCodes.badUsage,
      cause: error,
    });
  if (denied.includes(code))
    return new SbpError("SBP_PUSH_DENIED", message, {
      hint: "Log in with `docker login` or `podman login`, as a user who may push there.",
      cause: error,
    });
  if (code === "OCI_TAG_IMMUTABLE")
    return new SbpError("SBP_PUSH_TAG_IMMUTABLE", message, { hint: "Push under another tag.", cause: error });
  return new SbpError("SBP_PUSH_FAILED", `The image could not be pushed: ${message}`, {
    hint: "Push again: what is there already is not sent twice, and no tag has moved.",
    cause: error,
  });
}
