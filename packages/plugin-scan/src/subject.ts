/* What a word of the command line stands for: an executable, an image or a project. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type ImagePlace, isLayout, isTar, namesRegistry } from "@sbp/oci/places";
import { fileError, type ScannedExecutable, scanExecutable } from "./inventory/of-executable.ts";
import { scanImage } from "./inventory/of-image.ts";
import { inventoryOfProject } from "./inventory/of-project.ts";
import { type ImageRequest, openNamedImage } from "./inventory/open-image.ts";

export interface SubjectRequest extends ImageRequest {
  readonly cwd: string;
  readonly texts: boolean;
  readonly digest: boolean;
}

/** Throws SBP_SCAN_FILE, SBP_SCAN_IMAGE, SBP_SCAN_MANIFEST, SBP_SCAN_LOCKFILE. */
export async function scanSubject(word: string, request: SubjectRequest): Promise<ScannedExecutable> {
  const { cwd, texts, digest } = request;
  const path = resolve(cwd, word);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw fileError(word, error.message, error);
    return undefined;
  });
  if (!found) {
    if (!namesRegistry(word)) throw fileError(word, "there is no such file or folder");
    return await scanNamed(word, "registry", word, request);
  }
  if (found.isDirectory()) {
    if (await isLayout(path)) return await scanNamed(path, "layout", word, request);
    return { inventory: await inventoryOfProject(path, word), checks: [], texts: [] };
  }
  if (!found.isFile()) throw fileError(word, "it is neither a file nor a folder");
  if (await isTar(path)) return await scanNamed(path, "tar", word, request);
  return await scanExecutable(path, { name: word, texts, ...(digest && { sha256: "compute" }) });
}

/** @param word as the user named it */
async function scanNamed(
  name: string,
  place: ImagePlace,
  word: string,
  request: SubjectRequest,
): Promise<ScannedExecutable> {
  const { image, close } = await openNamedImage(name, place, request);
  try {
    return await scanImage(image, word, { texts: request.texts, executables: true });
  } finally {
    await close();
  }
}
