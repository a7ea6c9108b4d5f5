import { type RunContext, SbpError } from "@sbp/core";
import { compressShared, fileContent } from "@sbp/oci";
import { runtimeCertificates } from "./certificates.ts";
import type { ImageStepOptions } from "./options.ts";

/** The files of the artifact `image-runtime`. */
export const runtimeFiles = { compressed: "runtime", certificates: "certificates.pem" } as const;

/** The executable in a template. */
export const templateFile = "node";

/** What is the same for all apps of a runtime: its compressed bytes, and the certificates in it. */
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
  progress("compressing the runtime");
  await write("image-runtime", { size: file.size, sha256: file.sha256 }, async (out) => {
    const { compression } = options;
    await compressShared(content, await out.reserve(runtimeFiles.compressed), { compression, signal });
    await out.file(runtimeFiles.certificates, certificates.map((pem) => `${pem}\n`).join(""));
  });
}
