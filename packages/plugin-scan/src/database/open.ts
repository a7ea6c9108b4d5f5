import { createHash } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Advisory } from "../osv/advisory.ts";
import { type CollectedDatabase, collectDatabase, databaseSource, type SourceFile } from "./collect.ts";
import { encodeCompact, openCompact } from "./compact.ts";
import type { Database } from "./database.ts";

/**
 * Opens a database: a folder of OSV records, or a zip of them. What was read once is kept in `cacheFolder` in a compact form, and
 * taken from there as long as no file of the source has changed. Throws SBP_SCAN_DATABASE.
 */
export async function openDatabase(path: string, cacheFolder: string | undefined): Promise<Database> {
  const source = resolve(path);
  const consistsOf = databaseSource(source);
  if (cacheFolder === undefined) return inMemory(await collectDatabase(source, consistsOf), source);
  const identity = identityOf(consistsOf.files);
  const name = createHash("sha256").update(source).digest("hex").slice(0, 24);
  const file = join(cacheFolder, `${name}.db`);
  const kept = openCompact(file, identity, source);
  if (kept) return kept;
  const collected = await collectDatabase(source, consistsOf);
  // Trouble with the cache costs time, never the scan.
  if (await keep(file, encodeCompact(collected, identity))) {
    const written = openCompact(file, identity, source);
    if (written) return written;
  }
  return inMemory(collected, source);
}

async function keep(file: string, content: Buffer[]): Promise<boolean> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, content);
    await rename(temporary, file);
    return true;
  } catch {
    await rm(temporary, { force: true }).catch(() => {});
    return false;
  }
}

function inMemory(
  { byPackage, core, ecosystems, records, date }: CollectedDatabase,
  source: string,
): Database {
  return {
    source,
    date: date || undefined,
    records,
    core: core.length > 0 ? core : undefined,
    ecosystems,
    advisoriesOf: (name) => (byPackage.get(name) ?? []).map((text) => JSON.parse(text) as Advisory),
    close() {},
  };
}

function identityOf(files: readonly SourceFile[]): string {
  const hash = createHash("sha256");
  for (const { path, size, mark } of files) hash.update(`${path}\0${size}\0${mark}\n`);
  return hash.digest("hex");
}
