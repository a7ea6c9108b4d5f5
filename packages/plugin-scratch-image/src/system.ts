import type { RunContext } from "@sbp/core";
import { buildLayer } from "@sbp/oci";
import { baseFiles } from "./base-files.ts";
import { ownCertificates } from "./certificates.ts";
import { layerFile, layerMeta } from "./kept-layer.ts";
import type { ImageStepOptions } from "./options.ts";
import { runtimeFiles } from "./runtime.ts";

type Context = RunContext<ImageStepOptions>;

/** What the meta of `image-system` tells besides its layer: which certificates there are. */
export interface SystemMeta {
  readonly hasCertificates: boolean;
  /** The user's own. */
  readonly hasOwn: boolean;
}

/** Makes the layer of the few files of a system: the same for all apps of a runtime, unless they bring certificates. */
export async function runSystem(context: Context): Promise<void> {
  const { options, target, signal, tmp, write } = context;
  if (!target!.startsWith("linux-")) {
    await write("image-system", {}, () => {});
    return;
  }
  const { certificates, compression } = options;
  const own = Array.isArray(certificates) ? await ownCertificates(certificates, context) : [];
  const listed = certificates === false ? [] : await listedCertificates(context);
  const layer = await buildLayer(baseFiles(listed, own), { compression, folder: await tmp(), signal });
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer.content.read()) chunks.push(chunk);
  const meta: SystemMeta = { hasCertificates: listed.length + own.length > 0, hasOwn: own.length > 0 };
  await write("image-system", { ...layerMeta(layer), ...meta }, (out) =>
    out.file(layerFile, Buffer.concat(chunks)),
  );
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
