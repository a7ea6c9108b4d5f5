/*
 * The two documents of a manifest in an executable, each JSON compressed with Brotli (RFC 7932):
 *
 *   manifest   all of `Manifest` but the details: 7 KB for 400 packages
 *   details    { "packages": [{ "integrity", "files", "removedFiles", … }, …], "shaken": [ … ] }, packages in the same order
 *
 * A SHA-512 alone has 64 bytes that cannot be compressed, hence the two. `brotli -d | jq` reads both.
 */
import { promisify } from "node:util";
import { brotliCompress, brotliCompressSync, brotliDecompress, constants } from "node:zlib";
import { ManifestError, malformed } from "./error.ts";
import type { Manifest, ManifestPackage } from "./manifest.ts";
import { type Details, readDetails, readManifestJson } from "./read-json.ts";

export interface EncodedManifest {
  readonly manifest: Uint8Array;
  readonly details: Uint8Array;
}

/** In bytes: far above what 100,000 packages need. Nothing larger is read, whatever it says of itself. */
export const limits = {
  manifest: { compressed: 4 << 20, json: 32 << 20 },
  details: { compressed: 32 << 20, json: 64 << 20 },
} as const;

/** The manifest is read by everyone and worth 15 ms for 400 packages; of the details, hashes are most. */
const quality = { manifest: 10, details: 6 } as const;

/** Encodes a manifest, which is sorted already. */
export async function encodeManifest(manifest: Manifest): Promise<EncodedManifest> {
  const { packages, shaken, ...others } = manifest;
  const core = { ...others, packages: packages.map(withoutDetails) };
  const details: Details = {
    packages: packages.map(({ integrity, files, removedFiles, removedExports, folders }) => ({
      ...(integrity !== undefined && { integrity }),
      ...(files && { files }),
      ...(removedFiles && { removedFiles }),
      ...(removedExports && { removedExports }),
      ...(folders && { folders }),
    })),
    ...(shaken && { shaken }),
  };
  const [first, second] = await Promise.all([
    compressed(core, quality.manifest),
    compressed(details, quality.details),
  ]);
  return { manifest: first, details: second };
}

function withoutDetails({
  integrity: _integrity,
  files: _files,
  removedFiles: _removedFiles,
  removedExports: _removedExports,
  folders: _folders,
  ...core
}: ManifestPackage): ManifestPackage {
  return core;
}

/** Bytes. */
const smallJson = 8 << 10;

async function compressed(value: unknown, level: number): Promise<Uint8Array> {
  const json = Buffer.from(JSON.stringify(value));
  const options = {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: level,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
      // A window of 4 MB, the default, would be made for the smallest manifest as well.
      [constants.BROTLI_PARAM_LGWIN]: Math.min(22, Math.max(16, Math.ceil(Math.log2(json.length + 1)))),
    },
  };
  // Asking another thread takes longer than compressing a little.
  if (json.length <= smallJson) return brotliCompressSync(json, options);
  return await promisify(brotliCompress)(json, options);
}

/**
 * Decodes what anybody may have written: with the details, where they are given.
 *
 * @throws ManifestError MANIFEST_MALFORMED, MANIFEST_VERSION, MANIFEST_TOO_LARGE.
 */
export async function decodeManifest(manifest: Uint8Array, details?: Uint8Array): Promise<Manifest> {
  const core = readManifestJson(await parsed(manifest, limits.manifest));
  return details ? withDetails(core, await parsed(details, limits.details)) : core;
}

function withDetails(manifest: Manifest, value: unknown): Manifest {
  const { packages, shaken } = readDetails(value, manifest.packages);
  return {
    ...manifest,
    packages: manifest.packages.map((core, index) => ({ ...core, ...packages[index] })),
    ...(shaken && { shaken }),
  };
}

async function parsed(bytes: Uint8Array, limit: { compressed: number; json: number }): Promise<unknown> {
  if (bytes.length > limit.compressed) throw tooLarge();
  let json: Buffer;
  try {
    json = await promisify(brotliDecompress)(bytes, { maxOutputLength: limit.json });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(error);
    throw malformed("it cannot be decompressed", error);
  }
  try {
    return JSON.parse(json.toString());
  } catch (error) {
    throw malformed("it is no JSON", error);
  }
}

function tooLarge(cause?: unknown): ManifestError {
  return new ManifestError("MANIFEST_TOO_LARGE", "the manifest is larger than any that sbp makes", { cause });
}
