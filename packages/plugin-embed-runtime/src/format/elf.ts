import type { JsonObject } from "@sbp/core";
import {
  type Edit,
  type ElfFile,
  editedSource,
  elfDescriptionAddress,
  elfTail,
  joinEdits,
  loadedRanges,
  parseElfTemplate,
  planElfTemplate,
  readElf,
} from "@sbp/executable";
import { type ManifestLibraries, payloadNames } from "@sbp/manifest";
import type { ExecutableFormat } from "./format.ts";
import { checkMachine, flippedFuse } from "./fuse.ts";

const noteName = payloadNames.elf;

/** Puts ld.so and the C library into the runtime's own file. Throws ExecutableError; LoaderError. */
async function selfContainedEdit(
  file: ElfFile,
): Promise<{ readonly edit: Edit; readonly libraries: ManifestLibraries }> {
  const { closureFile, planSelfContained, readClosure } = await import("@sbp/loader");
  const closure = await readClosure(closureFile(targetOf(file)));
  const packages = closure.packages.map(({ name, version, architecture, source, licence }) => ({
    name,
    version,
    architecture,
    source,
    license: licence,
  }));
  return {
    edit: await planSelfContained(file, closure),
    libraries: {
      // "Debian 12"
      distribution: closure.distribution.toLowerCase().replace(" ", "-"),
      packages: packages.sort((a, b) => (a.name < b.name ? -1 : 1)),
    },
  };
}

const targetOf = ({ header }: ElfFile) => (header.machine === "x86-64" ? "linux-x64" : "linux-arm64");

/** Linux: the payload is a note. The executable is the template and a tail, without any change before it. */
export const elf: ExecutableFormat = {
  async plan(source, target, { selfContained }) {
    const file = await readElf(source);
    checkMachine(file.header.machine, target);
    const patches = [await flippedFuse(source, loadedRanges(file))];
    const first = selfContained ? await selfContainedEdit(file) : undefined;
    const runtime = first ? await readElf(editedSource(source, first.edit)) : file;
    const { edit, template } = planElfTemplate(runtime, { noteName, packageNote: true, patches });
    return {
      edit: first ? joinEdits(first.edit, edit) : edit,
      template: template as unknown as JsonObject,
      files: {},
      ...(first && { libraries: first.libraries }),
    };
  },
  payloadAddress: (template) => elfDescriptionAddress(parseElfTemplate(template)),
  tail: async (template, payload, { metadata }) => ({
    patches: [],
    tail: elfTail(parseElfTemplate(template), payload, metadata),
  }),
};
