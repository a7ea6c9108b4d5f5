/*
 * Where files appear in an executable. Its file system mirrors the source tree, so that the relative paths between
 * the main file, carried files and carried packages stay what they are. Places are relative to the workspace's root,
 * with forward slashes; in the artifact they are relative to the nearest folder that holds the project and all that is
 * carried. Packages that lie elsewhere (a linked node_modules) appear in the project's own node_modules.
 */
import { realpathSync } from "node:fs";
import path from "node:path";
import { slashes } from "./entry.ts";
import { workspaceRoot } from "./workspace.ts";

export class Places {
  readonly projectDir: string;
  readonly root: string;

  readonly #found = new Map<string, string | undefined>();

  /** `projectDir` is absolute and real. */
  constructor(projectDir: string) {
    this.projectDir = projectDir;
    this.root = workspaceRoot(projectDir);
  }

  /** The place of a file or folder, "" for the root; undefined for one outside of the workspace and of all packages. */
  of(file: string): string | undefined {
    const relative = slashes(path.relative(this.root, file));
    if (relative !== ".." && !relative.startsWith("../") && !path.isAbsolute(relative)) return relative;
    const inPackage = /\/node_modules\/(.*)$/.exec(
      slashes(file).replace(/^.*?(?=\/node_modules\/)/, ""),
    )?.[1];
    return inPackage && path.posix.join(this.of(this.projectDir)!, "node_modules", inPackage);
  }

  /**
   * The package's folder that a file in a folder would get by a name, by Node's search through `node_modules` from that
   * folder's place on (Node: "Loading from node_modules folders"). Real path; undefined where there is none.
   */
  packageFrom(folder: string, name: string): string | undefined {
    // A thousand sources ask for the same few packages.
    const key = `${folder}\0${name}`;
    if (!this.#found.has(key)) this.#found.set(key, this.#search(folder, name));
    return this.#found.get(key);
  }

  #search(folder: string, name: string): string | undefined {
    if (path.basename(folder) !== "node_modules")
      try {
        return realpathSync(path.join(folder, "node_modules", name));
      } catch {}
    const above = path.dirname(folder);
    return above === folder ? undefined : this.packageFrom(above, name);
  }
}

/** From one place's folder to another place, as an import says it: "./a.js", "../b.js". */
export function fromPlace(folder: string, place: string): string {
  const relative = path.posix.relative(folder, place);
  return relative.startsWith("../") ? relative : `./${relative}`;
}

/** The nearest folder that holds all of these places of folders. */
export function commonFolder(folders: Iterable<string>): string {
  let common: string[] | undefined;
  for (const folder of folders) {
    const parts = folder === "" ? [] : folder.split("/");
    if (!common) common = parts;
    const same = common.findIndex((part, index) => part !== parts[index]);
    if (same >= 0) common = common.slice(0, same);
  }
  return (common ?? []).join("/");
}
