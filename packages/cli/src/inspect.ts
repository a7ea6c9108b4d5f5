import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodes, SbpError } from "@sbp/core";
import type { Identified } from "@sbp/manifest";

/** A file, identified, with what is embedded in it. */
export type Inspected = Identified & {
  /** As it was named. */
  readonly file: string;
  /** What is in the embedded file system, the main script included; of executables of sbp. */
  readonly files?: readonly { readonly path: string; readonly bytes: number }[];
};

export interface InspectOptions {
  readonly cwd: string;
  /** With what takes longer to read: the files of each package, and the embedded ones. */
  readonly details: boolean;
}

/** Throws SBP_INSPECT_FILE, SBP_INSPECT_DAMAGED, SBP_INSPECT_FORMAT. */
export async function inspectFile(name: string, { cwd, details }: InspectOptions): Promise<Inspected> {
  const location = { file: resolve(cwd, name) };
  const [{ fromFile }, { identify, ManifestError, openPack, ownFolder, readPackedFiles }] = await Promise.all(
    [import("@sbp/executable"), import("@sbp/manifest")],
  );
  const file = await openRegular(location.file);
  try {
    const source = await fromFile(file);
    const identified = await identify(source, { details });
    if (!identified) throw notReadable(location.file, "it is no executable for Linux, macOS or Windows");
    const pack = details && identified.what === "sbp" ? await openPack(source) : undefined;
    const files = (pack ? await readPackedFiles(pack) : [])
      .filter(({ path, isLink }) => !isLink && !path.startsWith(ownFolder))
      .map(({ path, content, script }) => ({
        path,
        bytes: content.size - (script ? script.head + script.foot : 0),
      }));
    return { file: name, ...identified, ...(pack && { files }) };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    if (error.code === "MANIFEST_VERSION")
      throw new SbpError(
        "SBP_INSPECT_FORMAT",
        `This version of sbp cannot read the executable: ${error.message}`,
        {
          location,
          hint: "Use the sbp that built it, or a newer one.",
          cause: error,
        },
      );
    throw new SbpError("SBP_INSPECT_DAMAGED", `The executable cannot be understood: ${error.message}`, {
      location,
      hint: "Take the file from where it was built, or build it again.",
      cause: error,
    });
  } finally {
    await file.close();
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
