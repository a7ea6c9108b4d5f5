import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/**
 * Names the files of a project in a way that another clone of it shares: relative to the project while they lie
 * in the same repository or workspace, absolute elsewhere. Always with forward slashes.
 */
export class ProjectPaths {
  readonly dir: string;
  readonly #top: string;

  constructor(dir: string) {
    this.dir = dir;
    this.#top = topOf(dir);
  }

  name(path: string): string {
    const absolute = resolve(this.dir, path);
    const fromTop = relative(this.#top, absolute);
    const outside = fromTop === ".." || fromTop.startsWith(`..${sep}`) || isAbsolute(fromTop);
    const name = outside ? absolute : relative(this.dir, absolute) || ".";
    return sep === "/" ? name : name.replaceAll(sep, "/");
  }

  absolute(name: string): string {
    return resolve(this.dir, name);
  }
}

/** The nearest folder upwards that holds a repository or a lockfile of a package manager, else the project itself. */
function topOf(dir: string): string {
  const marks = [".git", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];
  for (let folder = dir; ; folder = dirname(folder)) {
    if (marks.some((mark) => existsSync(join(folder, mark)))) return folder;
    if (dirname(folder) === folder) return dir;
  }
}
