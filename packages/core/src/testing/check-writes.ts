import { lstatSync } from "node:fs";
import { join } from "node:path";
import { sha256File } from "../hash.ts";
import { lockFileName } from "../lock-file.ts";
import { filesBelow } from "./check-files.ts";
import type { Checked } from "./finding.ts";
import { PluginRig } from "./plugin-rig.ts";

/** A plugin writes through `write` and in `tmp()` alone: not into the project, the temporary folder or the artifacts it was given. */
export async function checkWrites({ fixture }: Checked): Promise<string[]> {
  const rig = await PluginRig.create(fixture);
  const messages: string[] = [];
  try {
    const before = stamps(rig.dir);
    const cwd = process.cwd();
    await rig.run();
    if (process.cwd() !== cwd) {
      messages.push(`It has left the folder that it was started in, for ${process.cwd()}`);
      process.chdir(cwd);
    }
    const after = stamps(rig.dir);
    for (const path of new Set([...before.keys(), ...after.keys()])) {
      if (before.get(path) === after.get(path)) continue;
      const how = !before.has(path) ? "made" : after.has(path) ? "changed" : "removed";
      messages.push(`It has ${how} "${path}" in the project: outputs are written by write()`);
    }
    for (const name of filesBelow(rig.temporary))
      messages.push(`It has left "${name}" in the temporary folder: tmp() gives a folder that is removed`);
    messages.push(...(await changedBlobs(rig)));
    return messages;
  } finally {
    rig.remove();
  }
}

/** What tells that a file was written to. */
function stamps(dir: string): ReadonlyMap<string, string> {
  const files = filesBelow(dir).filter((path) => !path.startsWith("dist/") && path !== lockFileName);
  return new Map(
    files.map((path) => {
      const { size, ino, mtimeNs } = lstatSync(join(dir, path), { bigint: true });
      return [path, `${size} ${ino} ${mtimeNs}`];
    }),
  );
}

/** Artifacts lie in the store under the hashes of their bytes. */
async function changedBlobs(rig: PluginRig): Promise<string[]> {
  const { dir } = rig.store.blobs;
  const messages: string[] = [];
  for (const path of filesBelow(dir)) {
    const hash = /([0-9a-f]{64})(\.x)?$/.exec(path)?.[1];
    if (!hash || (await sha256File(join(dir, path))) === hash) continue;
    messages.push("It has written into an artifact that it was given: copy() gives a file of its own");
  }
  return messages;
}
