import type { JsonObject } from "@sbp/core";
import {
  elfDescriptionAddress,
  elfTail,
  loadedRanges,
  parseElfTemplate,
  planElfTemplate,
  readElf,
} from "@sbp/executable";
import type { ExecutableFormat } from "./format.ts";
import { checkMachine, flippedFuse } from "./fuse.ts";

const noteName = "NODE_SEA_BLOB";

/** Linux: the payload is a note. The executable is the template and a tail, without any change before it. */
export const elf: ExecutableFormat = {
  async plan(source, target) {
    const file = await readElf(source);
    checkMachine(file.header.machine, target);
    const patches = [await flippedFuse(source, loadedRanges(file))];
    const { edit, template } = planElfTemplate(file, { noteName, patches });
    return { edit, template: template as unknown as JsonObject, files: {} };
  },
  payloadAddress: (template) => elfDescriptionAddress(parseElfTemplate(template)),
  tail: async (template, payload) => ({ patches: [], tail: elfTail(parseElfTemplate(template), payload) }),
  async locate(source) {
    const { header, notes } = await readElf(source);
    return {
      target: header.machine === "x86-64" ? "linux-x64" : "linux-arm64",
      payload: notes.find(({ name }) => name === noteName)?.description,
      signed: false,
    };
  },
};
