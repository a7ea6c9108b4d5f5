import { exitCodes, type JsonObject, type RunContext, SbpError } from "@sbp/core";
import {
  blobsOf,
  buildLayer,
  createImage,
  digestHex,
  encodeLayoutIndex,
  type Image,
  layoutFile,
  OciError,
} from "@sbp/oci";
import { appContent } from "./app-content.ts";
import { appLayers, type PlacedLayer } from "./app-layer.ts";
import { describeApp } from "./description.ts";
import { extraFiles } from "./extra-files.ts";
import { checkExecutable, executableOf } from "./file.ts";
import { keptLayer, layerFile } from "./kept-layer.ts";
import { namedBy } from "./names.ts";
import type { ImageStepOptions } from "./options.ts";
import { settingsOf } from "./settings.ts";

type Context = RunContext<ImageStepOptions>;

const platforms: Readonly<Record<string, { os: string; architecture: string; variant?: string }>> = {
  "linux-x64": { os: "linux", architecture: "amd64" },
  "linux-arm64": { os: "linux", architecture: "arm64", variant: "v8" },
};

/**
 * Makes the image: a layer of the few files of the system, one of time zones, one of the option `files`, and the executable's,
 * which changes most often.
 */
export async function runImage(context: Context): Promise<void> {
  const { artifacts, options, target, write, report } = context;
  const platform = platforms[target!];
  if (!platform) {
    report({
      severity: "info",
      code: "SBP_IMAGE_PLATFORM",
      message: `No image for ${target}: images are for Linux`,
    });
    await write("image", {}, () => {});
    return;
  }
  const executable = executableOf(artifacts["executable"]!);
  const content = await appContent(executable, context);
  const elf = await checkExecutable(content.source, executable.path);
  const { folder, created } = { folder: await context.tmp(), created: createdAt(context) };
  const layerOptions = { compression: options.compression, folder, signal: context.signal };
  const layers: PlacedLayer[] = [];
  for (const [what, artifact] of [
    ["system files", artifacts["image-system"]],
    ["time zones", artifacts["image-timezones"]],
  ] as const) {
    const kept = await keptLayer(artifact);
    if (kept) layers.push({ what, layer: kept.layer, kept: { ...kept, file: layerFile } });
  }
  const files = await extraFiles(options.files ?? [], context);
  if (files.length > 0)
    layers.push({ what: "files", layer: await ofPaths(() => buildLayer(files, layerOptions)) });
  layers.push(...(await appLayers(executable, content, elf, { ...context, folder })));
  const described = await describeApp(context.app!, context, { created, git: options.git });
  const image = createImage({
    platform,
    layers: layers.map(({ layer }) => layer),
    history: layers.map(({ what }) => `sbp scratch-image: ${what}`),
    settings: settingsOf(executable.path, options, {
      described,
      hasCertificates: artifacts["image-system"]!.meta["hasCertificates"] === true,
      hasOwn: artifacts["image-system"]!.meta["hasOwn"] === true,
    }),
    created,
    annotations: { ...described, ...options.annotations },
  });
  await writeImage(image, layers, executable.path, context);
}

/** Seconds since 1970. Throws SBP_IMAGE_EPOCH. */
function createdAt({ dependOn }: Context): number {
  dependOn({ env: "SOURCE_DATE_EPOCH" });
  const text = process.env["SOURCE_DATE_EPOCH"] || "0";
  if (/^\d{1,11}$/.test(text)) return Number(text);
  throw new SbpError(
    "SBP_IMAGE_EPOCH",
    `SOURCE_DATE_EPOCH is no number of seconds: ${JSON.stringify(text.slice(0, 40))}`,
    {
      hint: "Unset it, or set it to seconds since 1970, such as $(git log -1 --format=%ct).",
      exitCode: exitCodes.badUsage,
    },
  );
}

/** As an OCI layout: what the store has of its layers is named, and not written again. */
async function writeImage(
  image: Image,
  layers: readonly PlacedLayer[],
  name: string,
  { options, write }: Context,
): Promise<void> {
  const { repository, tags } = options;
  const folder = `${name}.oci`;
  const meta: JsonObject = {
    digest: image.digest,
    layout: folder,
    layers: image.layers.map(({ size }) => size),
    tags: [...tags],
    ...(repository !== undefined && { repository }),
  };
  await write("image", meta, async (out) => {
    for (const blob of blobsOf([image])) {
      const path = `${folder}/blobs/sha256/${digestHex(blob.digest)}`;
      const kept = layers.find(({ layer }) => layer.digest === blob.digest)?.kept;
      if (kept?.tail) await out.compose(path, { base: kept, tail: kept.tail });
      else if (kept) await out.file(path, kept);
      else {
        const chunks: Uint8Array[] = [];
        for await (const chunk of blob.content.read()) chunks.push(chunk);
        await out.file(path, Buffer.concat(chunks));
      }
    }
    await out.file(`${folder}/index.json`, encodeLayoutIndex(namedBy(image, options)));
    await out.file(`${folder}/oci-layout`, layoutFile);
  });
}

/** What the option `files` does wrong, told as ours. */
async function ofPaths<T>(make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof OciError) || error.code !== "OCI_PATH_INVALID") throw error;
    throw new SbpError("SBP_IMAGE_FILES", `\`files\` does not fit together: ${error.message}`, {
      hint: "Correct `to` in `files` of the step scratch-image.",
      exitCode: exitCodes.badUsage,
      cause: error,
    });
  }
}
