import { readdirSync, realpathSync } from "node:fs";
import path from "node:path";
import { type Dependency, exitCodes, SbpError } from "@sbp/core";
import { slashes } from "./entry.ts";
import { statsOf as stats } from "./folders.ts";
import { findLinks } from "./links.ts";
import { unknown } from "./path-value.ts";
import { commonFolder, type Places } from "./places.ts";
import { upwards } from "./workspace.ts";

/** A file that the artifact holds besides the main file. */
export interface CarriedFile {
  /** Relative to the artifact's `files/`. */
  readonly path: string;
  /** The file to copy, absolute; or what a script was bundled to. */
  readonly content: { readonly copyOf: string } | Uint8Array;
  readonly executable: boolean;
  /** The source map of what a script was bundled to. */
  readonly map?: Uint8Array | undefined;
}

/** More files than any app names on purpose: somebody's whole disk. */
const mostFiles = 100_000;

/** Never meant by a folder's name. */
const neverInFolders = new Set(["node_modules", ".git", ".hg", ".svn", ".DS_Store"]);

const script = /\.[cm]?[jt]sx?$/;
const notData = /\.(?:d\.[cm]?ts|map|md|markdown|json|node|zip|gz|tgz)$/;

/** What lies beside sources, and nothing looks for when they run. */
const notForRunTime =
  /^(?:\.|node_modules$|(?:dist|build|out|coverage|docs?|tests?|__tests__)$|(?:package|package-lock|npm-shrinkwrap|tsconfig[\w.-]*|biome|nx|sbp[\w.-]*)\.jsonc?$|pnpm-|yarn\.|dockerfile|makefile$|[\w.-]+\.lock$|(?:licen[cs]e|readme|changelog)\b|[\w.-]+\.(?:config|test|spec)\.[cm]?[jt]sx?$|[\w.-]+\.d\.[cm]?ts$)/i;

/** Collects what is carried, each file once, and what decided it. */
export class CarriedFiles {
  readonly places: Places;
  readonly #files = new Map<string, Omit<CarriedFile, "path">>();
  readonly #links = new Map<string, string>();
  readonly #inputs = new Map<string, Dependency>();
  readonly #isExcluded: (file: string) => boolean;

  /** `isExcluded` is asked for absolute paths. */
  constructor(places: Places, isExcluded: (file: string) => boolean = () => false) {
    this.places = places;
    this.#isExcluded = isExcluded;
  }

  get size(): number {
    return this.#files.size;
  }

  has(file: string): boolean {
    const place = this.places.of(file);
    return place !== undefined && this.#files.has(place);
  }

  /** False where the file is excluded or lies outside of the workspace. */
  add(file: string): boolean {
    this.#depend({ file });
    const place = this.places.of(file);
    if (place === undefined || this.#isExcluded(file)) return false;
    const executable = ((stats(file)?.mode ?? 0) & 0o100) !== 0;
    const known = this.#files.get(place)?.content;
    if (!known) this.#files.set(place, { content: { copyOf: file }, executable });
    else if ("copyOf" in known && known.copyOf !== file) throw samePlace(file, known.copyOf, place);
    if (this.#files.size > mostFiles)
      throw new SbpError(
        "SBP_BUNDLE_ASSETS",
        `More than ${mostFiles} files would be carried in the executable`,
        {
          hint: 'Name fewer of them in "assets" and "include" of the step bundle, or leave some out by "exclude".',
          exitCode: exitCodes.badUsage,
        },
      );
    return true;
  }

  /** A script in place of its source: what it was bundled to. */
  addScript(source: string, code: Uint8Array, map: Uint8Array | undefined): void {
    const place = this.places.of(source);
    if (place !== undefined) this.#files.set(place, { content: code, executable: false, map });
  }

  /** The files in a folder and below; packages and the like only where the folder is in one. */
  addFolder(folder: string): string[] {
    return this.filesIn(folder).filter((file) => this.add(file));
  }

  /** What lies in a folder for the run time, as far as names tell: with all below it, but scripts alone where a package.json is. */
  filesBeside(folder: string): string[] {
    const isPackage = stats(path.join(folder, "package.json")) !== undefined;
    const isMeant = (name: string) => !notForRunTime.test(name);
    return this.filesIn(folder).filter((file) => {
      const names = path.relative(folder, file).split(path.sep);
      return names.every(isMeant) && (!isPackage || (names.length === 1 && script.test(file)));
    });
  }

  /** Sorted. Declares the folders. */
  filesIn(folder: string): string[] {
    const files: string[] = [];
    const seen = new Set<string>();
    const visit = (current: string) => {
      const real = realpathSync(current);
      if (seen.has(real)) return;
      seen.add(real);
      this.#depend({ directory: current });
      for (const name of readdirSync(current).sort()) {
        const file = path.join(current, name);
        if (neverInFolders.has(name)) continue;
        const found = stats(file);
        // A link to what may come.
        if (!found) this.#depend({ file });
        if (found?.isDirectory()) visit(file);
        else if (found?.isFile()) files.push(file);
        if (files.length > mostFiles) return;
      }
    };
    visit(folder);
    return files;
  }

  /**
   * Files beside a package's that it cannot do without, though only its contents name them: the WebAssembly of a script, the
   * pictures of a font. They have its name, but for the ending and a number.
   */
  companions(file: string): string[] {
    const folder = path.dirname(file);
    const { name: stem, ext } = path.parse(file);
    if (stem === "package" || stem === "index" || notData.test(file)) return [];
    this.#depend({ directory: folder });
    const isLike = script.test(file)
      ? (name: string) => name === `${stem}.wasm`
      : (name: string) =>
          name.startsWith(stem) &&
          /^[._]?\d*\.\w+$/.test(name.slice(stem.length)) &&
          !name.endsWith(ext) &&
          !script.test(name) &&
          !notData.test(name);
    return readdirSync(folder)
      .filter(isLike)
      .map((name) => path.join(folder, name));
  }

  /**
   * The files that a path of namedPaths stands for: one, a folder's, or all that it can mean. Undefined where it can mean
   * nearly anything, empty where there is none. `from` is the source that names it.
   */
  named(text: string, from: string): string[] | undefined {
    const alternatives = withoutBraces(text);
    if (alternatives.length > 1 && (text.includes(unknown) || !stats(text))) {
      const found = alternatives.map((one) => this.named(one, from));
      return found.every((files) => files === undefined) ? undefined : found.flatMap((files) => files ?? []);
    }
    // Some libraries fill in names of their own: "locales/{{lng}}.json".
    const wild = text.includes(unknown) || stats(text) ? text : text.replace(/\{+[^{}/]*\}+/g, unknown);
    const pattern = wild.includes(unknown) || (wild.includes("*") && !stats(wild)) ? wild : undefined;
    if (pattern !== undefined) return this.#matching(pattern, from);
    const file = path.normalize(text);
    const found = stats(file);
    this.#depend(found?.isDirectory() ? { directory: file } : { file });
    if (found?.isFile()) return [file];
    const isNone = slashes(file).endsWith("/node_modules") || this.#isAboveAll(file);
    return found?.isDirectory() && !isNone ? this.filesIn(file) : [];
  }

  /** What `require` would find at a path without extension (Node: "All together", LOAD_AS_FILE, LOAD_AS_DIRECTORY). */
  module(target: string): string | undefined {
    const candidates = [target, ...[".js", ".json", ".node", "/index.js"].map((end) => target + end)];
    return candidates.find((file) => {
      this.#depend({ file });
      return stats(file)?.isFile();
    });
  }

  #matching(pattern: string, from: string): string[] | undefined {
    const first = pattern.search(/[\0*]/);
    const folder = pattern.slice(0, pattern.lastIndexOf("/", first) + 1);
    const suffix = /[^\0*/]*$/.exec(pattern)![0];
    if (folder === "" || !path.isAbsolute(folder)) return undefined;
    // All files beside the source cannot be meant; those with an ending of their own can: "*.entity.js".
    const isAny = !/\.\w+$/.test(suffix) || suffix.replace(script, "") === "";
    if (slashes(from).startsWith(folder) && isAny) return undefined;
    if (this.#isAboveAll(folder)) return undefined;
    if (!stats(folder)?.isDirectory()) {
      this.#depend({ file: path.normalize(folder) });
      return [];
    }
    const expression = pattern
      .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
      .replace(/\0(?=\0)/g, "")
      .replace(/\*\*\/|\*\*|\*|\0/g, (wild) => ({ "**/": "(?:.*/)?", "*": "[^/]*" })[wild] ?? ".*");
    const matches = new RegExp(`^${expression}$`, "s");
    return this.filesIn(path.normalize(folder)).filter((file) => matches.test(slashes(file)));
  }

  /** Whether a folder holds the whole workspace, as somebody's disk does. */
  #isAboveAll(folder: string): boolean {
    const down = path.relative(folder, this.places.root);
    return down !== "" && down.split(path.sep)[0] !== ".." && !path.isAbsolute(down);
  }

  /** Adds the package.json files that say which kind of modules the app's own carried scripts are. */
  addManifests(): void {
    const seen = new Set<string>();
    for (const place of [...this.#files.keys()])
      if (/\.[jt]sx?$/.test(place) && !place.includes("node_modules/")) this.#addManifest(place, seen);
  }

  /** The nearest package.json from a folder up, within the workspace. */
  manifestOf(folder: string): string | undefined {
    for (const current of upwards(folder)) {
      if (this.places.of(current) === undefined) return undefined;
      const file = path.join(current, "package.json");
      this.#depend({ file });
      if (stats(file)?.isFile()) return file;
      if (current === this.places.root) return undefined;
    }
    return undefined;
  }

  /** Whether a folder holds anything for the run time besides these sources (with forward slashes), as far as names tell. */
  holdsOthers(folder: string, sources: ReadonlySet<string>): boolean {
    this.#depend({ directory: folder });
    return readdirSync(folder).some((name) => {
      const file = path.join(folder, name);
      const place = slashes(file);
      if (notForRunTime.test(name) || sources.has(place)) return false;
      return stats(file)?.isFile() || ![...sources].some((source) => source.startsWith(`${place}/`));
    });
  }

  #addManifest(place: string, seen: Set<string>): void {
    for (let folder = path.posix.dirname(place); ; folder = path.posix.dirname(folder)) {
      if (seen.has(folder)) return;
      seen.add(folder);
      const file = path.join(this.places.root, folder, "package.json");
      if (stats(file)?.isFile()) {
        this.add(file);
        return;
      }
      this.#depend({ file });
      if (folder === ".") return;
    }
  }

  /** Adds the links through which Node finds carried packages. `from` is where the main file's search begins, absolute. */
  addLinks(from: string): void {
    if (this.#files.size === 0) return;
    const { root } = this.places;
    const folders = new Set([from]);
    for (const [place, { content }] of this.#files)
      folders.add(path.dirname("copyOf" in content ? content.copyOf : path.join(root, place)));
    const { links, read } = findLinks({ folders, root });
    for (const directory of read) this.#depend({ directory });
    for (const [link, target] of links) {
      this.#depend({ link });
      const [at, to] = [this.places.of(link), this.places.of(target)];
      if (at !== undefined && to !== undefined && at !== to) this.#links.set(at, to);
    }
  }

  /** Sorted by path, relative to the nearest folder that holds them and the project; and the main file's place there. */
  list(mainPlace: string): { files: CarriedFile[]; links: Record<string, string>; place: string } {
    const folders = [mainPlace, ...this.#files.keys()].map(folderOf);
    const root = commonFolder([this.places.of(this.places.projectDir)!, ...folders]);
    const inside = (place: string) => (root === "" ? place : place.slice(root.length + 1));
    const files = [...this.#files]
      .filter(([place]) => place !== mainPlace)
      .map(([place, file]) => ({ path: inside(place), ...file }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    const links = [...this.#links]
      .filter(([link]) => root === "" || link.startsWith(`${root}/`))
      .map(([link, target]) => [inside(link), inside(target)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return { files, links: Object.fromEntries(links), place: inside(mainPlace) };
  }

  /** What decided which files there are, and their contents. */
  inputs(): Dependency[] {
    return [...this.#inputs.values()];
  }

  depend(dependency: Dependency): void {
    this.#depend(dependency);
  }

  #depend(dependency: Dependency): void {
    this.#inputs.set(JSON.stringify(dependency), dependency);
  }
}

/** The alternatives of a glob: "*.entity{.ts,.js}" is "*.entity.ts" and "*.entity.js". */
function withoutBraces(text: string): string[] {
  const [all, list = ""] = /\{([^{}/]*,[^{}/]*)\}/.exec(text) ?? [];
  if (all === undefined) return [text];
  return list.split(",").flatMap((one) => withoutBraces(text.replace(all, () => one)));
}

/** Of two versions of a package one would be used for both. */
function samePlace(file: string, other: string, place: string): SbpError {
  return new SbpError(
    "SBP_BUNDLE_PLACE",
    `Two files would lie at ${place} in the executable: ${other} and ${file}`,
    {
      hint: "Packages outside of the project appear in its node_modules: install them within the project (pnpm: enableGlobalVirtualStore: false).",
      exitCode: exitCodes.badUsage,
    },
  );
}

function folderOf(place: string): string {
  const folder = path.posix.dirname(place);
  return folder === "." ? "" : folder;
}
