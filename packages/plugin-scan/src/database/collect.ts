/*
 * Reads what a database consists of: a folder of JSON files (in folders, or zips as well), or one zip in the form of
 * `npm/all.zip`. Of the records what judges versions of npm's, Go's and Debian's packages is kept; of other JSON files Node's own index is taken.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { type CoreEntry, isCoreIndex, readCoreIndex } from "../node/core-index.ts";
import { packageKey } from "../osv/advisory.ts";
import { isOsvRecord, readRecord } from "../osv/record.ts";
import { databaseError } from "./error.ts";
import { deepest, largestDatabase, largestRecord, mostFiles, mostValues } from "./limits.ts";
import { readZip } from "./zip.ts";

export interface CollectedDatabase {
  /** Advisories as JSON, by `packageKey`. */
  readonly byPackage: Map<string, string[]>;
  core: CoreEntry[];
  /** The ecosystems that it has something of, sorted: `Debian:12`, `Go`, `npm`. */
  ecosystems: string[];
  /** OSV records, those that say nothing here among them. */
  records: number;
  /** The newest time at which a record was changed, RFC 3339; empty for none. */
  date: string;
}

/** One file of the source, for telling whether it has changed. */
export interface SourceFile {
  readonly path: string;
  readonly size: number;
  /** What changes with the content: inode, times. */
  readonly mark: string;
}

/** What a source consists of. */
export interface DatabaseSource {
  /** JSON files and zips, sorted. */
  readonly files: readonly SourceFile[];
  /** The folders that were looked through. */
  readonly folders: readonly string[];
}

/** Throws SBP_SCAN_DATABASE. */
export function databaseSource(path: string): DatabaseSource {
  const found: SourceFile[] = [];
  const folders: string[] = [];
  const visit = (at: string, depth: number) => {
    const stat = statSync(at, { bigint: true });
    if (stat.isFile()) {
      if (found.length >= mostFiles) throw new RangeError(`there are more than ${mostFiles} files`);
      found.push({ path: at, size: Number(stat.size), mark: `${stat.ino}:${stat.mtimeNs}:${stat.ctimeNs}` });
    } else if (stat.isDirectory() && depth < deepest) {
      folders.push(at);
      for (const entry of readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
        if (entry.isDirectory() || (entry.isFile() && [".json", ".zip"].includes(extname(entry.name))))
          visit(join(at, entry.name), depth + 1);
    }
  };
  try {
    visit(path, 0);
  } catch (error) {
    throw databaseError(path, (error as Error).message, error);
  }
  return { files: found, folders };
}

/** Throws SBP_SCAN_DATABASE for whatever cannot be read, and where there is no record at all. */
export async function collectDatabase(path: string, { files }: DatabaseSource): Promise<CollectedDatabase> {
  const database: CollectedDatabase = {
    byPackage: new Map(),
    core: [],
    ecosystems: [],
    records: 0,
    date: "",
  };
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > largestDatabase) throw databaseError(path, "it is too large");
  // The same record is often there twice: as a file and in a zip.
  const seen = new Map<string, string>();
  for (const file of files) {
    if (extname(file.path) === ".zip") {
      for await (const { name, bytes } of readZip(file.path)) take(database, seen, file.path, bytes, name);
      continue;
    }
    if (file.size > largestRecord)
      throw databaseError(file.path, `it is larger than ${largestRecord >> 20} MB`);
    take(database, seen, file.path, readFileSync(file.path));
  }
  if (database.records === 0 && database.core.length === 0)
    throw databaseError(path, "there is no record of a vulnerability in it");
  return database;
}

function take(
  database: CollectedDatabase,
  seen: Map<string, string>,
  file: string,
  bytes: Buffer,
  name?: string,
): void {
  try {
    if (hasTooManyValues(bytes)) throw new RangeError(`it has more than ${mostValues} values`);
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (isCoreIndex(value)) database.core = readCoreIndex(value);
    if (!isOsvRecord(value)) return;
    const { id, modified } = value as { id: string; modified: string };
    if (seen.get(id) === modified) return;
    const earlier = seen.get(id);
    if (earlier !== undefined)
      throw new RangeError(`${id} is there twice, changed at ${earlier} and at ${modified}`);
    seen.set(id, modified);
    database.records++;
    if (modified > database.date) database.date = modified;
    const advisory = readRecord(value);
    if (!advisory) return;
    for (const { ecosystem } of advisory.affected)
      if (!database.ecosystems.includes(ecosystem))
        database.ecosystems = [...database.ecosystems, ecosystem].sort();
    const text = JSON.stringify(advisory);
    for (const key of new Set(advisory.affected.map((one) => packageKey(one.ecosystem, one.package)))) {
      const list = database.byPackage.get(key);
      if (list) list.push(text);
      else database.byPackage.set(key, [text]);
    }
  } catch (error) {
    throw databaseError(
      file,
      name ? `${name}: ${(error as Error).message}` : (error as Error).message,
      error,
    );
  }
}

/** By what stands before values. Commas in texts count as well, of which a record has no quarter of a million either. */
function hasTooManyValues(bytes: Buffer): boolean {
  let count = 0;
  // Shorter ones cannot have as many.
  if (bytes.length > mostValues)
    for (const byte of bytes) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) count++;
  return count > mostValues;
}
