import { existsSync, lstatSync, readdir, realpathSync } from "node:fs";
import path from "node:path";
import type { Dependency } from "@sbp/core";
import { packageName } from "./carried-packages.ts";
import { slashes } from "./entry.ts";
import { packageFolder } from "./packages.ts";

/** What the option `exclude` names: files by globs, and whole packages by name. */
export class Excluded {
  /** Names of packages, in which `*` stands for anything: as esbuild reads them. */
  readonly packages: readonly string[];
  readonly #files: ReadonlySet<string>;
  readonly #names: readonly RegExp[];
  readonly #left = new Set<string>();

  private constructor(packages: readonly string[], files: ReadonlySet<string>) {
    this.packages = packages;
    this.#files = files;
    this.#names = packages.map(
      (name) => new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*")}$`),
    );
  }

  /** `depend` is told what decides which files are meant. */
  static async of(
    patterns: readonly string[],
    projectDir: string,
    depend: (dependency: Dependency) => void,
  ): Promise<Excluded> {
    if (patterns.length === 0) return new Excluded([], new Set());
    const { glob } = await import("tinyglobby");
    const folders = new Set<string>();
    const searched = ((folder: string, ...rest: unknown[]) => {
      folders.add(path.resolve(projectDir, folder));
      return (readdir as (...all: unknown[]) => void)(folder, ...rest);
    }) as typeof readdir;
    const found = await glob([...patterns], {
      cwd: projectDir,
      absolute: true,
      dot: true,
      fs: { readdir: searched },
    });
    // Carried packages have the places of their real files, whatever link the pattern goes through.
    const files = found.map(path.normalize).flatMap((file) => [file, realOf(file)]);
    // Files with such names are looked at by name where they would be carried; but links have other names there. Where any
    // folder may have some, those that come are not waited for: tools write everywhere.
    if (!patterns.some((pattern) => pattern.includes("**")))
      for (const directory of folders) depend({ directory });
    for (const link of linksAbove(found, projectDir)) depend({ link });
    const packages = patterns.filter((pattern) => {
      if (!packagePattern.test(pattern)) return false;
      const file = path.resolve(projectDir, pattern);
      if (!pattern.includes("*")) depend({ file });
      return !existsSync(file);
    });
    return new Excluded(packages, new Set(files));
  }

  /** What decides which files it has. */
  get key(): readonly string[] {
    return [...this.packages, ...[...this.#files].sort()];
  }

  /** `file` is absolute. */
  hasFile(file: string): boolean {
    if (this.#files.has(file)) return true;
    if (this.#names.length === 0) return false;
    const folder = packageFolder(slashes(file));
    const name = folder?.slice(folder.lastIndexOf("node_modules/") + 13);
    if (name === undefined || !this.#has(name)) return false;
    this.#left.add(name);
    return true;
  }

  /** Whether an import names an excluded package, or a path in one. */
  hasImport(specifier: string): boolean {
    const name = packageName(specifier);
    return name !== undefined && this.#has(name);
  }

  /** The packages that were asked for and left out. */
  left(): Iterable<string> {
    return this.#left;
  }

  #has(name: string): boolean {
    return this.#names.some((pattern) => pattern.test(name));
  }
}

/** The links among these paths and the folders above them in the project. */
function linksAbove(files: readonly string[], projectDir: string): string[] {
  const above = new Set<string>();
  for (const file of files)
    for (
      let current = path.normalize(file);
      current.startsWith(projectDir + path.sep) && !above.has(current);
    ) {
      above.add(current);
      current = path.dirname(current);
    }
  return [...above].filter((file) => lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink());
}

/** A link may lead nowhere. */
function realOf(file: string): string {
  return existsSync(file) ? realpathSync(file) : file;
}

/** `name`, `@scope/name`, `@scope/*`, `name-*`; not `*.psd`, which are files. */
const packagePattern = /^(?:@[\w.-]+\/[\w.*-]+|[a-z0-9][\w.*-]*)$/;
