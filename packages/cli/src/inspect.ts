import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodes, SbpError } from "@sbp/core";
import type { Identified } from "@sbp/manifest";
import { type InspectedImage, imagePlace, inspectImage } from "./inspect-image.ts";

/** What was named: an executable, or an image. */
export type Inspected = InspectedFile | InspectedImages;

export interface InspectedImages {
  readonly what: "image";
  /** As it was named. */
  readonly file: string;
  /** For each platform. */
  readonly images: readonly InspectedImage[];
}

/** A file, identified, with what is embedded in it. */
export type InspectedFile = Identified & {
  /** As it was named. */
  readonly file: string;
  /** What is in the embedded file system, the main script included; of executables of sbp. */
  readonly files?: readonly { readonly path: string; readonly bytes: number }[];
};

export interface InspectOptions {
  readonly cwd: string;
  /** With what takes longer to read: the files of each package, and the embedded ones. */
  readonly details: boolean;
  /** Speak to the registry without TLS. */
  readonly plainHttp: boolean;
  readonly signal: AbortSignal;
}

/** Throws SBP_INSPECT_FILE, SBP_INSPECT_DAMAGED, SBP_INSPECT_FORMAT, SBP_INSPECT_IMAGE. */
export async function inspect(name: string, options: InspectOptions): Promise<Inspected> {
  const path = resolve(options.cwd, name);
  const place = await imagePlace(name, path);
  if (!place) return await told(path, () => inspectFile(name, path, options.details));
  const images = await told(path, () => inspectImage(place === "registry" ? name : path, place, options));
  return { what: "image", file: name, images };
}

async function inspectFile(name: string, path: string, details: boolean): Promise<InspectedFile> {
  const [{ fromFile }, { identify, openPack, ownFolder, readPackedFiles }] = await Promise.all([
    import("@sbp/executable"),
    import("@sbp/manifest"),
  ]);
  const file = await openRegular(path);
  try {
    const source = await fromFile(file);
    const identified = await identify(source, { details });
    if (!identified) throw notReadable(path, "it is no executable for Linux, macOS or Windows, and no image");
    const pack = details && identified.what === "sbp" ? await openPack(source) : undefined;
    const files = (pack ? await readPackedFiles(pack) : [])
      .filter(({ path, isLink }) => !isLink && !path.startsWith(ownFolder))
      .map(({ path, content, script }) => ({
        path,
        bytes: content.size - (script ? script.head + script.foot : 0),
      }));
    return { file: name, ...identified, ...(pack && { files }) };
  } finally {
    await file.close();
  }
}

/** What readers of manifests say, told as ours. */
async function told<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { ManifestError } = await import("@sbp/manifest");
    if (!(error instanceof ManifestError)) throw error;
    const details = { location: { file: path }, cause: error };
    if (error.code === "MANIFEST_VERSION")
      throw new SbpError(
        "SBP_INSPECT_FORMAT",
        `This version of sbp cannot read the executable: ${error.message}`,
        { ...details, hint: "Use the sbp that built it, or a newer one." },
      );
    throw new SbpError("SBP_INSPECT_DAMAGED", `The executable cannot be understood: ${error.message}`, {
      ...details,
      hint: "Take the file from where it was built, or build it again.",
    });
  }
}

async function openRegular(path: string) {
  let cause: unknown;
  try {
    const file = await open(path);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    cause = error;
  }
  throw notReadable(path, cause ? (cause as Error).message : "it is no file", cause);
}

function notReadable(path: string, why: string, cause?: unknown): SbpError {
  return new SbpError("SBP_INSPECT_FILE", `There is nothing to inspect: ${why}`, {
    location: { file: path },
    hint: "Name an executable: sbp inspect dist/linux-x64/app.",
    exitCode: exitCodes.badUsage,
    cause,
  });
}
