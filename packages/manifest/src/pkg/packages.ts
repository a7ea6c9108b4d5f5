import zlib from "node:zlib";
import type { ByteSource } from "@sbp/executable";
import type { PackedPackage } from "../identified.ts";
import { type Snapshot, type SnapshotFile, tooLarge } from "./snapshot.ts";

export interface SnapshotPackages {
  /** The app itself, by the package.json nearest to its entry. */
  readonly app: { readonly name: string; readonly version: string } | undefined;
  /** Sorted by name and version. */
  readonly packages: readonly PackedPackage[];
}

/** Bytes of a package.json; those of published packages have some KB. */
const largestPackageJson = 1 << 20;
/** Bytes of all of them. */
const allPackageJsons = 64 << 20;
const mostPackages = 20_000;

/** `…/node_modules/@scope/name/lib/file.js`: the innermost package, and the place within. */
const inPackage = /^((?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/@][^/]*))\/(.+)$/s;

/** The packages whose files are in a snapshot: what their package.json say. Throws ManifestError for too many. */
export async function packagesOf(source: ByteSource, snapshot: Snapshot): Promise<SnapshotPackages> {
  const folders = new Map<string, { readonly name: string; readonly files: Map<string, SnapshotFile> }>();
  for (const file of snapshot.files) {
    const [, folder, name, path] = inPackage.exec(file.path) ?? [];
    if (folder === undefined || name === undefined || path === undefined || name === ".pnpm") continue;
    const found = folders.get(folder) ?? { name, files: new Map() };
    if (folders.size >= mostPackages) throw tooLarge();
    folders.set(folder, found);
    found.files.set(path, file);
  }
  const read = packageJsonReader(source, snapshot.compression);
  const packages = new Map<string, PackedPackage>();
  for (const { name: folderName, files } of folders.values()) {
    const { name = folderName, version, license } = await read(files.get("package.json"));
    const key = `${name}@${version ?? ""}`;
    const earlier = packages.get(key);
    const paths = new Set([...(earlier?.files ?? []), ...files.keys()]);
    packages.set(key, {
      name,
      ...(version !== undefined && { version }),
      ...(license !== undefined && { license }),
      files: [...paths].sort(),
    });
  }
  const sorted = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  const { name, version } = await read(appPackageJson(snapshot));
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
  return async (file: SnapshotFile | undefined): Promise<Facts> => {
    if (!file?.content || file.content.size > largestPackageJson) return {};
    const packed = await source.read(file.content.offset, file.content.size);
    const bytes = unpacked(packed, compression);
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

function appPackageJson({ entry, files }: Snapshot): SnapshotFile | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (let folder = entry; folder.includes("/"); ) {
    folder = folder.slice(0, folder.lastIndexOf("/"));
    const found = byPath.get(`${folder}/package.json`);
    if (found) return found;
  }
  return byPath.get("package.json");
}
