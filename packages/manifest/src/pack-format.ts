/*
 * The pack: everything an app carries, as one asset of the executable. It is read in place (never parsed as
 * a whole, never copied), so looking up one of 20,000 files costs a few comparisons. All numbers are little
 * endian; offsets count from the pack's first byte. An ELF note holds less than 4 GiB, so 32 bits are enough.
 *
 *   header   64 bytes   0  "\0sbppack"           28  u32 offset of the info
 *                       8  u32 format version    32  u32 length of the info
 *                      12  u32 number of entries 36  u32 length of the whole pack
 *                      16  u32 offset of entries 40  u32 offset of the manifest, 0 for none
 *                      20  u32 offset of names   44  u32 length of the manifest
 *                      24  u32 length of names   48  u32 offset of its details
 *                                                52  u32 length of its details
 *                                                56  zero, reserved
 *   entries  32 each    a tree in breadth-first order: entry 0 is the root directory, the children of one
 *                       directory lie side by side, sorted by the bytes of their names
 *                       0  u32 offset of the name within names
 *                       4  u16 length of the name
 *                       6  u16 mode as in st_mode: 0o040555 directory, 0o100444 or 0o100555 file, 0o120777 link
 *                       8  u32 file: offset of the content; directory: index of the first child
 *                      12  u32 file: length of the content; directory: number of children
 *                          a link's content is the path of the directory that it leads to, in which no link is
 *                      16  u32 offset of V8's code cache, 0 for none
 *                      20  u32 length of the code cache
 *                      24  u16 flags, see below
 *                      26  u16 script: length of the wrapper behind the text
 *                      28  u32 script: length of the wrapper before the text
 *   names               UTF-8, without separators
 *   info                JSON with sorted keys (PackInfo of plugin-embed-runtime)
 *   manifest, details   compressed JSON (encoding.ts)
 *   contents            each starts at a multiple of 8 in memory, as V8 wants it for a code cache
 */

/** The zero keeps it apart from this text in sources, the bootstrap's among them. */
export const packMagic = "\0sbppack";
export const packVersion = 1;
export const headerLength = 64;
export const entryLength = 32;
export const directoryMode = 0o040555;
export const fileMode = 0o100444;
export const executableFileMode = 0o100555;
export const linkMode = 0o120777;

export const packFlags = {
  /** The content is pure ASCII: it can be read as one byte per character. */
  ascii: 1,
  /** The content is a function expression around the text, its head on a line of its own. */
  script: 2,
  /** The script is an ES module turned into an async function (module-script.ts of plugin-embed-runtime). */
  module: 4,
} as const;

/** The folder of the pack for what is not the app's; the same in the bootstrap. */
export const ownFolder = ".sbp/";

/** True for a name that stays within its directory. */
export function isPlainName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\\\0]/.test(name);
}
