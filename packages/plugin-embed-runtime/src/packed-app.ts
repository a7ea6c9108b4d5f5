import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { exitCodes, SbpError, type SbpErrorDetails } from "@sbp/core";
import { type ByteRange, type ByteSource, ExecutableError, fromFile } from "@sbp/executable";
import type { BuildFacts } from "./build-facts.ts";
import { formatOfFile, type LocatedPayload } from "./format/format.ts";
import { type IndexedFile, PackVersionError, readPackIndex } from "./pack-reader.ts";
import { type PackedScriptMeta, packedFormat } from "./packed-script.ts";
import { findPack } from "./sea-blob.ts";

export { isOlder } from "./version.ts";

/** An app as its executable carries it. */
export interface PackedApp {
  /** Bytes of the executable. */
  readonly size: number;
  /** Of the main file, in hex. */
  readonly mainSha256: string;
  /** Permissions of the executable. */
  readonly mode: number;
  readonly build: BuildFacts;
  /** It starts with compiled code. */
  readonly codeCache: boolean;
  /** It is signed with a certificate. */
  readonly signed: boolean;
  /** What a bundle that holds the main file says of itself. */
  readonly meta: PackedScriptMeta;
  /** The main file, with its wrapper. */
  readonly main: Buffer;
}

/** Bytes; V8 has no longer texts. */
const longestScript = 512 * 1024 * 1024;

/**
 * Reads the app out of an executable that sbp made, by the structure of the file: some KB, and the main file. The file
 * may be anybody's.
 *
 * Throws SBP_REBASE_FILE, SBP_REBASE_NO_APP, SBP_REBASE_DAMAGED, SBP_REBASE_FORMAT.
 */
export async function readPackedApp(path: string): Promise<PackedApp> {
  const file = await openFile(path);
  try {
    const { mode } = await file.stat();
    return { ...(await readApp(await fromFile(file), path)), mode: mode & 0o777 };
  } catch (error) {
    if (error instanceof PackVersionError) throw newerFormat(path, error);
    if (error instanceof ExecutableError && error.code === "EXECUTABLE_UNSUPPORTED")
      throw noApp(path, error.message, error);
    if (!(error instanceof ExecutableError) && !(error instanceof RangeError)) throw error;
    throw refusal("SBP_REBASE_DAMAGED", `The executable is damaged: ${error.message}`, path, {
      hint: "Take the file from where it was built, or build it again.",
      cause: error,
    });
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  let why: string;
  let cause: unknown;
  try {
    const file = await open(path);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    why = "it is no file";
  } catch (error) {
    why = (error as Error).message;
    cause = error;
  }
  throw new SbpError("SBP_REBASE_FILE", `The executable cannot be read: ${why}`, {
    location: { file: path },
    hint: "Name an executable that sbp built: sbp rebase dist/linux-x64/app.",
    exitCode: exitCodes.badUsage,
    cause,
  });
}

async function readApp(source: ByteSource, path: string): Promise<Omit<PackedApp, "mode">> {
  const format = await formatOfFile(source);
  if (!format) throw noApp(path, "it is no executable for Linux, macOS or Windows");
  const located = await format.locate(source);
  const { payload, signed } = located;
  if (!payload) throw noApp(path, "it carries no app");
  const place = await findPack(source, payload);
  if (!place) throw noApp(path, "another tool made it");
  const pack = within(source, place);
  const { info, files } = await readPackIndex(pack);
  if (!info.build) throw newerFormat(path);
  const { build } = info;
  checkTarget(build, located);
  const file = files.find((candidate) => candidate.path === info.main);
  if (!file?.script) throw new RangeError("its main script is missing");
  // Files that this version would not carry over.
  if (files.length > 1) throw newerFormat(path);
  const main = await readScript(pack, file);
  return {
    size: source.size,
    build,
    codeCache: file.codeCache !== undefined,
    signed,
    meta: { format: packedFormat, main: info.main, ...file.script },
    main,
    mainSha256: createHash("sha256").update(main).digest("hex"),
  };
}

function checkTarget({ target }: BuildFacts, located: LocatedPayload): void {
  if (target !== located.target) throw new RangeError(`it is for ${located.target}, but says ${target}`);
}

async function readScript(pack: ByteSource, { content }: IndexedFile): Promise<Buffer> {
  if (content.size > longestScript) throw new RangeError(`its main script has ${content.size} bytes`);
  return Buffer.from(await pack.read(content.offset, content.size));
}

/** A part of a file as a source of its own. */
function within(source: ByteSource, { offset, size }: ByteRange): ByteSource {
  return {
    size,
    async read(at, length) {
      if (at + length > size) throw new RangeError("the pack is cut short");
      return source.read(offset + at, length);
    },
  };
}

function noApp(path: string, why: string, cause?: unknown): SbpError {
  return refusal("SBP_REBASE_NO_APP", `This is no executable that sbp made: ${why}`, path, {
    hint: "Only what `sbp build` made tells how it was made.",
    exitCode: exitCodes.badUsage,
    cause,
  });
}

function newerFormat(path: string, cause?: unknown): SbpError {
  return refusal(
    "SBP_REBASE_FORMAT",
    "Another version of sbp made this executable, in a format unknown to this one",
    path,
    {
      hint: "Use the sbp that built it, or a newer one; or build it again.",
      cause,
    },
  );
}

function refusal(code: string, message: string, path: string, details: SbpErrorDetails): SbpError {
  return new SbpError(code, message, { location: { file: path }, ...details });
}
