/*
 * What @yao-pkg/pkg puts into a single executable application of Node's (`--sea`, its sea-assets.js): of the payload's assets
 *
 *   __pkg_manifest__    {"entrypoint":"/snapshot/shop/main.js",…,"offsets":{"/shop/main.js":[0,625],…},"compression":2}
 *   __pkg_archive__     contents, one after the other
 */
import type { ByteRange, ByteSource } from "@sbp/executable";
import {
  belowRoot,
  compressionOf,
  damaged,
  largestList,
  membersOf,
  type Snapshot,
  SnapshotFiles,
  tooLarge,
  unquoted,
} from "./snapshot.ts";

const listStart = ',"offsets":';
/** Characters of what may follow the list. */
const longestEnd = 200;

/**
 * Undefined for a payload that is not pkg's. Throws ManifestError for one that contradicts itself, and ExecutableError.
 *
 * @param assets of the payload, by name
 */
export async function readSeaSnapshot(
  source: ByteSource,
  assets: ReadonlyMap<string, ByteRange>,
): Promise<Snapshot | undefined> {
  const [list, archive] = [assets.get("__pkg_manifest__"), assets.get("__pkg_archive__")];
  if (!list || !archive) return undefined;
  if (list.size > largestList) throw tooLarge();
  const text = Buffer.from(await source.read(list.offset, list.size)).toString();
  // Not within a text: there a quote has a backslash before it.
  const at = text.lastIndexOf(listStart);
  const entry = /^\{"entrypoint":"((?:[^"\\]|\\.){0,4096})"/.exec(text)?.[1];
  if (at < 0 || entry === undefined) throw damaged("its list of files is of no known form");
  const files = new SnapshotFiles();
  for (const [key, value] of membersOf(
    text.slice(at + listStart.length),
    String.raw`\[\d{1,15},\d{1,15}\]`,
  )) {
    const [offset, size] = JSON.parse(value) as [number, number];
    if (offset + size > archive.size) throw damaged("a file is behind the end of all of them");
    // No root before these.
    files.add(key.replace(/^\//, ""), { offset: archive.offset + offset, size });
  }
  const compression = /,"compression":(\d)[,}]/.exec(text.slice(Math.max(at, text.length - longestEnd)))?.[1];
  return {
    version: undefined,
    entry: belowRoot(unquoted(entry)),
    files,
    compression: compressionOf(compression ?? "0"),
  };
}
