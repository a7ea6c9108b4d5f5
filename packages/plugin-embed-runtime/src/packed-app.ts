import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { exitCodes, SbpError, type SbpErrorDetails } from "@sbp/core";
import { type ByteRange, type ByteSource, ExecutableError, fromFile } from "@sbp/executable";
import {
  type BundleManifest,
  findPack,
  type IndexedFile,
  type LocatedPayload,
  locatePayload,
  ManifestError,
  type OpenedPack,
  ownFolder,
  PackVersionError,
  readPackManifest,
  within,
} from "@sbp/manifest";
import type { BuildFacts } from "./build-facts.ts";
import { readPackIndex } from "./pack-reader.ts";
import { type PackedBundleMeta, packedFormat } from "./packed-bundle.ts";

export { packedManifestFile } from "./manifest.ts";
export { type PackedOptions, packedOptions } from "./packed-options.ts";
export { isOlder } from "./version.ts";

/** Bytes: what Linux allows (PATH_MAX). */
const longestPath = 4096;

/** An app as its executable carries it. */
export interface PackedApp {
  /** Bytes of the executable. */
  readonly size: number;
  /** SHA-256 of all that the app carries, in hex. */
  readonly sha256: string;
  /** Permissions of the executable. */
  readonly mode: number;
  readonly build: BuildFacts;
  /** The icon that the build was given, as an .ico file. */
  readonly icon?: Uint8Array;
  /** It starts with compiled code. */
  readonly codeCache: boolean;
  /** It is signed with a certificate. */
  readonly signed: boolean;
  /** What a bundle of these files says of itself. */
  readonly meta: PackedBundleMeta;
  readonly files: readonly PackedAppFile[];
  /** What it says of its packages: goes into a bundle of these files as `packedManifestFile`. */
  readonly manifest?: BundleManifest;
}

/** A file that an app carries, scripts with their wrappers: where it lies in the executable. */
export interface PackedAppFile extends ByteRange {
  readonly path: string;
  readonly executable: boolean;
}

/**
 * Finds the app in an executable that sbp made, by the structure of the file. The file may be anybody's.
 *
 * Throws SBP_REBASE_FILE, SBP_REBASE_NO_APP, SBP_REBASE_DAMAGED, SBP_REBASE_FORMAT.
 */
export async function readPackedApp(path: string): Promise<PackedApp> {
  const file = await openFile(path);
  try {
    const { mode } = await file.stat();
    return { ...(await readApp(await fromFile(file), path)), mode: mode & 0o777 };
  } catch (error) {
    const isNewer = error instanceof ManifestError && error.code === "MANIFEST_VERSION";
    if (error instanceof PackVersionError || isNewer) throw newerFormat(path, error);
    if (error instanceof ExecutableError && error.code === "EXECUTABLE_UNSUPPORTED")
      throw noApp(path, error.message, error);
    if (![ExecutableError, ManifestError, RangeError].some((known) => error instanceof known)) throw error;
    throw refusal("SBP_REBASE_DAMAGED", `The executable is damaged: ${(error as Error).message}`, path, {
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
  const located = await locatePayload(source);
  if (!located) throw noApp(path, "it is no executable for Linux, macOS or Windows");
  const { payload, signed } = located;
  if (!payload) throw noApp(path, "it carries no app");
  const place = await findPack(source, payload);
  if (!place) throw noApp(path, "another tool made it");
  const pack = within(source, place);
  const { info, files, layout } = await readPackIndex(pack);
  if (!info.build) throw newerFormat(path);
  const { build } = info;
  checkTarget(build, located);
  const icon = build.windows?.icon && (await located.icon?.());
  if (build.windows?.icon && !icon) throw new RangeError("its icon is missing");
  const main = files.find((file) => file.path === info.main);
  if (!main?.script) throw new RangeError("its main script is missing");
  // What is ours and no data of the app's comes with the new template.
  const carried = files.filter((file) => !file.isLink && !(file.path.startsWith(ownFolder) && file.script));
  const links = await readLinks(
    files.filter(({ isLink }) => isLink),
    pack,
  );
  const manifest = await readBundlePart({ located, place, source: pack, layout });
  return {
    size: source.size,
    build,
    ...(manifest && { manifest }),
    ...(icon && { icon }),
    codeCache: main.codeCache !== undefined,
    signed,
    meta: {
      format: packedFormat,
      main: info.main,
      scripts: Object.fromEntries(carried.flatMap(({ path, script }) => (script ? [[path, script]] : []))),
      ...(links && { links }),
      ...(info.sourceMap && { sourceMap: { ...info.sourceMap } }),
      ...(info.scriptMaps && { scriptMaps: { ...info.scriptMaps } }),
    },
    files: carried.map(({ path, executable, content }) => ({
      path,
      executable,
      offset: place.offset + content.offset,
      size: content.size,
    })),
    sha256: await sha256Of(pack),
  };
}

/** What the executable says of its packages, which do not change with its runtime; undefined where it says nothing. */
async function readBundlePart(pack: OpenedPack): Promise<BundleManifest | undefined> {
  if (!pack.layout.manifest) return undefined;
  const { packages, app, shaken, source } = await readPackManifest(pack, { details: true });
  return {
    packages,
    ...(app.dependencies && { dependencies: app.dependencies }),
    ...(shaken && { shaken }),
    ...(source && { source }),
  };
}

/** Where links lead, by path; undefined for none. */
async function readLinks(
  links: readonly IndexedFile[],
  pack: ByteSource,
): Promise<Record<string, string> | undefined> {
  if (links.length === 0) return undefined;
  const read: Record<string, string> = {};
  for (const { path, content } of links) {
    if (content.size > longestPath) throw new RangeError(`its link "${path}" is too long`);
    read[path] = Buffer.from(await pack.read(content.offset, content.size)).toString();
  }
  return read;
}

async function sha256Of(source: ByteSource): Promise<string> {
  const hash = createHash("sha256");
  const chunk = 1 << 20;
  for (let at = 0; at < source.size; at += chunk)
    hash.update(await source.read(at, Math.min(chunk, source.size - at)));
  return hash.digest("hex");
}

function checkTarget({ target }: BuildFacts, located: LocatedPayload): void {
  if (target !== located.target) throw new RangeError(`it is for ${located.target}, but says ${target}`);
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
