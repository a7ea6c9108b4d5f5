import { type ByteRange, type ByteSource, ExecutableError } from "@sbp/executable";
import { decodeManifest, limits } from "./encoding.ts";
import { ManifestError, malformed } from "./error.ts";
import type { Manifest } from "./manifest.ts";
import {
  type IndexedFile,
  type PackLayout,
  PackVersionError,
  readPackFiles,
  readPackHeader,
} from "./pack-index.ts";
import { type LocatedPayload, locatePayload } from "./payload.ts";
import { findPack } from "./sea-blob.ts";

/** The pack of an executable that sbp made, looked at from outside. */
export interface OpenedPack {
  readonly located: LocatedPayload;
  /** In the file. */
  readonly place: ByteRange;
  /** The pack as a source of its own. */
  readonly source: ByteSource;
  readonly layout: PackLayout;
}

/**
 * Finds the pack in an executable for any platform, by the structure of the file: reads some KB. Undefined for a file that sbp
 * has not made. Throws ManifestError MANIFEST_MALFORMED or MANIFEST_VERSION.
 */
export async function openPack(source: ByteSource): Promise<OpenedPack | undefined> {
  return await told(async () => {
    const located = await locatePayload(source);
    const place = located?.payload && (await findPack(source, located.payload));
    if (!place) return undefined;
    const pack = within(source, place);
    return { located, place, source: pack, layout: await readPackHeader(pack) };
  });
}

/**
 * Reads the manifest of an executable that anybody may have made: some KB of the file, and the details where they are asked for.
 *
 * @throws ManifestError; MANIFEST_MISSING also for a file that is no executable of sbp.
 */
export async function readManifest(
  source: ByteSource,
  options: { readonly details?: boolean } = {},
): Promise<Manifest> {
  const pack = await openPack(source);
  if (!pack) throw new ManifestError("MANIFEST_MISSING", "this is no executable that sbp made");
  return readPackManifest(pack, options);
}

/** The same of a pack that is open. */
export async function readPackManifest(
  { located, source, layout }: OpenedPack,
  { details = false }: { readonly details?: boolean } = {},
): Promise<Manifest> {
  if (!layout.manifest)
    throw new ManifestError("MANIFEST_MISSING", "an sbp without manifests made this executable");
  return await told(async () => {
    const core = await document(source, layout.manifest!, limits.manifest.compressed);
    const more =
      details && layout.details
        ? await document(source, layout.details, limits.details.compressed)
        : undefined;
    const manifest = await decodeManifest(core, more);
    if (manifest.target !== located.target)
      throw malformed(`it is for ${located.target}, but says ${manifest.target}`);
    return manifest;
  });
}

/** What is embedded in an executable, with what belongs to sbp. Throws ManifestError. */
export async function readPackedFiles({ source, layout }: OpenedPack): Promise<readonly IndexedFile[]> {
  return await told(() => readPackFiles(source, layout));
}

async function document(source: ByteSource, { offset, size }: ByteRange, limit: number): Promise<Uint8Array> {
  if (size > limit)
    throw new ManifestError("MANIFEST_TOO_LARGE", "the manifest is larger than any that sbp makes");
  return source.read(offset, size);
}

/** What readers of executables and packs say, told as ours. */
async function told<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PackVersionError)
      throw new ManifestError("MANIFEST_VERSION", "a newer sbp made this executable", { cause: error });
    if (error instanceof ExecutableError && error.code === "EXECUTABLE_UNSUPPORTED")
      throw new ManifestError("MANIFEST_MISSING", error.message, { cause: error });
    if (error instanceof ExecutableError || error instanceof RangeError)
      throw malformed(error.message, error);
    throw error;
  }
}

/** A part of a file as a source of its own. */
export function within(source: ByteSource, { offset, size }: ByteRange): ByteSource {
  return {
    size,
    async read(at, length) {
      if (at + length > size) throw new RangeError("the pack is cut short");
      return source.read(offset + at, length);
    },
  };
}
