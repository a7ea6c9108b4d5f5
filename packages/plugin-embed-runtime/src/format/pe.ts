import type { JsonObject } from "@sbp/core";
import {
  parsePeTemplate,
  peResourceType,
  peSectionRanges,
  peTail,
  planPeTemplate,
  readPe,
} from "@sbp/executable";
import type { ExecutableFormat } from "./format.ts";
import { checkMachine, flippedFuse } from "./fuse.ts";

const resourceName = "NODE_SEA_BLOB";

/** Windows: the payload is a resource. */
export const pe: ExecutableFormat = {
  async plan(source, target) {
    const file = await readPe(source);
    checkMachine(file.header.machine, target);
    const patches = [await flippedFuse(source, peSectionRanges(file))];
    const { edit, template } = await planPeTemplate(file, { resourceName, patches });
    return { edit, template: template as unknown as JsonObject, files: {} };
  },
  // Where the resource begins depends on those before it; it matters to code caches only.
  payloadAddress: () => 0,
  tail: async (template, payload) => peTail(parsePeTemplate(template), payload),
  async locate(source) {
    const { header, resources, certificates } = await readPe(source);
    return {
      target: header.machine === "x86-64" ? "win32-x64" : "win32-arm64",
      payload: resources.find(({ type, name }) => type === peResourceType.data && name === resourceName)
        ?.content,
      signed: certificates.length > 0,
    };
  },
};
