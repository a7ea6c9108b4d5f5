/* What a word of the command line stands for: an executable, an image or a project. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileError, type ScannedExecutable, scanExecutable } from "./inventory/of-executable.ts";
import { scanImage } from "./inventory/of-image.ts";
import { inventoryOfProject } from "./inventory/of-project.ts";
import {
  type ImageRequest,
  isLayout,
  isTar,
  type OpenedImage,
  openStoredImage,
  pullImage,
} from "./inventory/open-image.ts";

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
    // A reference begins with its registry: everything else is meant as a path.
    if (!/^(localhost|[\w-]+(\.[\w-]+)+|[\w.-]+:\d+)\//.test(word))
      throw fileError(word, "there is no such file or folder");
    return await withImage(await pullImage(word, request), word, texts);
  }
  if (found.isDirectory()) {
    if (await isLayout(path))
      return await withImage(await openStoredImage(path, "layout", request), word, texts);
    return { inventory: await inventoryOfProject(path, word), checks: [], texts: [] };
  }
  if (!found.isFile()) throw fileError(word, "it is neither a file nor a folder");
  if (await isTar(path)) return await withImage(await openStoredImage(path, "tar", request), word, texts);
  return await scanExecutable(path, { name: word, texts, ...(digest && { sha256: "compute" }) });
}

async function withImage(
  { image, close }: OpenedImage,
  name: string,
  texts: boolean,
): Promise<ScannedExecutable> {
  try {
    return await scanImage(image, name, { texts, executables: true });
  } finally {
    await close();
  }
}
