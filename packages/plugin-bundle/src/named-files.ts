import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Diagnostic } from "@sbp/core";
import type { Built } from "./build.ts";
import type { CarriedFiles } from "./carried-files.ts";
import { packageName } from "./carried-packages.ts";
import { readPackageJson, slashes } from "./entry.ts";
import { machinePaths } from "./machine-paths.ts";
import { type NamedPath, namedPaths, packageRoot } from "./named-paths.ts";
import {
  configurations,
  filesNamedFrom,
  filesReferred,
  namesManifest,
  pathTexts,
  settingsTexts,
  workerTexts,
} from "./own-texts.ts";
import { packageFolder, programsOf } from "./packages.ts";
import { unknown } from "./path-value.ts";
import { isDependency, locationOf, runTimeFiles, writtenFile } from "./run-time-files.ts";
import { packagesOfStyleSheet, styleSheet } from "./style-sheets.ts";
import { upwards } from "./workspace.ts";

/** A script that a worker or child process runs. */
export interface Script {
  /** As what it is carried: absolute. */
  readonly file: string;
  /** The same, or the source in TypeScript that a name with `.js` stands for. */
  readonly source: string;
}

/** Style sheets, schemas and templates name others like them. */
const includesOthers = /\.(?:s[ac]ss|less|styl|proto|graphql|gql|pug|ejs|hbs|njk|liquid|mustache)$/;

const scriptName = /\.[cm]?[jt]sx?$/;

/** Folders for what is built, tested or documented. */
const onlyWord = /^(?:dist|build|out|coverage|docs?|tests?|__tests__)$/;

/** Carries what bundles name by the places of their sources, and keeps what else has to be looked at. */
export class NamedFiles {
  readonly #carried: CarriedFiles;
  readonly #projectDir: string;
  readonly #hasAssets: boolean;
  readonly #named = new Map<Built, readonly NamedPath[]>();
  readonly #scripts: Script[] = [];
  readonly #ofPackages = new Map<string, Set<string>>();
  readonly #listed = new Set<string>();
  readonly #lookingFrom = new Map<string, Set<string>>();
  /** Packages that the app's own code looks up by name, and why they are carried. */
  readonly packages = new Map<string, string>();
  /** What the code of packages asks for by name, `imports` of its own among it, by the asking source's folder, absolute. */
  readonly asked = new Map<string, Set<string>>();
  /** Packages whose style sheets the app's name, by folder relative to the project, and why they are carried. */
  readonly styled = new Map<string, string>();
  /** The app's own scripts that are carried as they are, absolute. */
  readonly plainScripts = new Set<string>();
  readonly missing: Diagnostic[] = [];
  /** Where what only shows at run time is carried nevertheless: `source:line`. */
  readonly found = new Set<string>();

  /** With `hasAssets`, the user has named what cannot be told. */
  constructor(carried: CarriedFiles, hasAssets: boolean) {
    this.#carried = carried;
    this.#hasAssets = hasAssets;
    this.#projectDir = carried.places.projectDir;
  }

  named(built: Built): readonly NamedPath[] {
    return this.#named.get(built) ?? [];
  }

  /** Scripts to bundle that were found since the last call. */
  takeScripts(): Script[] {
    return this.#scripts.splice(0);
  }

  /** What the code of a package names within it, absolute; by its folder relative to the project. */
  ofPackage(folder: string): Iterable<string> {
    return this.#ofPackages.get(folder) ?? [];
  }

  /**
   * All that lies where the code of a package looks for files in ways that cannot be followed, and in these places of it;
   * absolute.
   */
  besidePackage(folder: string, places: readonly string[] = []): string[] {
    const from = new Set([...(this.#lookingFrom.get(folder) ?? []), ...places]);
    const files = [...from].flatMap((place) => this.#carried.filesIn(place));
    return files.filter((file) => !/\.(?:map|md|markdown)$/i.test(file));
  }

  look(built: Built): void {
    const { text: code, uses, metafile, parsedMap: map, inputOf } = built;
    const projectDir = this.#projectDir;
    const found =
      uses.length === 0 ? [] : namedPaths({ projectDir, code, map: map(), inputOf, uses, resolve });
    const named = found.filter(({ position }) => position.source in metafile.inputs);
    this.#named.set(built, named);
    if (/Worker\w*\(/.test(code)) this.#findForeignWorkers(built);
    // Lines that need no other finding, and those that have one.
    const told = new Set<string>();
    const complained = new Set<string>();
    for (const place of named) if (place.isListed) this.#list(place, built);
    const diagnostics = named.flatMap((path): Diagnostic[] => {
      const key = `${writtenFile(projectDir, path.position)}:${path.position.line}`;
      const finding = this.#carry(path, built);
      if (path.role === "worker" || path.role === "child") told.add(key);
      if (!finding || path.isGuess || complained.has(key)) return [];
      complained.add(key);
      told.add(key);
      return [{ ...finding, location: locationOf(projectDir, path.position) }];
    });
    const others = runTimeFiles({ projectDir, code, map, inputOf, metafile }).filter(
      ({ location }) => !told.has(`${location?.file}:${location?.line}`),
    );
    const foreign = this.#hasAssets ? [] : machinePaths({ code, metafile, projectDir });
    this.missing.push(...[...diagnostics, ...others, ...foreign].sort(inOrder(metafile.inputs)));
  }

  /**
   * `new Worker("./sum.js")` of a package (threads, web-worker), which means a script beside the source. Node's own takes such
   * names from the current folder on.
   */
  #findForeignWorkers({ metafile }: Built): void {
    for (const [input, { imports }] of Object.entries(metafile.inputs)) {
      if (isDependency(input) || !scriptName.test(input)) continue;
      if (imports.some(({ path: name }) => /^(?:node:)?worker_threads$/.test(name))) continue;
      const source = path.resolve(this.#projectDir, input);
      for (const text of workerTexts(source)) {
        const script = this.#script(slashes(path.resolve(path.dirname(source), text)));
        if (script) this.#scripts.push(script);
      }
    }
  }

  /** Carries what a target of `imports` in package.json can be, and that file with it. `source` asks for it by a part. */
  carryImports(pattern: string, source: string): void {
    const target = slashes(path.resolve(this.#projectDir, pattern));
    this.#carried.add(path.join(this.#projectDir, "package.json"));
    for (const file of this.#carried.named(target, slashes(path.resolve(this.#projectDir, source))) ?? [])
      if (this.#carried.add(file)) this.#added(file);
  }

  #carry(named: NamedPath, built: Built): Omit<Diagnostic, "location"> | undefined {
    const source = slashes(path.resolve(this.#projectDir, named.position.source));
    if (isDependency(named.position.source)) return this.#ofDependency(named, source);
    if (named.isListed && this.#listed.has(named.path)) return undefined;
    if (named.role === "itself") return this.#fromItself(named, source, built);
    if (named.role === "package") return this.#package(named, source);
    if (named.role === "module" && named.path.includes(unknown)) return undefined;
    const entry = slashes(path.resolve(this.#projectDir, built.entry.path));
    const isStarted = named.role === "worker" || named.role === "child";
    // The main file finds itself.
    const isItself = named.path === source && (named.role !== "module" || source === entry);
    if (isItself && (!isStarted || named.position.source === built.entry.path)) return undefined;
    if (isStarted) {
      const script = this.#script(named.path);
      if (script) {
        this.#scripts.push(script);
        return undefined;
      }
    }
    const module = named.role === "module" ? this.#carried.module(named.path) : undefined;
    let files = module === undefined ? this.#carried.named(named.path, source) : [module];
    // A path that others `require` says no ending.
    const late = files?.length === 0 && !named.path.includes(unknown) && this.#carried.module(named.path);
    if (late) files = [late];
    if (files === undefined && this.#isListed(named)) return undefined;
    if (files === undefined && this.#hasAssets) return undefined;
    if (files === undefined)
      return finding(
        "Which files this path leads to only shows at run time",
        'Name them in "assets" of the step bundle.',
      );
    for (const file of [...files]) if (includesOthers.test(file)) files.push(...this.#siblings(file, source));
    const shown = slashes(path.relative(this.#projectDir, named.path)).replaceAll(unknown, "…");
    const added = files.filter((file) => this.#carried.add(file));
    for (const file of added) this.#added(file);
    this.#addToPackages(files);
    if (files.some((file) => this.#carried.places.of(file) === undefined))
      return finding(
        `"${shown}" lies outside of the workspace and is not in the executable`,
        "Executables mirror the tree of the sources: move it below the project or its workspace.",
      );
    if (files.length > 0 && named.path.includes(unknown))
      this.found.add(`${writtenFile(this.#projectDir, named.position)}:${named.position.line}`);
    if (files.length > 0) return undefined;
    return finding(
      `"${shown}" is not there, and so not in the executable`,
      'If it is made later, make it before the build; other files can be named in "assets" of the step bundle.',
    );
  }

  /** `readdirSync(__dirname)` in the app's own code: what lies beside the source is meant, to be read or loaded. */
  #list({ path: place, position, isGuess }: NamedPath, { entry }: Built): void {
    if (isDependency(position.source) || isGuess) return;
    const source = path.resolve(this.#projectDir, position.source);
    const folder = path.normalize(place);
    if (folder !== path.dirname(source)) return;
    this.#listed.add(slashes(folder));
    const main = path.resolve(this.#projectDir, entry.path);
    for (const file of this.#carried.filesBeside(folder))
      if (file !== source && file !== main && this.#carried.add(file)) this.#added(file);
  }

  /** Whether a path leads to what lies in a folder that was listed. */
  #isListed({ path: target, position }: NamedPath): boolean {
    const isListed = this.#listed.has(target.slice(0, target.lastIndexOf("/", target.indexOf(unknown))));
    if (isListed) this.found.add(`${writtenFile(this.#projectDir, position)}:${position.line}`);
    return isListed;
  }

  /** A file of the app that others read or load. */
  #added(file: string): void {
    if (scriptName.test(file)) this.plainScripts.add(file);
    for (const other of filesReferred(file))
      if (!this.#carried.has(other) && this.#carried.add(other)) this.#added(other);
    if (!styleSheet.test(file)) return;
    const { places } = this.#carried;
    const because = `${slashes(path.relative(places.projectDir, file))} names it`;
    for (const { name, folder, files } of packagesOfStyleSheet(file, this.#carried)) {
      if (files.length === 0) this.packages.set(name, because);
      else {
        const relative = slashes(path.relative(places.projectDir, folder));
        this.styled.set(relative, because);
        this.#addToPackage(relative, [...files, path.join(folder, "package.json")]);
      }
    }
  }

  #addToPackage(folder: string, files: Iterable<string>): void {
    const known = this.#ofPackages.get(folder) ?? new Set<string>();
    for (const file of files) known.add(file);
    this.#ofPackages.set(folder, known);
  }

  /** What is named of packages by their places. */
  #addToPackages(files: readonly string[]): void {
    for (const file of files) {
      const folder = packageFolder(slashes(path.relative(this.#projectDir, file)));
      if (folder !== undefined) this.#addToPackage(folder, [path.normalize(file)]);
    }
  }

  /**
   * `sendFile("page.html", { root: __dirname })`: the place goes where the search does not follow, and what is meant by it
   * stands beside it as text. What the texts of the source name from there is carried, and the package.json that
   * many look for upwards.
   */
  #fromItself(named: NamedPath, source: string, built: Built): Omit<Diagnostic, "location"> | undefined {
    const folder = named.path === source ? path.posix.dirname(source) : named.path;
    const inputs = new Set(
      Object.keys(built.metafile.inputs).map((input) => slashes(path.resolve(this.#projectDir, input))),
    );
    // The app's own code would name it.
    const mayLookUpwards = [...inputs].some(isDependency);
    const manifest = mayLookUpwards ? this.#carried.manifestOf(path.normalize(folder)) : undefined;
    if (manifest !== undefined) this.#carried.add(manifest);
    const targets = [
      // A word alone that is the name of a folder for outputs or tests is most often just a word.
      ...pathTexts(source, folder).filter((target) => !onlyWord.test(target.slice(folder.length + 1))),
      ...(manifest === undefined ? [] : settingsTexts(manifest)),
      ...configurations(source, folder),
    ];
    let isAny = false;
    // A place that is stored, as bundlers do it for all parts of their output, is that of others as well.
    for (const input of named.isGiven ? [source] : inputs)
      if (!isDependency(input) && scriptName.test(input))
        for (const file of filesNamedFrom(input, folder))
          if (!inputs.has(file) && this.#carried.add(path.normalize(file))) isAny = true;
    for (const target of targets) {
      // A folder with bundled sources is the app itself.
      if ([...inputs].some((input) => input.startsWith(`${target}/`))) continue;
      for (const file of this.#carried.named(target, source) ?? []) {
        if (inputs.has(slashes(file)) || !this.#carried.add(file)) continue;
        isAny = true;
        this.#added(file);
      }
    }
    if (isAny || this.#hasAssets || named.isGuess || !named.isGiven) return undefined;
    if (!this.#carried.holdsOthers(path.normalize(folder), inputs)) return undefined;
    return finding(
      "What is looked for from this place only shows at run time",
      'Name the files in "assets" of the step bundle.',
    );
  }

  /** What such a file can include: all like it in its folder. */
  #siblings(file: string, source: string): string[] {
    const folder = path.dirname(file);
    if (slashes(source).startsWith(`${slashes(folder)}/`)) return [];
    const extension = path.extname(file);
    return this.#carried.filesIn(folder).filter((sibling) => path.extname(sibling) === extension);
  }

  /** The source of a script, if there is one; TypeScript is often named by what it is compiled to. */
  #script(named: string): Script | undefined {
    if (named.includes(unknown)) return undefined;
    const file = this.#carried.module(named);
    if (file !== undefined) return scriptName.test(file) ? { file, source: file } : undefined;
    const source = /\.[cm]?js$/.test(named) && this.#carried.module(named.replace(/js$/, "ts"));
    return source ? { file: path.normalize(named), source } : undefined;
  }

  #package(named: NamedPath, source: string): Omit<Diagnostic, "location"> | undefined {
    const name = packageName(named.path) ?? named.path;
    const { places } = this.#carried;
    if (
      name.startsWith("#") ||
      ownName(path.dirname(source)) === name ||
      places.packageFrom(path.dirname(source), name)
    ) {
      const { source: asking, line } = named.position;
      this.packages.set(named.path, `${asking}:${line} looks it up at run time`);
      // Who asks where a package lies may go on to its programs.
      const folder = places.packageFrom(path.dirname(source), name);
      if (folder && named.path === `${name}/package.json`)
        this.#addToPackage(slashes(path.relative(places.projectDir, folder)), programsOf(folder));
      return undefined;
    }
    return {
      severity: "info",
      code: "SBP_BUNDLE_OPTIONAL",
      message: `"${named.path}" is not installed: asking for it fails at run time, as it does under node`,
    };
  }

  /** A package that looks above itself looks for the package.json of the app. */
  #addManifestAbove(target: string): void {
    if (target.includes(unknown) || target.includes("/node_modules/")) return;
    const folder = path.normalize(target.replace(/\/(?:package\.json|node_modules)?$/, ""));
    const manifest = path.join(folder, "package.json");
    if (this.#carried.places.of(folder) !== undefined && existsSync(manifest)) this.#carried.add(manifest);
  }

  #ofDependency(named: NamedPath, source: string): Omit<Diagnostic, "location"> | undefined {
    const folder = packageFolder(named.position.source)!;
    if (named.role === "package") {
      const from = path.dirname(path.normalize(source));
      this.asked.set(from, (this.asked.get(from) ?? new Set()).add(named.path));
    }
    if (named.role !== "package" && named.role !== "itself" && named.path !== source) {
      const files = this.#carried.named(named.path, source) ?? [];
      // All of another package is not meant where somebody only asks where it lies.
      if (!packageRoot.test(named.path)) this.#addToPackages(files);
    }
    this.#addManifestAbove(named.path);
    if (named.role === "itself") {
      const known = this.#lookingFrom.get(folder) ?? new Set<string>();
      this.#lookingFrom.set(folder, known.add(path.dirname(path.normalize(source))));
      // Even of a package that is bundled: `version` is what most want of themselves.
      if (named.isGiven && namesManifest(source))
        this.#carried.add(path.resolve(this.#projectDir, folder, "package.json"));
      return undefined;
    }
    return {
      severity: "info",
      code: "SBP_BUNDLE_FILE",
      message: "This path leads to files beside the source, which are not in the executable",
    };
  }
}

function resolve(specifier: string, source: string): string | undefined {
  try {
    return createRequire(source).resolve(specifier);
  } catch {
    return undefined;
  }
}

/** The name of the package that a folder is part of, by which its sources can import one another. */
function ownName(folder: string): unknown {
  for (const current of upwards(folder)) {
    const manifest = readPackageJson(current);
    if (manifest) return manifest["name"];
  }
  return undefined;
}

function finding(message: string, hint: string): Omit<Diagnostic, "location"> {
  return { severity: "warning", code: "SBP_BUNDLE_FILE", message, hint };
}

/** By source as the bundle has them, then by line. */
function inOrder(inputs: Readonly<Record<string, unknown>>) {
  const order = new Map(Object.keys(inputs).map((source, index) => [source, index]));
  const key = ({ location }: Diagnostic) => order.get(location?.file ?? "") ?? 0;
  return (a: Diagnostic, b: Diagnostic) =>
    key(a) - key(b) || (a.location?.line ?? 0) - (b.location?.line ?? 0);
}
