import zlib from "node:zlib";
import type { ByteRange, ByteSource } from "@sbp/executable";
import type { PackedPackage } from "../identified.ts";
import { type Snapshot, tooLarge } from "./snapshot.ts";

export interface SnapshotPackages {
  /** The app itself, by the package.json nearest to its entry. */
  readonly app: { readonly name: string; readonly version: string } | undefined;
  /** Sorted by name and version. */
  readonly packages: readonly PackedPackage[];
}

/** Bytes of a package.json; those of published packages have some KB. */
const largestPackageJson = 256 << 10;
/** Bytes of all of them. */
const allPackageJsons = 32 << 20;

/** The packages whose files are in a snapshot: what their package.json say. Throws ManifestError for too many. */
export async function packagesOf(source: ByteSource, snapshot: Snapshot): Promise<SnapshotPackages> {
  const { files, entry, compression } = snapshot;
  const read = packageJsonReader(source, compression);
  const packages = new Map<string, PackedPackage>();
  for (const { name: folder, paths, packageJson } of files.packages.values()) {
    const { name = folder, version, license } = await read(packageJson);
    const key = `${name}@${version ?? ""}`;
    // Two folders may have the same.
    const earlier = packages.get(key)?.files;
    packages.set(key, {
      name,
      ...(version !== undefined && { version }),
      ...(license !== undefined && { license }),
      files: (earlier ? [...new Set([...earlier, ...paths])] : paths).sort(),
    });
  }
  const sorted = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  const { name, version } = await read(nearest(files.ownPackageJsons, entry));
  return { app: name === undefined ? undefined : { name, version: version ?? "" }, packages: sorted };
}

interface Facts {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
}

/** Reads within a budget for all. Of what cannot be read nothing is known. */
function packageJsonReader(source: ByteSource, compression: Snapshot["compression"]) {
  let left = allPackageJsons;
  return async (file: ByteRange | undefined): Promise<Facts> => {
    if (!file || file.size > largestPackageJson) return {};
    const bytes = unpacked(await source.read(file.offset, file.size), compression);
    if (!bytes) return {};
    left -= bytes.length;
    if (left < 0) throw tooLarge();
    return factsOf(bytes);
  };
}

function unpacked(bytes: Uint8Array, compression: Snapshot["compression"]): Uint8Array | undefined {
  const limit = { maxOutputLength: largestPackageJson };
  try {
    if (compression === "none") return bytes;
    if (compression === "gzip") return zlib.gunzipSync(bytes, limit);
    if (compression === "brotli") return zlib.brotliDecompressSync(bytes, limit);
    // Node has it since 22.15.
    if (compression === "zstd" && zlib.zstdDecompressSync) return zlib.zstdDecompressSync(bytes, limit);
  } catch {
    // Damaged, or too large.
  }
  return undefined;
}

function factsOf(bytes: Uint8Array): Facts {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return {};
  }
  if (typeof value !== "object" || value === null) return {};
  const { name, version, license } = value as Record<string, unknown>;
  return {
    ...(typeof name === "string" && /^(?:@[^/\s@]{1,214}\/)?[^/\s@]{1,214}$/.test(name) && { name }),
    ...(typeof version === "string" && /^[\w.+-]{1,256}$/.test(version) && { version }),
    ...(typeof license === "string" && license.length <= 200 && { license }),
  };
}

function nearest(byFolder: ReadonlyMap<string, ByteRange>, path: string): ByteRange | undefined {
  for (let at = path.lastIndexOf("/"); at >= 0; at = path.lastIndexOf("/", at - 1)) {
    const found = byFolder.get(path.slice(0, at + 1));
    if (found || at === 0) return found ?? byFolder.get("");
  }
  return byFolder.get("");
}
