import { createReadStream } from "node:fs";
import { homedir } from "node:os";
import type { Checked } from "./finding.ts";
import type { MadeArtifact } from "./plugin-rig.ts";

/** Names that Windows has no files for. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** What the engine itself does not look at: names that other systems have no place for, and paths of this machine. */
export async function checkOutput({ first, rig }: Checked): Promise<string[]> {
  const messages: string[] = [];
  // Short paths are words that may stand anywhere.
  const own = [rig.top, homedir()].filter((path) => path.length > 6);
  for (const artifact of first.artifacts) {
    messages.push(...strangeNames(artifact));
    const meta = own.find((path) => JSON.stringify(artifact.meta).includes(path));
    if (meta)
      messages.push(`The meta of the "${artifact.kind}" artifact holds a path of this machine: ${meta}`);
    for (const { path } of artifact.files) {
      const found = await firstWithin(await artifact.path(path), own);
      if (found)
        messages.push(`"${path}" of the "${artifact.kind}" artifact holds a path of this machine: ${found}`);
    }
  }
  return messages;
}

function strangeNames({ kind, files }: MadeArtifact): string[] {
  const messages: string[] = [];
  const seen = new Map<string, string>();
  for (const { path } of files) {
    const twin = seen.get(path.toLowerCase());
    if (twin)
      messages.push(
        `"${twin}" and "${path}" of the "${kind}" artifact are one file where case does not count`,
      );
    seen.set(path.toLowerCase(), path);
    const isStrange = path
      .split("/")
      .some(
        (part) => reserved.test(part) || /[<>:"|?*\\]|[. ]$/.test(part) || part.normalize("NFC") !== part,
      );
    if (isStrange) messages.push(`"${path}" of the "${kind}" artifact is no name for a file on every system`);
  }
  return messages;
}

/** The first of the texts that the file holds. */
async function firstWithin(file: string, texts: readonly string[]): Promise<string | undefined> {
  const longest = Math.max(...texts.map((text) => Buffer.byteLength(text)));
  let before = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = Buffer.concat([before, chunk as Buffer]);
    const found = texts.find((text) => bytes.includes(text));
    if (found) return found;
    before = bytes.subarray(Math.max(0, bytes.length - longest));
  }
  return undefined;
}
