import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Lock files, and what their package managers call installing and adding. */
const managers = [
  ["pnpm-lock.yaml", "pnpm install", "pnpm add"],
  ["yarn.lock", "yarn install", "yarn add"],
  ["bun.lock", "bun install", "bun add"],
  ["bun.lockb", "bun install", "bun add"],
  ["package-lock.json", "npm install", "npm install"],
] as const;

/** The command that installs what package.json asks for: that of the package manager whose lock file is here or above. */
export function installAll(dir: string): string {
  return managerOf(dir)[1];
}

/** The command that adds a package to the project. */
export function installCommand(dir: string, name: string, purpose: "app" | "build"): string {
  const [, , add] = managerOf(dir);
  const option = purpose === "app" ? "" : add === "npm install" ? "--save-dev " : "-D ";
  return `${add} ${option}${name}`;
}

function managerOf(dir: string): (typeof managers)[number] {
  for (let folder = dir; ; folder = dirname(folder)) {
    const found = managers.find(([lockFile]) => existsSync(join(folder, lockFile)));
    if (found) return found;
    // What lies above a repository or a home is somebody else's.
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return managers.at(-1)!;
  }
}
