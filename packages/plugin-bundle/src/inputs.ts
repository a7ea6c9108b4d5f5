/*
 * What decided the bundle, for the fingerprint: a later build may only reuse it while all of this is unchanged.
 *
 *   every source                        its content
 *   package.json, tsconfig.json         of the folders above each source, present or absent
 *   folders that were searched, and     their names, since one that appears may win the next time, and where links
 *   those on the way to them            among them lead
 *   node_modules on the way up          their names
 *
 * The project's own folder and those above it are searched too, but tools (and sbp) write into them all the time.
 * There only the names that could win are declared, each as a file that is absent, and those that may be links.
 */
import path from "node:path";
import type { Dependency } from "@sbp/core";
import type { Metafile } from "esbuild";
import { slashes } from "./entry.ts";
import { Folders, isFolder } from "./folders.ts";
import { between, packageImports } from "./package-imports.ts";
import { type TsconfigChain, tsconfigChain } from "./tsconfig.ts";
import { upwards, workspaceFiles, workspaceRoot } from "./workspace.ts";

export interface DeclaredInputsRequest {
  /** Absolute and real. */
  readonly projectDir: string;
  /** The project as the engine names it: what relative paths will be resolved against. */
  readonly givenDir: string;
  /** The entry's path in the metafile. */
  readonly entry: string;
  readonly metafile: Metafile;
  /** The option of this name. */
  readonly tsconfig?: string;
}

/** What esbuild tries behind a name without extension, and in place of the extension of a compiled file. */
const extensions = [".tsx", ".ts", ".jsx", ".js", ".css", ".json", ".mts", ".cts", ".mjs", ".cjs"];
const pnpFiles = [".pnp.cjs", ".pnp.js", ".pnp.data.json"];

/** Sorted, without duplicates; relative to the project where that names the same file. */
export function declaredInputs(request: DeclaredInputsRequest): Dependency[] {
  return new InputCollector(request).collect();
}

class InputCollector {
  readonly #request: DeclaredInputsRequest;
  readonly #files = new Set<string>();
  readonly #directories = new Set<string>();
  readonly #links = new Set<string>();
  readonly #folders = new Folders();
  /** The project's folder and those above it, within the workspace. */
  readonly #anchors: ReadonlySet<string>;
  readonly #visited = new Set<string>();
  readonly #searched = new Set<string>();
  readonly #mappings: TsconfigChain["mappings"][number][] = [];

  constructor(request: DeclaredInputsRequest) {
    this.#request = request;
    const root = workspaceRoot(request.projectDir);
    const above = [...upwards(request.projectDir)];
    this.#anchors = new Set(above.slice(0, above.indexOf(root) + 1));
  }

  collect(): Dependency[] {
    const { projectDir, metafile, tsconfig, entry } = this.#request;
    if (tsconfig) this.#tsconfig(path.resolve(projectDir, tsconfig));
    this.#anchorFiles();
    const inputs = Object.entries(metafile.inputs).filter(([name]) => isFile(name));
    for (const [name] of inputs) {
      const file = this.#absolute(name);
      this.#files.add(file);
      this.#visit(path.dirname(file));
    }
    this.#probe(path.resolve(projectDir, entry));
    for (const [name, { imports }] of inputs) {
      const folder = path.dirname(this.#absolute(name));
      for (const { path: target, original, external } of imports) {
        const specifier = original ?? (external ? target : undefined);
        if (specifier !== undefined && target !== "<runtime>")
          this.#search(folder, specifier, external === true);
      }
    }
    return [
      ...[...this.#files].map((file) => ({ file: this.#name(file) })).sort(by("file")),
      ...[...this.#directories].map((folder) => ({ directory: this.#name(folder) })).sort(by("directory")),
      ...[...this.#links].map((link) => ({ link: this.#name(link) })).sort(by("link")),
    ];
  }

  /** package.json, tsconfig.json and the like from the project up, as far as esbuild looks for them. */
  #anchorFiles(): void {
    for (const file of workspaceFiles(this.#request.projectDir)) this.#files.add(file);
    for (const anchor of this.#anchors) for (const file of pnpFiles) this.#files.add(path.join(anchor, file));
    for (const names of [["package.json"], ["tsconfig.json", "jsconfig.json"]]) {
      let isFound = false;
      for (const folder of upwards(this.#request.projectDir)) {
        if (isFound && !this.#anchors.has(folder)) break;
        for (const name of names) {
          const file = path.join(folder, name);
          isFound ||= this.#folders.has(file);
          if (name === "package.json") this.#files.add(file);
          else this.#tsconfig(file);
        }
      }
    }
  }

  /** A folder that holds a source, and those above it. */
  #visit(folder: string): void {
    if (this.#visited.has(folder) || this.#anchors.has(folder)) return;
    this.#visited.add(folder);
    this.#reach(folder);
    const names = this.#folders.names(folder);
    const isDependency = slashes(folder).includes("/node_modules");
    if (names?.has("package.json")) this.#files.add(path.join(folder, "package.json"));
    if (!isDependency)
      for (const name of ["tsconfig.json", "jsconfig.json"])
        if (names?.has(name)) this.#tsconfig(path.join(folder, name));
    // Outside the workspace (a global package store) nothing above the package matters.
    if (!this.#isInside(folder) && (names?.has("package.json") || path.dirname(folder) === folder)) return;
    this.#visit(path.dirname(folder));
  }

  #tsconfig(file: string): void {
    if (this.#files.has(file)) return;
    const chain = tsconfigChain(file);
    for (const read of chain.files) this.#files.add(read);
    this.#mappings.push(...chain.mappings);
  }

  /** An import: everywhere its specifier could lead. */
  #search(folder: string, specifier: string, isLeft: boolean): void {
    if (/^[a-z][a-z0-9+.-]+:/i.test(specifier)) return;
    const key = `${folder}\0${specifier}`;
    if (this.#searched.has(key)) return;
    this.#searched.add(key);
    if (specifier.startsWith("#")) {
      const { from, targets } = packageImports(folder, specifier);
      for (const target of targets) this.#search(from, target, isLeft);
      return;
    }
    if (/^\.{0,2}(\/|$)/.test(specifier)) {
      this.#probe(path.resolve(folder, specifier));
      return;
    }
    if (!slashes(folder).includes("/node_modules"))
      for (const { prefix, suffix, targets } of this.#mappings) {
        const exact = specifier === prefix ? "" : undefined;
        const rest = suffix === undefined ? exact : between(specifier, prefix, suffix);
        if (rest === undefined) continue;
        for (const target of targets) this.#probe(target.replace("*", () => rest));
      }
    this.#searchPackage(folder, specifier, isLeft);
  }

  /** node_modules from a folder up to where the package is, or all the way: one may come. */
  #searchPackage(folder: string, specifier: string, isLeft: boolean): void {
    const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
    if (!name) return;
    const levels = [...upwards(folder)].filter((level) => path.basename(level) !== "node_modules");
    const isFound = (level: string) => this.#folders.has(path.join(level, "node_modules", name));
    const hit = isLeft ? -1 : levels.findIndex(isFound);
    for (const level of hit < 0 ? levels : levels.slice(0, hit + 1)) {
      const modules = path.join(level, "node_modules");
      const names = this.#folders.names(modules);
      // Where the names of `level` are declared, they tell when a node_modules appears.
      if (names || !this.#visited.has(level)) this.#reach(modules);
      const scope = name.includes("/") ? path.dirname(path.join(modules, name)) : undefined;
      if (scope && this.#folders.has(scope)) this.#reach(scope);
      if (!isFound(level)) continue;
      // By this name and not the real one: a link may come to lead to another version.
      this.#files.add(path.join(modules, name, "package.json"));
      if (isLeft) this.#probe(path.join(modules, specifier));
    }
  }

  /** A path without or with an extension, as a file or a folder. */
  #probe(target: string): void {
    const folder = path.dirname(target);
    if (this.#anchors.has(folder)) {
      const stem = target.replace(/\.[cm]?[jt]sx?$/, "");
      for (const candidate of new Set([target, ...extensions.flatMap((end) => [target + end, stem + end])])) {
        this.#files.add(candidate);
        if (this.#folders.has(candidate)) this.#links.add(candidate);
      }
    } else this.#reach(folder);
    if (this.#anchors.has(target)) this.#probe(path.join(target, "index"));
    else if (this.#isFolder(target)) {
      this.#reach(target);
      this.#files.add(path.join(target, "package.json"));
    }
  }

  /** The names in a folder, and in those on the way there: each may be a link, or come to be one. */
  #reach(folder: string): void {
    if (this.#anchors.has(folder) || this.#directories.has(folder)) return;
    this.#directories.add(folder);
    const above = path.dirname(folder);
    if (this.#anchors.has(above)) this.#links.add(folder);
    else if (this.#isInside(above)) this.#reach(above);
  }

  /** Below the project or the workspace. */
  #isInside(folder: string): boolean {
    return [...this.#anchors].some((anchor) => folder.startsWith(anchor + path.sep));
  }

  #isFolder(file: string): boolean {
    // Not by its names: of a thousand sources none has any, and asking costs forty times as much.
    return this.#folders.has(file) && isFolder(file);
  }

  #absolute(input: string): string {
    const file = path.resolve(this.#request.projectDir, input);
    // esbuild keeps what follows the name of a file: ./icon.svg?inline
    return this.#folders.has(file) ? file : file.replace(/[?#].*$/, "");
  }

  #name(file: string): string {
    const { projectDir, givenDir } = this.#request;
    if (file.startsWith(projectDir) && file[projectDir.length] === path.sep)
      return slashes(file.slice(projectDir.length + 1));
    const relative = path.relative(projectDir, file);
    const isAbove = relative.startsWith("..") || path.isAbsolute(relative);
    return slashes(isAbove && projectDir !== givenDir ? file : relative || ".");
  }
}

/** The other inputs are data URLs. */
function isFile(input: string): boolean {
  return !input.startsWith("<") && !input.startsWith("data:");
}

function by<Key extends string>(key: Key) {
  return (a: Record<Key, string>, b: Record<Key, string>) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0);
}
