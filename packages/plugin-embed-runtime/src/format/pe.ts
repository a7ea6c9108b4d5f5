import { open } from "node:fs/promises";
import { exitCodes, type JsonObject, SbpError } from "@sbp/core";
import {
  ExecutableError,
  fromFile,
  parsePeTemplate,
  peSectionRanges,
  peTail,
  planPeTemplate,
  readPe,
  signPeTail,
} from "@sbp/executable";
import { payloadNames } from "@sbp/manifest";
import type { ProjectFile } from "../project-file.ts";
import type { ExecutableFormat } from "./format.ts";
import { checkMachine, flippedFuse } from "./fuse.ts";

const resourceName = payloadNames.pe;

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
  async tail(template, payload, { properties, templatePath }) {
    const { icon, version, subsystem, signer, url } = properties.windows!;
    const parsed = parsePeTemplate(template);
    const tail = withIcon(icon, (given) =>
      peTail(parsed, payload, { version, ...(subsystem && { subsystem }), ...given }),
    );
    if (!signer) return tail;
    const description = version.fileDescription!;
    const file = await open(await templatePath());
    try {
      const source = await fromFile(file);
      return await signPeTail(source, parsed, tail, signer.identity, {
        description,
        ...(url !== undefined && { url }),
      });
    } finally {
      await file.close();
    }
  },
};

/** What a file that is no icon is told as. */
function withIcon<T>(icon: ProjectFile | undefined, use: (given: { icon?: Uint8Array }) => T): T {
  if (!icon) return use({});
  try {
    return use({ icon: icon.bytes });
  } catch (error) {
    if (!(error instanceof ExecutableError) || error.code !== "EXECUTABLE_ICON_INVALID") throw error;
    throw new SbpError("SBP_ICON_INVALID", `"${icon.path}", which "windows.icon" names: ${error.message}`, {
      hint: "Make an .ico file of the picture: magick icon.png -define icon:auto-resize=256,48,32,16 icon.ico",
      exitCode: exitCodes.badUsage,
      cause: error,
    });
  }
}
