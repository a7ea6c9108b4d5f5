import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";

/*
 * Which repository of a registry has which large blob, as far as was pushed from here: another repository of the registry
 * takes it from there, so that a second service sends no runtime. What is wrong in here costs a request; losing it costs an
 * upload.
 */

/** By digest. */
type Places = Record<string, string>;

/** Bytes. Asking whether a smaller one can be taken is no quicker than sending it. */
export const largeBlob = 1 << 20;
/** Blobs per registry, the latest. */
const mostBlobs = 200;

const path = () => join(cacheFolder(), "pushed-blobs.json");

/** The repositories of large blobs in a registry. */
export async function pushedBlobs(registry: string): Promise<ReadonlyMap<string, string>> {
  const places = (await read())[registry];
  return new Map(Object.entries(typeof places === "object" && places !== null ? places : {}));
}

export async function rememberBlobs(
  registry: string,
  repository: string,
  digests: readonly string[],
): Promise<void> {
  if (digests.length === 0) return;
  const known = await read();
  const places: Places = { ...known[registry] };
  for (const digest of digests) {
    // The latest come last.
    delete places[digest];
    places[digest] = repository;
  }
  const kept = { ...known, [registry]: Object.fromEntries(Object.entries(places).slice(-mostBlobs)) };
  const work = `${path()}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path()), { recursive: true });
    await writeFile(work, JSON.stringify(kept));
    await rename(work, path());
  } catch {
    await rm(work, { force: true }).catch(() => {});
  }
}

async function read(): Promise<Record<string, Places | undefined>> {
  try {
    const value: unknown = JSON.parse(await readFile(path(), "utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, Places>) : {};
  } catch {
    return {};
  }
}
