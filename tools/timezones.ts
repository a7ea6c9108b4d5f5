/*
 * Makes what is in packages/timezones: the time zone database as images have it, out of a Debian package that is pinned here.
 * Run it after changing the pin; what it writes is committed.
 *
 *   node --conditions=@sbp/source tools/timezones.ts          writes
 *   node --conditions=@sbp/source tools/timezones.ts --check  compares
 */
import { lstat, readdir, readFile, readlink, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { type TarEntry, writeTar } from "@sbp/oci";
import { keepFiles, sha256, unpackDebian } from "./debian-packages.ts";

const pin = {
  name: "tzdata",
  version: "2026f-0+deb12u1",
  sha256: "3254eb870c8a949518214805aee5e4276af7699988ea8b9a3a583cd0f1eab31c",
};
const folder = "usr/share/zoneinfo";

/** The zones once more, with leap seconds and without, and a link to what an image does not have. */
const leftOut = new Set(["posix", "right", "localtime"]);

async function entriesOf(root: string): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  for (const name of await readdir(join(root, folder), { recursive: true })) {
    if (leftOut.has(name.split("/")[0]!)) continue;
    const path = join(folder, name);
    const stat = await lstat(join(root, path));
    if (stat.isSymbolicLink())
      entries.push({ type: "symlink", path, target: await readlink(join(root, path)) });
    else if (stat.isFile()) entries.push({ type: "file", path, content: await readFile(join(root, path)) });
  }
  return entries;
}

// The same on every architecture.
const root = await unpackDebian("amd64", [pin]);
try {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTar(await entriesOf(root))) chunks.push(chunk);
  const tar = Buffer.concat(chunks);
  const params = {
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: tar.length,
  };
  const described = {
    format: 1,
    package: { ...pin, source: "tzdata", licence: "LicenseRef-public-domain", distribution: "Debian 12" },
    archive: { size: tar.length, sha256: sha256(tar) },
  };
  const files = new Map<string, Uint8Array>([
    ["zoneinfo.tar.br", brotliCompressSync(tar, { params })],
    ["src/timezones.json", Buffer.from(`${JSON.stringify(described, undefined, 2)}\n`)],
    ["licenses/tzdata.txt", await readFile(join(root, "usr/share/doc/tzdata/copyright"))],
  ]);
  await keepFiles(join(import.meta.dirname, "../packages/timezones"), files);
} finally {
  await rm(dirname(root), { recursive: true });
}
