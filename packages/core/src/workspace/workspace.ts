import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { configName } from "../config/config-file.ts";

/** A package of a workspace. */
export interface Member {
  /** From its package.json; its place where that names none. */
  readonly name: string;
  /** Absolute. */
  readonly dir: string;
  /** Relative to the workspace, with forward slashes; "." for the workspace's own package. */
  readonly place: string;
  /** It has a config: there is something to build. */
  readonly isProject: boolean;
  /** Names of other members that its package.json depends on, of whatever kind. */
  readonly dependencies: readonly string[];
}

export interface Workspace {
  /** Absolute. */
  readonly dir: string;
  /** Sorted by place. */
  readonly members: readonly Member[];
}

const kindsOfDependencies = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
] as const;

type Manifest = { name?: string } & Partial<
  Record<(typeof kindsOfDependencies)[number], Record<string, string>>
>;

/** Whether a folder is the top of a workspace of npm, pnpm, Yarn or Bun, without looking at its members. */
export function isWorkspaceRoot(dir: string): boolean {
  if (existsSync(join(dir, "pnpm-workspace.yaml"))) return true;
  try {
    const { workspaces } = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
    return workspaces !== undefined;
  } catch {
    return false;
  }
}

/** The nearest workspace upwards whose member the folder is, or that it is itself. */
export async function findWorkspace(cwd: string): Promise<Workspace | undefined> {
  for (let dir = cwd; ; dir = dirname(dir)) {
    if (isWorkspaceRoot(dir)) {
      const workspace = await readWorkspace(dir);
      if (workspace.members.some((member) => cwd === member.dir || cwd.startsWith(member.dir + sep)))
        return workspace;
    }
    if (dirname(dir) === dir) return undefined;
  }
}

/** Reads a workspace: which packages it has, and how they depend on one another. */
export async function readWorkspace(dir: string): Promise<Workspace> {
  const { getPackages } = await import("@manypkg/get-packages");
  const { packages, rootPackage } = await getPackages(dir);
  const all = new Map([...(rootPackage ? [rootPackage] : []), ...packages].map((one) => [one.dir, one]));
  const names = new Set([...all.values()].map(({ packageJson }) => packageJson.name));
  const members = [...all.values()].map(({ dir: memberDir, packageJson }): Member => {
    const manifest = packageJson as Manifest;
    const place = relative(dir, memberDir).split(sep).join("/") || ".";
    const named = kindsOfDependencies.flatMap((kind) => Object.keys(manifest[kind] ?? {}));
    return {
      name: manifest.name ?? place,
      dir: memberDir,
      place,
      isProject: existsSync(join(memberDir, configName)),
      dependencies: [...new Set(named)].filter((name) => names.has(name) && name !== manifest.name).sort(),
    };
  });
  return { dir, members: members.sort((a, b) => (a.place < b.place ? -1 : 1)) };
}
