import { withEnvironment } from "./environment.ts";
import { type Checked, difference } from "./finding.ts";
import { PluginRig } from "./plugin-rig.ts";

/** Runs once more in another folder, with another time zone and umask, later, and on a fresh store. */
export async function checkDeterminism({ fixture, first }: Checked): Promise<string[]> {
  const other = await PluginRig.create(fixture, "in/a/folder of another length");
  const before = changeUmask(0o077);
  try {
    const second = await withEnvironment({ TZ: "Pacific/Kiritimati" }, () => other.run());
    const how = difference(first, second);
    return how ? [`Two runs on the same inputs differ: ${how}`] : [];
  } finally {
    if (before !== undefined) changeUmask(before);
    other.remove();
  }
}

/** The one before; undefined in a worker thread, which cannot change it. */
function changeUmask(mask: number): number | undefined {
  try {
    return process.umask(mask);
  } catch {
    return undefined;
  }
}
