import type { JsonObject } from "@sbp/core";
import {
  machoLoadedRanges,
  machoTail,
  parseMachoTemplate,
  planMachoTemplate,
  readMacho,
} from "@sbp/executable";
import { payloadNames } from "@sbp/manifest";
import type { ExecutableFormat } from "./format.ts";
import { checkMachine, flippedFuse } from "./fuse.ts";

/** macOS: the payload is a section of a segment of its own, and the whole is signed anew. */
export const macho: ExecutableFormat = {
  async plan(source, target) {
    const file = await readMacho(source);
    checkMachine(file.header.architecture, target);
    const patches = [await flippedFuse(source, machoLoadedRanges(file))];
    const { edit, template, linkedit, pageHashes } = await planMachoTemplate(file, {
      ...payloadNames.macho,
      patches,
    });
    return {
      edit,
      template: template as unknown as JsonObject,
      files: { linkedit, "page-hashes": pageHashes },
    };
  },
  // The payload's segment starts with a page.
  payloadAddress: () => 0,
  async tail(template, payload, { properties, file }) {
    const { identifier, entitlements, hardenedRuntime, signer } = properties.macos!;
    const [linkedit, pageHashes] = await Promise.all([file("linkedit"), file("page-hashes")]);
    return machoTail(parseMachoTemplate(template), payload, {
      linkedit,
      pageHashes,
      identifier,
      hardenedRuntime,
      ...(entitlements && { entitlements }),
      ...(signer && { signing: { identity: signer.identity } }),
    });
  },
};
