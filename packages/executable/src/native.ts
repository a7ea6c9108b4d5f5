/*
 * What a native file is for, whichever of the three formats it has: asked of files that come with packages, where a
 * header says more than a file's name.
 */
import { open } from "node:fs/promises";
import { type ByteSource, fromFile } from "./byte-source.ts";
import { describeElf } from "./elf/describe.ts";
import { readElf } from "./elf/elf-file.ts";
import { ExecutableError } from "./error.ts";
import { readMacho } from "./macho/macho-file.ts";
import { readUniversal } from "./macho/universal.ts";
import { readPe } from "./pe/pe-file.ts";

export interface NativeFile {
  /** In Node's words. */
  readonly system: "linux" | "darwin" | "win32";
  /** In Node's words, those of a 64-bit system that can load it; none for other processors, and for damaged files. */
  readonly processors: readonly ("x64" | "arm64")[];
  /** It is linked to a C library of Linux that is not glibc: musl's, or Android's. */
  readonly otherLibc: boolean;
}

/** What can load a native file. */
export type NativeFacts = {
  /** `<system>-<processor>` in Node's words; none for what fits none, or another C library than glibc. */
  readonly targets: readonly `${NativeFile["system"]}-${NativeFile["processors"][number]}`[];
  /** The NODE_MODULE_VERSION that an addon needs, where it is not made for all of them. */
  readonly abi?: number;
};

/** What can load the file at a path; undefined for what is neither ELF, Mach-O nor PE, and not meant as an addon. */
export async function nativeFacts(path: string, isAddon: boolean): Promise<NativeFacts | undefined> {
  const file = await open(path);
  try {
    const source = await fromFile(file);
    const native = await describeNative(source);
    if (!native) return isAddon ? { targets: [] } : undefined;
    const { system, processors, otherLibc } = native;
    const targets = otherLibc ? [] : processors.map((processor) => `${system}-${processor}` as const);
    const abi = targets.length > 0 && isAddon ? await addonAbi(source) : undefined;
    return { targets, ...(abi !== undefined && { abi }) };
  } finally {
    await file.close();
  }
}

/** What a file is for; undefined for what is neither ELF, Mach-O nor PE. Reads a few KB. */
export async function describeNative(source: ByteSource): Promise<NativeFile | undefined> {
  if (source.size < 64) return undefined;
  const head = Buffer.from(await source.read(0, 64));
  const system = systemOf(head);
  if (!system) return undefined;
  try {
    if (system === "linux") {
      const { machine, needed } = await describeElf(await readElf(source));
      const otherLibc = needed.some((name) => name === "libc.so" || name.startsWith("libc.musl-"));
      return { system, processors: [machine === "aarch64" ? "arm64" : "x64"], otherLibc };
    }
    if (system === "win32") {
      const { machine } = (await readPe(source)).header;
      return { system, processors: [machine === "aarch64" ? "arm64" : "x64"], otherLibc: false };
    }
    const slices = await readUniversal(source);
    const names =
      slices.length > 0
        ? slices.map(({ architecture }) => architecture)
        : [(await readMacho(source)).header.architecture];
    const processors = (["x64", "arm64"] as const).filter((name) =>
      names.includes(name === "x64" ? "x86-64" : name),
    );
    return { system, processors, otherLibc: false };
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    return { system, processors: [], otherLibc: false };
  }
}

function systemOf(head: Buffer): NativeFile["system"] | undefined {
  if (head.readUInt32BE(0) === 0x7f454c46) return "linux";
  if ([0xfeedface, 0xfeedfacf].includes(head.readUInt32LE(0))) return "darwin";
  // Java's classes begin like universal files; what follows is a version there, and a small number of slices here.
  if ([0xcafebabe, 0xcafebabf].includes(head.readUInt32BE(0)) && head.readUInt32BE(4) < 32) return "darwin";
  // MZ alone begins many things.
  const signature = head.readUInt32LE(0x3c);
  return head.readUInt16LE(0) === 0x5a4d && signature < 0x1000_0000 ? "win32" : undefined;
}

const stableApi = ["napi_register_module_v", "napi_module_register"].map((text) => Buffer.from(text));
const versionedApi = Buffer.from("node_register_module_v");
const chunkSize = 4 * 1024 * 1024;
/** What one chunk shares with the next: longer than any of the names. */
const overlap = 64;

/**
 * The NODE_MODULE_VERSION that an addon was built for, by the name of the function that Node looks for in it
 * (node.h, NODE_MODULE_INITIALIZER); undefined for addons that use Node-API, which fit every version, and where nothing
 * says it. Reads the file until it is known.
 */
export async function addonAbi(source: ByteSource): Promise<number | undefined> {
  let version: number | undefined;
  for (let start = 0; start < source.size; start += chunkSize - overlap) {
    const bytes = await source.read(start, Math.min(chunkSize, source.size - start));
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (stableApi.some((name) => chunk.includes(name))) return undefined;
    for (let at = chunk.indexOf(versionedApi); at >= 0; at = chunk.indexOf(versionedApi, at + 1)) {
      const end = at + versionedApi.length;
      const digits = /^\d{1,4}(?!\d)/.exec(chunk.toString("latin1", end, end + 8))?.[0];
      if (digits) version ??= Number(digits);
    }
  }
  return version;
}
