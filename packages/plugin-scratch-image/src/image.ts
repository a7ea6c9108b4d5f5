import {
  type Artifact,
  type ArtifactFile,
  exitCodes,
  type JsonObject,
  type RunContext,
  SbpError,
} from "@sbp/core";
import {
  blobsOf,
  buildLayer,
  completeLayer,
  createImage,
  digestHex,
  encodeLayoutIndex,
  type Image,
  type Layer,
  type LayerPrefix,
  layoutFile,
  OciError,
  writeArchive,
} from "@sbp/oci";
import { type AppContent, appContent } from "./app-content.ts";
import { baseFiles, certificatesPath, ownCertificatesPath, users } from "./base-files.ts";
import { ownCertificates } from "./certificates.ts";
import { describeApp } from "./description.ts";
import { extraFiles } from "./extra-files.ts";
import { checkExecutable, executableOf } from "./file.ts";
import type { ImageStepOptions } from "./options.ts";
import { runtimeFiles } from "./runtime.ts";
import { startFile } from "./start.ts";

type Context = RunContext<ImageStepOptions>;

const platforms: Readonly<Record<string, { os: string; architecture: string; variant?: string }>> = {
  "linux-x64": { os: "linux", architecture: "amd64" },
  "linux-arm64": { os: "linux", architecture: "arm64", variant: "v8" },
};

/** Makes the image: a layer of the few files of the system, one of the option `files`, and one of the executable. */
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
  await checkExecutable(content.source, executable.path);
  const own = Array.isArray(options.certificates) ? await ownCertificates(options.certificates, context) : [];
  const certificates = options.certificates === false ? [] : await listedCertificates(context);
  const { folder, created } = { folder: await context.tmp(), created: createdAt(context) };
  const layerOptions = { compression: options.compression, folder, signal: context.signal };
  const base = await ofPaths(() => buildLayer(baseFiles(certificates, own), layerOptions));
  const files = await extraFiles(options.files ?? [], context);
  const extra = files.length > 0 ? await ofPaths(() => buildLayer(files, layerOptions)) : undefined;
  const app = await executableLayer(executable, content, { ...context, folder });
  const described = await describeApp(context.app!, context);
  const image = createImage({
    platform,
    layers: [base, ...(extra ? [extra] : []), app.layer],
    history: ["system files", ...(extra ? ["files"] : []), "executable"].map(
      (what) => `sbp scratch-image: ${what}`,
    ),
    settings: settingsOf(executable.path, options, {
      described,
      hasCertificates: certificates.length + own.length > 0,
      hasOwn: own.length > 0,
    }),
    created,
    annotations: { ...described, ...options.annotations },
  });
  await writeImage(image, app, executable.path, context);
}

/** The layer of the executable; begun already where the executable is a template with something behind it. */
async function executableLayer(
  { path }: ArtifactFile,
  { content, behind }: AppContent,
  { artifacts, options, signal, folder }: Context & { readonly folder: string },
): Promise<{
  readonly layer: Layer;
  readonly start?: { readonly artifact: Artifact; readonly tail: Uint8Array[] };
}> {
  const start = artifacts["image-start"];
  const prefix = start?.meta["prefix"] as unknown as LayerPrefix | undefined;
  if (!start || !prefix || !behind) {
    const entries = [{ type: "file", path, mode: 0o755, content: [content] } as const];
    return { layer: await buildLayer(entries, { compression: options.compression, folder, signal }) };
  }
  const layer = await completeLayer(prefix, await start.path(startFile), [behind], { folder, signal });
  const tail: Uint8Array[] = [];
  for await (const chunk of layer.tail.read()) tail.push(chunk);
  return { layer, start: { artifact: start, tail } };
}

/** Those of the runtime, with a warning where it has none. */
async function listedCertificates({ artifacts, report }: Context): Promise<string[]> {
  const runtime = artifacts["image-runtime"];
  const text = runtime ? `${await runtime.read(runtimeFiles.certificates)}` : "";
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0)
    report({
      severity: "warning",
      code: "SBP_IMAGE_NO_CERTIFICATES",
      message: "The runtime brings no certificates, so the image has none but your own",
      hint: 'Name PEM files in "certificates", or set it to false.',
    });
  return found;
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

function settingsOf(
  name: string,
  options: ImageStepOptions,
  {
    described,
    hasCertificates,
    hasOwn,
  }: { described: Record<string, string>; hasCertificates: boolean; hasOwn: boolean },
) {
  const { user, healthcheck } = options;
  const milliseconds = (seconds: number | undefined) => seconds && seconds * 1000;
  const id = users[user];
  return {
    // Numbers: Kubernetes can tell only of those that they are not root.
    user: id === undefined ? user : `${id}:${id}`,
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      NODE_ENV: "production",
      ...(hasCertificates && { SSL_CERT_FILE: `/${certificatesPath}` }),
      ...(hasOwn && { NODE_EXTRA_CA_CERTS: `/${ownCertificatesPath}` }),
      ...options.env,
    },
    entrypoint: options.entrypoint ?? [`/${name}`],
    cmd: options.cmd,
    workingDirectory: options.workdir,
    exposedPorts: options.ports,
    volumes: options.volumes,
    stopSignal: options.stopSignal,
    labels: { ...described, ...options.labels },
    healthcheck: healthcheck && {
      command: [`/${name}`, ...healthcheck.args],
      interval: milliseconds(healthcheck.interval),
      timeout: milliseconds(healthcheck.timeout),
      startPeriod: milliseconds(healthcheck.startPeriod),
      retries: healthcheck.retries,
    },
  };
}

/** As an OCI layout, whose big blob the store keeps as the start of the layer and the rest. */
async function writeImage(
  image: Image,
  { layer, start }: Awaited<ReturnType<typeof executableLayer>>,
  name: string,
  { options, write, signal }: Context,
): Promise<void> {
  const { repository, tags } = options;
  // Tools of OCI find it by a tag, those of Docker by a whole reference.
  const named = tags.map((tag) => ({
    manifest: image,
    name: repository === undefined ? tag : `${repository}:${tag}`,
  }));
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
      if (start && blob.digest === layer.digest)
        await out.compose(path, { base: { artifact: start.artifact, file: startFile }, tail: start.tail });
      else {
        const chunks: Uint8Array[] = [];
        for await (const chunk of blob.content.read()) chunks.push(chunk);
        await out.file(path, Buffer.concat(chunks));
      }
    }
    await out.file(`${folder}/index.json`, encodeLayoutIndex(named));
    await out.file(`${folder}/oci-layout`, layoutFile);
    if (options.archive) await writeArchive(await out.reserve(`${name}.tar`), named, { signal });
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
