import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
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

  static async of(patterns: readonly string[], projectDir: string): Promise<Excluded> {
    if (patterns.length === 0) return new Excluded([], new Set());
    const { glob } = await import("tinyglobby");
    const found = await glob([...patterns], { cwd: projectDir, absolute: true, dot: true });
    // Carried packages have the places of their real files, whatever link the pattern goes through.
    const files = found.map(path.normalize).flatMap((file) => [file, realpathSync(file)]);
    const packages = patterns.filter(
      (pattern) => packagePattern.test(pattern) && !existsSync(path.resolve(projectDir, pattern)),
    );
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

/** `name`, `@scope/name`, `@scope/*`, `name-*`; not `*.psd`, which are files. */
const packagePattern = /^(?:@[\w.-]+\/[\w.*-]+|[a-z0-9][\w.*-]*)$/;
