import type { RunContext } from "@sbp/core";
import { buildLayerPrefix, fileContent } from "@sbp/oci";
import type { ImageStepOptions } from "./options.ts";
import { runtimeFiles, templateFile } from "./runtime.ts";

/** The file of the artifact `image-start`. */
export const startFile = "layer";

/** The layer of the executable up to where the app begins. The artifact's meta says how to go on. */
export async function runStart(context: RunContext<ImageStepOptions>): Promise<void> {
  const { artifacts, options, target, signal, write } = context;
  if (!target!.startsWith("linux-")) {
    await write("image-start", {}, () => {});
    return;
  }
  const runtime = artifacts["image-runtime"]!;
  const { path, size } = artifacts["image-file"]!.meta as { path: string; size: number };
  const shared = Number(runtime.meta["size"]);
  const content = fileContent(await artifacts["template"]!.path(templateFile), { size: shared });
  // Not made of the template by appending: then there is nothing to share.
  if (size < shared) {
    await write("image-start", {}, () => {});
    return;
  }
  const { size: compressedSize } = runtime.files.find((file) => file.path === runtimeFiles.compressed)!;
  const compressed = fileContent(await runtime.path(runtimeFiles.compressed), { size: compressedSize });
  const { compression } = options;
  const work = `${await context.tmp()}/${startFile}`;
  const prefix = await buildLayerPrefix({ path, mode: 0o755, size }, content, work, {
    compression,
    compressed,
    signal,
  });
  // A value of plain JSON.
  await write("image-start", { prefix: { ...prefix, file: { ...prefix.file } } }, (out) =>
    out.file(startFile, { copyOf: work }),
  );
}
