import { readdirSync, rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { lockFileName } from "../lock-file.ts";
import { type Checked, difference } from "./finding.ts";
import type { FixtureFile } from "./fixture.ts";
import { PluginRig } from "./plugin-rig.ts";

/** A change of the project that no declared input sees. */
interface Change {
  readonly what: string;
  make(rig: PluginRig): void;
}

/**
 * Changes the project's files that were not declared, and adds some, where no declared input has another value by that:
 * a result from the store would be taken then, so a run must give the same.
 */
export async function checkFiles(checked: Checked): Promise<string[]> {
  const messages = await tryChanges(checked, [...(await contents(checked)), ...strays(checked)]);
  return messages.length > 0 ? messages : tryChanges(checked, await absences(checked));
}

async function tryChanges(checked: Checked, candidates: readonly Change[]): Promise<string[]> {
  const { fixture, first } = checked;
  const undeclared: Change[] = [];
  for (const change of candidates) if (!(await isDeclared(checked, change))) undeclared.push(change);
  const run = async (changes: readonly Change[]) => {
    const rig = await PluginRig.create(fixture);
    try {
      for (const change of changes) change.make(rig);
      return difference(first, await rig.run());
    } finally {
      rig.remove();
    }
  };
  const how = undeclared.length > 0 ? await run(undeclared) : undefined;
  if (!how) return [];
  const messages: string[] = [];
  for (const change of undeclared) {
    const alone = await run([change]);
    if (alone) messages.push(`${change.what} matters, but is not declared by dependOn(): ${alone}`);
  }
  return messages.length > 0 ? messages : [`Undeclared files matter: ${how}`];
}

/** Whether an input of the first run has another value behind the change. */
async function isDeclared({ fixture, first }: Checked, change: Change): Promise<boolean> {
  const rig = await PluginRig.create(fixture);
  try {
    // Of the same machine, and not touched by the change.
    const own = first.inputs.filter(({ kind }) => kind === "file" || kind === "directory" || kind === "glob");
    const values = async () => {
      const inputs = await rig.inputs();
      return Promise.all(own.map((input) => inputs.value(input)));
    };
    const before = await values();
    change.make(rig);
    const after = await values();
    return before.some((value, index) => value !== after[index]);
  } finally {
    rig.remove();
  }
}

async function contents({ fixture, first }: Checked): Promise<Change[]> {
  const put = "changed by the contract check\n";
  return undeclaredFiles(fixture.files, first).map((path) => ({
    what: `The content of "${path}"`,
    make: (rig) => rig.write(path, put),
  }));
}

async function absences({ fixture, first }: Checked): Promise<Change[]> {
  return undeclaredFiles(fixture.files, first).map((path) => ({
    what: `Whether there is "${path}"`,
    make: (rig) => rmSync(join(rig.dir, path)),
  }));
}

/** A file more in each folder. */
function strays({ fixture }: Checked): Change[] {
  const folders = new Set([".", ...Object.keys(fixture.files ?? {}).map((path) => dirname(path))]);
  return [...folders].map((folder) => ({
    what: `A file more in "${folder}"`,
    make: (rig) => rig.write(`${folder}/sbp-contract.txt`, "by the contract check\n"),
  }));
}

function undeclaredFiles(
  files: Readonly<Record<string, FixtureFile>> = {},
  { inputs }: Checked["first"],
): string[] {
  const declared = new Set(inputs.flatMap(({ kind, name }) => (kind === "file" ? [name] : [])));
  return Object.keys(files).filter((path) => !declared.has(path) && path !== lockFileName);
}

/** The files below a folder, relative to it, with forward slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
}
