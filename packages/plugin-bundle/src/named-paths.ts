/*
 * The files that code names by the place of its source:
 *
 *   new Worker(new URL("./worker.js", import.meta.url))     a script for a thread
 *   fork(join(__dirname, "child.js"))                       a script for a process
 *   const views = join(__dirname, "views"); … join(views, "index.html")
 *   createRequire(import.meta.url)("./package.json")        a module that the bundler does not see
 *   join(dirname(require.resolve("pkg/package.json")), "data")    a folder of a package
 *   `import run from "${import.meta.url}"`                  the module itself, by code that is put together
 *
 * Looked for in the bundled code, not in the sources: there esbuild has taken out types, comments and what is never
 * used, and gives every place a name that nothing else has (own-place.ts). From each of them the search goes outwards as
 * long as the expression is a path (path-value.ts), and on from the name that the path is given.
 */
import { isBuiltin } from "node:module";
import path from "node:path";
import { slashes } from "./entry.ts";
import { type InputOfSource, positionInInput } from "./input-of-source.ts";
import { scopeOf } from "./name-scope.ts";
import { originalPositions, type Position } from "./original-position.ts";
import type { PlaceUse } from "./own-place.ts";
import { packageFolder } from "./packages.ts";
import { meaning, PathReader, unknown } from "./path-value.ts";

export interface NamedPath {
  readonly position: Position;
  /** Absolute, with forward slashes and `unknown` for what only shows at run time. A package's specifier for `package`. */
  readonly path: string;
  /**
   * What is done with it: started as a thread or a process, resolved as a module, or anything else. `itself`: the source's
   * own place goes where the search does not follow.
   */
  readonly role: "file" | "worker" | "child" | "module" | "package" | "itself";
  /** The name of the place comes from another source: most likely it is the same one. */
  readonly isGuess?: boolean;
  /** For `itself`: a function gets it that may look for files. */
  readonly isGiven?: boolean;
  /** For `itself`: what lies there is listed. */
  readonly isListed?: boolean;
}

export interface NamedPathsRequest {
  readonly projectDir: string;
  readonly code: string;
  readonly map: Parameters<typeof originalPositions>[2];
  readonly inputOf: InputOfSource;
  readonly uses: readonly PlaceUse[];
  /** The file that `require.resolve` finds from a source; both absolute. */
  resolve(specifier: string, source: string): string | undefined;
}

interface Known {
  readonly offset: number;
  readonly end: number;
  /** Absolute, with forward slashes. */
  readonly path: string;
  readonly position: Position;
  /** A function of createRequire. */
  readonly isRequire?: boolean;
  /** As in NamedPath. */
  readonly isGuess?: boolean;
}

/** Names that are given to places, and to what is made of these, are followed this many times. */
const rounds = 4;

/** The folder of a package. */
export const packageRoot = /\/node_modules\/(?:@[^/]+\/)?[^/]+\/?$/;

/** Functions that look at a path as text, or only say it. */
const onlyTexts =
  /\b(?:log|debug|info|warn|error|trace|relative|isAbsolute|basename|extname|parse|chdir|startsWith|endsWith|includes|indexOf|replace|replaceAll|split|slice|match|test|String|stringify|equal|is)\d*$/;

/** What is asked for from a place that follows: `resolve("remark", import.meta.url)`, as import-meta-resolve and others have it. */
const askedFrom = /\bresolve\w*\)?\(\s*["']((?:@[\w.-]+\/)?\w[\w./-]*)["'],\s*$/i;

/** Functions that list a folder. */
const lists = /^(?:readdir|opendir)(?:Sync)?$/;

/** In the order of the code; paths that only lead to the module itself are left out. */
export function namedPaths(request: NamedPathsRequest): NamedPath[] {
  return request.uses.length === 0 ? [] : new Search(request).run();
}

class Search {
  readonly #request: NamedPathsRequest;
  readonly #known = new Map<number, Known>();
  readonly #names: ReadonlyMap<string, string>;
  readonly #reader: PathReader;
  readonly #found = new Map<number, NamedPath>();
  /** By source and name. */
  readonly #bound = new Set<string>();

  constructor(request: NamedPathsRequest) {
    this.#request = request;
    this.#names = importedNames(request.code);
    this.#reader = new PathReader(request.code, this.#names, (offset) => this.#known.get(offset));
  }

  run(): NamedPath[] {
    const { code, projectDir, uses } = this.#request;
    const requires: Known[] = [];
    const resolved: Known[] = [];
    let fresh: Known[] = [];
    for (const { offset, kind, name, property, position } of uses) {
      const file = slashes(path.resolve(projectDir, position.source));
      if (kind === "resolve") {
        requires.push({ offset, end: offset + name.length, path: file, position, isRequire: true });
        continue;
      }
      const isFolder = kind === "dirname" || property === "dirname";
      let end = offset + name.length;
      if (kind === "meta") end = code.indexOf(property || name, offset) + (property || name).length;
      if (property === "resolve") requires.push({ offset, end, path: file, position, isRequire: true });
      else if (kind !== "meta" || property !== "" || /^\}?\s*;/.test(code.slice(end)))
        fresh.push({ offset, end, path: isFolder ? path.posix.dirname(file) : file, position });
      else if (/^\s*[,})]/.test(code.slice(end)))
        // Who wants all of it wants the nearest package.json, mostly.
        this.#found.set(offset, { position, path: file, role: "itself" });
    }
    for (const known of requires) resolved.push(...this.#asked(known, true));
    fresh.push(...resolved);
    for (let round = 0; round < rounds && fresh.length > 0; round++) {
      for (const known of fresh) this.#known.set(known.offset, known);
      fresh = this.#named(fresh.flatMap((known) => this.#follow(known)));
    }
    return [...this.#found].sort(([a], [b]) => a - b).map(([, found]) => found);
  }

  #followAll(places: readonly Known[]): Binding[] {
    for (const known of places) this.#known.set(known.offset, known);
    return places.flatMap((known) => this.#follow(known));
  }

  /** From a place outwards. Returns the name that is given to what comes of it. */
  #follow(known: Known): Binding[] {
    const { code } = this.#request;
    if (known.isRequire) return this.#followAll(this.#asked(known));
    const { start, text } = this.#outermost(known);
    const before = code.slice(Math.max(0, start - 120), start);
    const destructured = /\{([^{}]*)\}\s*=\s*$/.exec(before)?.[1];
    if (destructured !== undefined && text === known.path) return destructuredNames(destructured, known);
    const callee = this.#calleeOf(before);
    if (callee === "createRequire") {
      const close = code.indexOf(")", start);
      const end = this.#reader.read(start).end + 1;
      const maker = /(?:\(0,\s*)?(?:[\w$]+\.)*[\w$]+\)?\(\s*$/.exec(before)![0];
      const resolved = this.#asked({
        ...known,
        offset: start - maker.length,
        end: Math.max(end, close + 1),
      });
      const name = /([\w$]+)\s*=\s*(?:\(0,\s*|[\w$]+\.|[\w$]+\("[^"]*"\)\.)*[\w$]+\)?\(\s*$/.exec(
        before,
      )?.[1];
      const bound = name === undefined ? [] : [{ name, known: { ...known, isRequire: true } }];
      return [...bound, ...this.#followAll(resolved)];
    }
    const isProgram = /\bprocess\.execPath,\s*\[\s*$/.test(before);
    if (known.path === text && isImportedByCode(before)) {
      this.#found.set(start, { position: known.position, path: text, role: "module" });
      return [];
    }
    const role = callee === "Worker" ? "worker" : callee === "fork" || isProgram ? "child" : "file";
    const file = slashes(path.resolve(this.#request.projectDir, known.position.source));
    // The module itself, its folder or one above it: only what is done with it matters.
    const isAbove = file === text || file.startsWith(`${text.replace(/\/$/, "")}/`);
    const isPath = path.isAbsolute(text);
    const name = /(?:^|[^\w$.])([\w$]+)\s*=\s*$/.exec(before)?.[1];
    // A package's folder with a name: what is done with that matters.
    const isBase = name !== undefined && packageRoot.test(text);
    if (isPath && !isBase && (!isAbove || role === "worker" || role === "child"))
      this.#found.set(start, {
        position: known.position,
        path: text,
        role,
        ...(known.isGuess && { isGuess: true }),
      });
    const asked = file === text ? askedFrom.exec(before)?.[1] : undefined;
    if (asked !== undefined && !isBuiltin(asked)) {
      this.#found.set(start, { position: known.position, path: asked, role: "package" });
      return [];
    }
    const isListed = callee !== undefined && lists.test(callee);
    if (
      isAbove &&
      isPath &&
      !known.isGuess &&
      role === "file" &&
      name === undefined &&
      !(callee !== undefined && onlyTexts.test(callee)) &&
      (isListed || !this.#isCompared(before, start))
    )
      this.#found.set(start, {
        position: known.position,
        path: text,
        role: "itself",
        isGiven: this.#isGiven(start),
        ...(isListed && { isListed }),
      });
    return name === undefined || text.includes(unknown) ? [] : [{ name, known: { ...known, path: text } }];
  }

  /** The largest expression around a place that is still a path. */
  #outermost(known: Known): { start: number; text: string } {
    const { code } = this.#request;
    let start = known.offset;
    let { text } = this.#reader.read(start);
    for (;;) {
      const outer = this.#around(start);
      if (outer === undefined) return { start, text };
      const value = this.#reader.read(outer);
      if (!value.isPlace || value.end <= start) return { start, text };
      this.#found.delete(start);
      start = outer;
      text = value.text;
      if (start <= 0 || code.length === 0) return { start, text };
    }
  }

  /** Where the expression starts that has this one as a part. */
  #around(start: number): number | undefined {
    const { code } = this.#request;
    const before = code.slice(Math.max(0, start - 250), start);
    const space = before.length - before.trimEnd().length;
    const last = before.at(-1 - space);
    if (last === "(") return this.#reader.functionBefore(start - space - 1)?.start;
    if (last === ",") {
      if (askedFrom.test(before)) return undefined;
      const made = [...before.matchAll(/\bnew\s+(?:[\w$]+\.)*URL\d*\(/g)].at(-1);
      if (made) return start - before.length + made.index;
      const joined = [...before.matchAll(/(?:\(0,\s*)?(?:[\w$]+\.)*\b[\w$]+\)?\(/g)].at(-1);
      if (!joined) return undefined;
      const parenthesis = start - before.length + joined.index + joined[0].length - 1;
      return this.#reader.functionBefore(parenthesis)?.start;
    }
    if (before.endsWith("${")) {
      const quote = before.lastIndexOf("`");
      return quote < 0 ? undefined : start - before.length + quote;
    }
    return undefined;
  }

  /** `import.meta.url === …`, `typeof __dirname`: asks, and leads nowhere. */
  #isCompared(before: string, start: number): boolean {
    const after = this.#request.code.slice(start, start + 300);
    return (
      /(?:[=!]==?|\btypeof)\s*\(?$/.test(before.trimEnd()) ||
      /^[^,;{}]*?[=!]==?/.test(after) ||
      /^[\w$.]+\s*(?:&&|\)\s*[{&?])/.test(after)
    );
  }

  /** Whether the innermost call around an offset may look for files. */
  #isGiven(offset: number): boolean {
    const { code } = this.#request;
    let depth = 0;
    for (let at = offset - 1; at > Math.max(0, offset - 1000); at--) {
      const character = code[at]!;
      if (")]}".includes(character)) depth++;
      else if ("([{".includes(character) && depth-- === 0) {
        depth = 0;
        if (character !== "(") continue;
        const [, callee = ""] =
          /((?:[\w$]+\.)*[\w$]+)\)?\s*$/.exec(code.slice(Math.max(0, at - 120), at)) ?? [];
        if (callee === "") continue;
        return !/^(?:console\..*|if|while|for|switch|return)$/.test(callee) && !onlyTexts.test(callee);
      } else if (character === ";" && depth === 0) return false;
    }
    return false;
  }

  /** The function that is called with what follows, by its own name. */
  #calleeOf(before: string): string | undefined {
    const [, member, written] = /([\w$]+\.)?([\w$]+)\)?\(\s*$/.exec(before) ?? [];
    if (written === undefined || /^cluster\d*\.$/.test(member ?? "")) return undefined;
    return this.#names.get(written) ?? written.replace(/\d+$/, "");
  }

  /**
   * What is asked of a `require` of the source's own: require("./x"), require.resolve("x"), import.meta.resolve("x"). Where it is
   * resolved, the file is a place from which the search goes on.
   */
  #asked({ offset, end, path: file, position }: Known, isResolve = false): Known[] {
    const asked = /\s*(\.\s*resolve\s*)?\(\s*("(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')\s*\)/y;
    asked.lastIndex = end;
    const [, member, literal] = asked.exec(this.#request.code) ?? [];
    if (literal === undefined) {
      if (/^\s*(?:\.\s*resolve\s*)?\(/.test(this.#request.code.slice(end, end + 30)))
        this.#found.set(end, { position, path: `${path.posix.dirname(file)}/${unknown}`, role: "module" });
      return [];
    }
    const name = meaning(literal.slice(1, -1));
    if (isBuiltin(name) || /^[a-z][a-z0-9+.-]*:/i.test(name) || /^[./]*$/.test(name)) return [];
    const isFile = /^\.{0,2}\//.test(name);
    const target = isFile ? path.posix.resolve(path.posix.dirname(file), name) : name;
    this.#found.set(end, { position, path: target, role: isFile ? "module" : "package" });
    const found = isResolve || member !== undefined ? this.#request.resolve(name, file) : undefined;
    if (found === undefined) return [];
    return [{ offset, end: asked.lastIndex, path: slashes(found), position }];
  }

  /** Where the names are used, in the source that gave them. */
  #named(bindings: readonly Binding[]): Known[] {
    const { code, map } = this.#request;
    const uses: (Known & { readonly isOwn?: boolean })[] = [];
    for (const { name, known } of bindings) {
      const { end = code.length, isOwn = false } = scopeOf(name, known.offset, code);
      const key = `${known.position.source}\0${name}${end < code.length ? `\0${end}` : ""}`;
      if (this.#bound.has(key)) continue;
      this.#bound.add(key);
      const exactly = `(?<![\\w$.])${name.replaceAll("$", "\\$")}`;
      // One that walks on, `folder = dirname(folder)`, may be anywhere.
      const walks = new RegExp(`${exactly}\\s*=[^=;]*${exactly}(?![\\w$])`);
      const isGuess = walks.test(code.slice(known.offset, known.offset + 1000));
      const pattern = new RegExp(`${exactly}(?![\\w$]|\\s*(?:=[^=]|:))`, "g");
      // A block's name is not known before it is given.
      const from = end < code.length ? known.offset : 0;
      for (const { index } of code.slice(from, end).matchAll(pattern)) {
        const offset = from + index;
        uses.push({ ...known, isOwn, offset, end: offset + name.length, ...(isGuess && { isGuess }) });
      }
    }
    if (uses.length === 0) return [];
    const positionAt = originalPositions(
      code,
      uses.map(({ offset }) => offset),
      map,
    );
    return uses.flatMap(({ isOwn, ...use }) => {
      const position = positionInInput(positionAt.get(use.offset), this.#request.inputOf);
      if (!position) return [];
      const { source } = position;
      // The names of a module's top level are unique in the bundle, so other sources mean the same by them.
      const isOther = source !== use.position.source;
      if (isOther && (isOwn || use.isRequire || packageFolder(source) !== packageFolder(use.position.source)))
        return [];
      return [{ ...use, position, ...(isOther && { isGuess: true }) }];
    });
  }
}

/** Whether a place stands in code that is put together, where that imports: `import run from "${…}"`, "require(" + …. */
function isImportedByCode(before: string): boolean {
  return /\b(?:from|import|require)\b\s*\(?\s*["']?(?:\$\{|["'`]\s*\+\s*)(?:JSON\.stringify\(\s*)?$/.test(
    before,
  );
}

interface Binding {
  readonly name: string;
  readonly known: Known;
}

/** `dirname, filename: file` of import.meta. */
function destructuredNames(names: string, known: Known): Binding[] {
  return names.split(",").flatMap((part): Binding[] => {
    const [property = "", name = property] = part.split(":").map((word) => word.trim());
    if (property === "dirname") return [{ name, known: { ...known, path: path.posix.dirname(known.path) } }];
    return property === "filename" || property === "url" ? [{ name, known }] : [];
  });
}

/** What modules call functions of Node that other names are given to. */
function importedNames(code: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const [, list = ""] of code.matchAll(
    /\bimport\s*(?:[\w$]+\s*,\s*)?\{([^}]{1,2000})\}\s*from\s*["'](?:node:)?(?:path|path\/posix|url|module|worker_threads|child_process)["']/g,
  ))
    for (const part of list.split(",")) {
      const [imported = "", name] = part.trim().split(/\s+as\s+/);
      if (name) names.set(name, imported);
    }
  return names;
}
