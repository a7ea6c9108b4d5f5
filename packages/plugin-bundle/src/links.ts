/*
 * Links in `node_modules` through which Node finds packages: pnpm keeps every package once, under a name with its version,
 * and links to it from wherever it may be asked for; workspaces link to their members.
 */
import { type Dirent, existsSync, readdirSync, realpathSync } from "node:fs";
import path from "node:path";

export interface LinksRequest {
  /** Absolute and real: where carried files are, folders. */
  readonly folders: ReadonlySet<string>;
  /** Absolute: nothing above it is looked at. */
  readonly root: string;
}

export interface Links {
  /** Absolute: from a link to the real folder that it leads to. Only links to folders above carried files, or with some. */
  readonly links: ReadonlyMap<string, string>;
  /** Absolute: the folders that were read. */
  readonly read: readonly string[];
}

/** The links that Node's search passes from these folders up (Node: "Loading from node_modules folders"). */
export function findLinks({ folders, root }: LinksRequest): Links {
  const above = new Set<string>();
  for (const folder of folders)
    for (let current = folder; !above.has(current); current = path.dirname(current)) {
      above.add(current);
      if (current === root || path.dirname(current) === current) break;
    }
  const links = new Map<string, string>();
  const read: string[] = [];
  const visit = (folder: string, isScope: boolean) => {
    read.push(folder);
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort(byName)) {
      const file = path.join(folder, entry.name);
      if (entry.isSymbolicLink()) {
        const target = realOf(file);
        if (target !== undefined && above.has(target)) links.set(file, target);
      } else if (!isScope && entry.name.startsWith("@") && entry.isDirectory()) visit(file, true);
    }
  };
  const modules = [...above].map((folder) =>
    path.basename(folder) === "node_modules" ? folder : path.join(folder, "node_modules"),
  );
  for (const folder of [...new Set(modules)].sort()) if (existsSync(folder)) visit(folder, false);
  return { links, read };
}

function realOf(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}
