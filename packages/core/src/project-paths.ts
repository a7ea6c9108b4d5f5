import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/**
 * Names the files of a project in a way that another clone of it shares: relative to the project while they lie
 * in the same repository or workspace, absolute elsewhere. Always with forward slashes.
 */
export class ProjectPaths {
  readonly dir: string;
  #top: string | undefined;

  constructor(dir: string) {
    this.dir = dir;
  }

  name(path: string): string {
    const absolute = this.absolute(path);
    const name = this.#name(absolute);
    return sep === "/" ? name : name.replaceAll(sep, "/");
  }

  #name(absolute: string): string {
    if (isBelow(absolute, this.dir)) return absolute.slice(this.dir.length + 1);
    return this.isShared(absolute) ? relative(this.dir, absolute) || "." : absolute;
  }

  /** Where the project lies in its repository or workspace, with forward slashes; "." at the top. */
  get place(): string {
    this.#top ??= topOf(this.dir);
    return relative(this.#top, this.dir).split(sep).join("/") || ".";
  }

  /** True for an absolute path in the project's repository or workspace. */
  isShared(path: string): boolean {
    // Only found when it is needed: a build without changes names nothing.
    this.#top ??= topOf(this.dir);
    if (isBelow(path, this.#top)) return true;
    const fromTop = relative(this.#top, path);
    return !(fromTop === ".." || fromTop.startsWith(`..${sep}`) || isAbsolute(fromTop));
  }

  /** The name of a file or folder that lies in a folder above the repository or workspace; undefined for others. */
  nameAbove(path: string): string | undefined {
    const absolute = this.absolute(path);
    return this.filesAbove(basename(absolute)).includes(absolute) ? basename(absolute) : undefined;
  }

  /** The absolute paths that a file would have in the folders above the repository or workspace, nearest first. */
  filesAbove(name: string): readonly string[] {
    this.#top ??= topOf(this.dir);
    const paths: string[] = [];
    for (let folder = this.#top; dirname(folder) !== folder; ) {
      folder = dirname(folder);
      paths.push(join(folder, name));
    }
    return paths;
  }

  absolute(name: string): string {
    return resolve(this.dir, name);
  }
}

/** Whether a path lies below a folder, both absolute and normal. False may be wrong where the file system ignores case. */
function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder) && path[folder.length] === sep;
}

/** The nearest folder upwards that holds a repository or a lockfile of a package manager, else the project itself. */
function topOf(dir: string): string {
  const marks = [".git", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];
  for (let folder = dir; ; folder = dirname(folder)) {
    if (marks.some((mark) => existsSync(join(folder, mark)))) return folder;
    if (dirname(folder) === folder) return dir;
  }
}
