/*
 * What pkg (Vercel's, and its successor @yao-pkg/pkg) appends to its own build of Node (their producer.js and packer.js):
 *
 *   contents, one after the other
 *   (function(process, require, console, EXECPATH_FD, PAYLOAD_POSITION, PAYLOAD_SIZE) { … },     a script with these arguments:
 *   {"/snapshot/shop/main.js":{"0":[0,760],"1":[760,625],"3":[1385,119]},…}     what of each file is where in the contents
 *   ,
 *   "/snapshot/shop/main.js"     what is started
 *   ,
 *   {}     symbolic links; this and the rest since pkg 5
 *   ,
 *   {"":"0","snapshot":"1",…}     the numbers that stand for names in paths; none where nothing is compressed
 *   ,
 *   0     how contents are compressed
 *   );
 *   })
 *
 * Each argument is one line, as JSON has no line breaks. Of a file there are: 0 its bytecode, 1 its content, 2 the names in a folder,
 * 3 its stat. A signature may follow.
 */
import type { ByteRange, ByteSource } from "@sbp/executable";
import {
  belowRoot,
  compressionOf,
  damaged,
  largestList,
  longestPath,
  membersOf,
  type Snapshot,
  SnapshotFiles,
  tooLarge,
  unquoted,
} from "./snapshot.ts";

const opening = "(function(process, require, console, EXECPATH_FD, PAYLOAD_POSITION, PAYLOAD_SIZE) { ";
const closing = "\n);\n})";
/** Bytes of the script without its arguments: 0.2 MB so far. */
const largestScript = 1 << 20;
/** Bytes: what follows is aligned. */
const mostPadding = 64;
const mostArguments = 5;

const place = String.raw`\[\d{1,15},\d{1,15}\]`;
const places = String.raw`\{(?:"[0-3]":${place},?){0,4}\}`;
/** As above. */
const kinds = { bytecode: "0", content: "1" } as const;

/** Undefined where no snapshot ends at `end`. Throws ManifestError for one that contradicts itself, and ExecutableError. */
export async function readClassicSnapshot(source: ByteSource, end: number): Promise<Snapshot | undefined> {
  const last = Math.min(end, closing.length + mostPadding);
  const trailer = Buffer.from(await source.read(end - last, last))
    .toString("latin1")
    .replace(/\0+$/, "");
  if (!trailer.endsWith(closing)) return undefined;
  const found = await findScript(source, end - last + trailer.length);
  if (!found) {
    // Something else may end alike, though hardly behind such arguments.
    if (end < largestList + largestScript || !/\n,\n\d\n\);\n\}\)$/.test(trailer)) return undefined;
    throw tooLarge();
  }
  const { script, start } = found;
  const { values, at } = trailingArguments(script);
  const [list, entry, , names = "{}", compression = "0"] = values.map((value) => value.toString());
  if (!/^"(?:[^"\\]|\\.){0,4096}"$/.test(entry!)) throw damaged("what it starts is no path");
  return {
    version: /process\.versions\.pkg = '([\w.+-]{1,40})'/.exec(script.toString("latin1", 0, at))?.[1],
    entry: belowRoot(unquoted(entry!.slice(1, -1))),
    files: readList(list!, names, start),
    compression: compressionOf(compression),
  };
}

/** The script that ends at `end`, and where it starts. Most are short. */
async function findScript(
  source: ByteSource,
  end: number,
): Promise<{ readonly script: Buffer; readonly start: number } | undefined> {
  for (const largest of [1 << 20, 4 << 20, largestList + largestScript]) {
    const size = Math.min(end, largest);
    const bytes = await source.read(end - size, size);
    const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const at = tail.lastIndexOf(opening);
    if (at >= 0) return { script: tail.subarray(at), start: end - size + at };
    if (size === end) break;
  }
  return undefined;
}

/** The lines before the end that stand between lines with commas, and where the first one begins. */
function trailingArguments(script: Buffer): { readonly values: readonly Buffer[]; readonly at: number } {
  const values: Buffer[] = [];
  let end = script.length - closing.length;
  for (;;) {
    const at = script.lastIndexOf("\n", end - 1) + 1;
    values.unshift(script.subarray(at, end));
    if (script.toString("latin1", Math.max(0, at - 3), at) !== "\n,\n") {
      if (values.length < 2) throw damaged("its script has no arguments");
      return { values, at };
    }
    if (values.length === mostArguments) throw damaged("its script has more arguments than are known");
    end = at - 3;
  }
}

/**
 * @param names the numbers that stand for names; `{}` where paths are as they are
 * @param end where the contents end in the executable
 */
function readList(list: string, names: string, end: number): SnapshotFiles {
  // Only the list tells how long the contents are.
  let size = 0;
  for (const [, value] of membersOf(list, places))
    for (const { offset, size: length } of rangesOf(value).values()) size = Math.max(size, offset + length);
  const start = end - size;
  if (start < 0) throw damaged("its files would begin before the executable does");
  const byNumber = new Map<string, string>();
  for (const [name, number] of membersOf(names, '"[0-9a-z]{1,10}"')) byNumber.set(number.slice(1, -1), name);
  const files = new SnapshotFiles();
  for (const [key, value] of membersOf(list, places)) {
    const ranges = rangesOf(value);
    const content = ranges.get(kinds.content);
    // Folders have neither.
    if (!content && !ranges.has(kinds.bytecode)) continue;
    const path = belowRoot(byNumber.size > 0 ? spelled(key, byNumber) : key);
    files.add(path, content && { offset: start + content.offset, size: content.size });
  }
  return files;
}

/** `{"1":[760,625]}` */
function rangesOf(value: string): ReadonlyMap<string, ByteRange> {
  const matches = value.matchAll(/"(\d)":\[(\d+),(\d+)\]/g);
  return new Map(
    [...matches].map(([, kind, offset, size]) => [kind!, { offset: Number(offset), size: Number(size) }]),
  );
}

/** `0/1/2/3` → `/snapshot/shop/main.js` */
function spelled(key: string, byNumber: ReadonlyMap<string, string>): string {
  let path = "";
  for (const [index, number] of key.split("/").entries()) {
    const name = byNumber.get(number);
    if (name === undefined) throw damaged("a path has a number that stands for nothing");
    path += index === 0 ? name : `/${name}`;
    if (path.length > longestPath) throw damaged("a path is too long");
  }
  return path;
}
