/*
 * Who made an executable, and what can be known of it, from its bytes alone. Each tool leaves a mark where its runtime looks for
 * the app:
 *
 *   sbp           a pack in Node's payload (sea-blob.ts)
 *   Node's SEA    the payload: a note, section or resource NODE_SEA_BLOB
 *   Bun           a section .bun (__bun on macOS), or before 1.3 the file's end, with "\n---- Bun! ----\n"
 *   Deno          a note SUI, a section or resource d3n0l4nd
 *   pkg           a script behind all else (pkg/classic.ts), or assets in Node's payload (pkg/sea.ts)
 *   Go            build information (go-build-info.ts)
 */
import {
  type ByteRange,
  type ByteSource,
  ExecutableError,
  loadedRanges,
  machoLoadedRanges,
  peSectionRanges,
  readElf,
  readMacho,
  readPe,
} from "@sbp/executable";
import { ManifestError } from "./error.ts";
import { findText } from "./find-text.ts";
import { readGoBuildInfo } from "./go-build-info.ts";
import type { Identified, IdentifiedForeign, IdentifiedPkg } from "./identified.ts";
import { locatePayload } from "./payload.ts";
import { readClassicSnapshot } from "./pkg/classic.ts";
import { describeSnapshot } from "./pkg/describe.ts";
import { readSeaSnapshot } from "./pkg/sea.ts";
import type { Snapshot } from "./pkg/snapshot.ts";
import { openPack, readPackManifest } from "./read-manifest.ts";
import { describeSeaBlob, seaAssets } from "./sea-blob.ts";

const bunTrailer = "\n---- Bun! ----\n";
const denoName = "d3n0l4nd";
/** Bytes in front of the file's end, or of a section's, in which a mark may be. */
const trailerSize = 64;
/** Bytes of a certificate in a PE file in front of its content. */
const certificateHeader = 8;

/** Somewhere in each runtime's own constants; the first group is its version. */
const versionMarks = {
  node: {
    mark: "https://nodejs.org/download/release/v",
    pattern: /^https:\/\/nodejs\.org\/download\/release\/v(\d+\.\d+\.\d+[\w.-]*)\/node-v\1-headers/,
  },
  bun: { mark: "Bun v", pattern: /^Bun v(\d+\.\d+\.\d+[\w.-]*) \(/ },
  deno: { mark: "Deno/", pattern: /^Deno\/(\d+\.\d+\.\d+)\+[0-9a-f]{7}/ },
} as const;

/** In the Node that pkg builds, of all versions: what stands for the script in the arguments. */
const pkgNode = { mark: "PKG_DUMMY_ENTRYPOINT", pattern: /^(PKG_DUMMY_ENTRYPOINT)/ };

/** What Node, from 18 on, looks for its payload by. */
const nodeFuse = { mark: "NODE_SEA_FUSE_", pattern: /^NODE_SEA_FUSE_([0-9a-f]{32})/ };

const unknownOf = {
  "node-sea": ["which packages are in its script, and in which versions"],
  node: [],
  bun: ["which packages are in its bundle, and in which versions"],
  deno: ["which packages are in it, and in which versions"],
} as const;

/**
 * Identifies a file that anybody may have made; undefined for one that is no executable for Linux, macOS or Windows. Never runs it. Reads
 * some KB of what sbp or Go made, and of others up to the whole file once, for the version of the runtime.
 *
 * @throws ManifestError for an executable of sbp whose manifest cannot be read, and MANIFEST_MALFORMED for damaged headers.
 */
export async function identify(
  source: ByteSource,
  options: { readonly details?: boolean } = {},
): Promise<Identified | undefined> {
  try {
    return await identified(source, options);
  } catch (error) {
    if (error instanceof ExecutableError && error.code === "EXECUTABLE_UNSUPPORTED")
      return { what: "other", target: undefined, size: source.size };
    if (error instanceof ExecutableError || error instanceof RangeError)
      throw new ManifestError("MANIFEST_MALFORMED", `the executable is damaged: ${error.message}`, {
        cause: error,
      });
    throw error;
  }
}

async function identified(
  source: ByteSource,
  options: { readonly details?: boolean },
): Promise<Identified | undefined> {
  const located = await locatePayload(source);
  if (!located) return undefined;
  const base = { target: located.target, size: source.size };
  const pack = located.payload && (await openPack(source));
  // One of sbp without a manifest is what it looks like: an application of Node's.
  if (pack?.layout.manifest) return { what: "sbp", ...base, manifest: await readPackManifest(pack, options) };

  const outline = await outlineOf(source);
  const foreign = async (
    what: IdentifiedForeign["what"],
    runtime: keyof typeof versionMarks,
    facts: readonly string[],
  ): Promise<IdentifiedForeign> => {
    const runtimeVersion = await findText(source, outline.loaded, versionMarks[runtime]);
    return {
      what,
      ...base,
      runtimeVersion,
      facts,
      unknown: unknownOf[runtime === "node" ? (what as "node") : runtime],
    };
  };
  const pkg = async (snapshot: Snapshot): Promise<IdentifiedPkg> => ({
    what: "pkg",
    ...base,
    runtimeVersion: await findText(source, outline.loaded, versionMarks.node),
    ...(await describeSnapshot(source, snapshot)),
  });
  if (located.payload) {
    const snapshot = await readSeaSnapshot(source, await seaAssets(source, located.payload));
    if (snapshot) return pkg(snapshot);
    const facts = await describeSeaBlob(source, located.payload);
    return foreign("node-sea", "node", pack ? ["made by an sbp that wrote no manifest", ...facts] : facts);
  }
  for (const range of outline.bun)
    if (await endsWith(source, range, bunTrailer)) return foreign("bun", "bun", []);
  if (outline.deno) return foreign("deno", "deno", []);
  for (const end of outline.ends) {
    const snapshot = await readClassicSnapshot(source, end);
    if (snapshot) return pkg(snapshot);
  }
  const go = await readGoBuildInfo(source);
  if (go) return { what: "go", ...base, ...go };
  const version = await findText(source, outline.loaded, versionMarks.node);
  if (version !== undefined && (await findText(source, outline.loaded, pkgNode)) !== undefined)
    return {
      what: "pkg",
      ...base,
      runtimeVersion: version,
      packages: [],
      facts: [],
      unknown: ["which files and packages are in it: their list is not where pkg puts it"],
    };
  // Bun and Deno have the address of Node's headers as well, to look like it.
  if (version !== undefined && (await findText(source, outline.loaded, nodeFuse)) !== undefined)
    return { what: "node", ...base, runtimeVersion: version, facts: [], unknown: unknownOf.node };
  return { what: "other", ...base };
}

interface Outline {
  /** What is in memory when the program runs. */
  readonly loaded: readonly ByteRange[];
  /** Where Bun's bundle may be. */
  readonly bun: readonly ByteRange[];
  /** What Deno carries. */
  readonly deno: ByteRange | undefined;
  /** Where what somebody appended may end: in front of a signature, and at the file's end. */
  readonly ends: readonly number[];
}

async function outlineOf(source: ByteSource): Promise<Outline> {
  const first = Buffer.from(await source.read(0, 4)).toString("latin1");
  const end = { offset: 0, size: source.size };
  if (first === "\x7fELF") {
    const elf = await readElf(source);
    const bun = elf.sections?.filter(({ name }) => name === ".bun") ?? [];
    const deno = elf.notes.find(({ name }) => name === "SUI")?.description;
    return { loaded: loadedRanges(elf), bun: [...bun, end], deno, ends: [source.size] };
  }
  if (first.startsWith("MZ")) {
    const pe = await readPe(source);
    const bun = pe.sections.filter(({ name }) => name === ".bun");
    const deno = pe.resources.find(({ name }) => `${name}`.toLowerCase() === denoName)?.content;
    const signature = pe.certificates[0]?.content.offset;
    const ends = signature === undefined ? [source.size] : [signature - certificateHeader];
    return { loaded: peSectionRanges(pe), bun: [...bun, end], deno, ends };
  }
  const macho = await readMacho(source);
  const sections = macho.segments.flatMap((segment) => segment.sections);
  const signature = macho.linkeditParts.find(({ kind }) => kind === "signature");
  return {
    loaded: machoLoadedRanges(macho),
    bun: [...sections.filter(({ name }) => name === "__bun"), end],
    deno: sections.find(({ name }) => name === denoName),
    ends: [...(signature ? [signature.offset] : []), source.size],
  };
}

/** Whether a text is near the end of a range; what fills a page may follow. */
async function endsWith(source: ByteSource, { offset, size }: ByteRange, text: string): Promise<boolean> {
  const length = Math.min(size, trailerSize + text.length + 16_384);
  return Buffer.from(await source.read(offset + size - length, length)).includes(text);
}
