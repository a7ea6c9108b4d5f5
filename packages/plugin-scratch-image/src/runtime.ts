import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { exitCodes, type RunContext, SbpError } from "@sbp/core";
import {
  type ElfInterpreter,
  ExecutableError,
  elfInterpreter,
  fromFile,
  parseElfTemplate,
} from "@sbp/executable";
import { buildLayer, compressShared, fileContent } from "@sbp/oci";
import { runtimeCertificates } from "./certificates.ts";
import { layerFile, layerMeta } from "./kept-layer.ts";
import type { ImageStepOptions } from "./options.ts";

/** The files of the artifact `image-runtime`, besides a whole layer. */
export const runtimeFiles = { compressed: "runtime", certificates: "certificates.pem" } as const;

/** The executable in a template. */
export const templateFile = "node";

/** Where a layered image has its runtime, relative to the root. All apps name it, so it never changes. */
export const interpreterPath = "usr/lib/sbp/node";

/** What is the same for all apps of a runtime: its compressed bytes, or a layer of it, and the certificates in it. */
export async function runRuntime(context: RunContext<ImageStepOptions>): Promise<void> {
  const { artifacts, options, target, signal, write, progress } = context;
  if (!target!.startsWith("linux-")) {
    await write("image-runtime", {}, () => {});
    return;
  }
  const template = artifacts["template"]!;
  const file = template.files.find(({ path }) => path === templateFile);
  if (!file) throw new SbpError("SBP_TEMPLATE_INVALID", `the template has no file ${templateFile}`);
  const path = await template.path(templateFile);
  const content = fileContent(path, { size: file.size });
  const certificates = await runtimeCertificates(path, signal);
  const { compression } = options;
  progress("compressing the runtime");
  if (options.layout === "layered") {
    const { header, tail } = await interpreterOf(path, template.meta["template"]);
    const rest = fileContent(path, { offset: header.length, size: file.size - header.length });
    const parts = [header, rest, ...tail];
    const entries = [{ type: "file", path: interpreterPath, mode: 0o755, content: parts } as const];
    const layer = await buildLayer(entries, { compression, folder: await context.tmp(), signal });
    await write("image-runtime", layerMeta(layer), async (out) => {
      await out.file(layerFile, Readable.from(layer.content.read()));
      await out.file(runtimeFiles.certificates, certificates.map((pem) => `${pem}\n`).join(""));
    });
    return;
  }
  await write("image-runtime", { size: file.size, sha256: file.sha256 }, async (out) => {
    await compressShared(content, await out.reserve(runtimeFiles.compressed), { compression, signal });
    await out.file(runtimeFiles.certificates, certificates.map((pem) => `${pem}\n`).join(""));
  });
}

/** What makes a template the interpreter of its apps. Throws SBP_IMAGE_LAYERED for one that cannot be. */
async function interpreterOf(path: string, plan: unknown): Promise<ElfInterpreter> {
  const file = await open(path);
  try {
    return await elfInterpreter(await fromFile(file), parseElfTemplate(plan));
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    throw new SbpError("SBP_IMAGE_LAYERED", `this runtime cannot be a layer of its own: ${error.message}`, {
      hint: 'Take "layout": "single"; and leave out "selfContained": false of the step embed-runtime.',
      exitCode: exitCodes.badUsage,
      cause: error,
    });
  } finally {
    await file.close();
  }
}
