import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { type RunContext, SbpError } from "@sbp/core";
import { buildLayer, bytesContent, readTar, type TarEntry } from "@sbp/oci";
import { layerFile, layerMeta } from "./kept-layer.ts";
import type { ImageStepOptions } from "./options.ts";

/** Makes the layer with the time zone database: the same for all apps, so that every machine has it once. */
export async function runTimezones({
  options,
  signal,
  tmp,
  write,
}: RunContext<ImageStepOptions>): Promise<void> {
  const { compression } = options;
  const layer = await buildLayer(await zoneEntries(), { compression, folder: await tmp(), signal });
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer.content.read()) chunks.push(chunk);
  await write("image-timezones", layerMeta(layer), (out) => out.file(layerFile, Buffer.concat(chunks)));
}

/** What @sbp/timezones holds. Throws SBP_IMAGE_TIMEZONES when it is damaged. */
export async function zoneEntries(): Promise<TarEntry[]> {
  const { resolve } = createRequire(import.meta.url);
  const { archive } = JSON.parse(await readFile(resolve("@sbp/timezones/timezones.json"), "utf8")) as {
    readonly archive: { readonly size: number; readonly sha256: string };
  };
  const compressed = await readFile(resolve("@sbp/timezones/zoneinfo.tar.br"));
  const bytes = await promisify(brotliDecompress)(compressed, { maxOutputLength: archive.size }).catch(
    () => undefined,
  );
  if (bytes === undefined || createHash("sha256").update(bytes).digest("hex") !== archive.sha256)
    throw new SbpError("SBP_IMAGE_TIMEZONES", "the time zones are not those that were put in", {
      hint: "Install @sbp/timezones again.",
    });
  const entries: TarEntry[] = [];
  for await (const { type, path, target, offset, size } of readTar(bytesContent(bytes).read())) {
    if (type === "symlink") entries.push({ type, path, target });
    if (type === "file") entries.push({ type, path, content: bytes.subarray(offset, offset + size) });
  }
  return entries;
}
