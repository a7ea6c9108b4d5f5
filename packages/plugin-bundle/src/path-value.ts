/*
 * What an expression of the bundled code says as a path, as far as it can be told without running it: text, places of
 * modules, and the functions that put paths together. esbuild writes all code one way, so a small reader will do; what
 * it does not know is unknown, and only costs a warning or a file.
 */
import path from "node:path";
import { slashes } from "./entry.ts";

/** Stands in a path for what is only known at run time. */
export const unknown = "\0";

export interface PathValue {
  /** A path with forward slashes, absolute where it starts at a module's place; `unknown` for each part that is not known. */
  readonly text: string;
  /** Whether the place of a module is part of it. */
  readonly isPlace: boolean;
  /** Offset behind the expression. */
  readonly end: number;
}

/** What a name or place at an offset stands for: absolute, with forward slashes. */
export type KnownAt = (offset: number) => { readonly path: string; readonly end: number } | undefined;

/** An expression longer than this is no path. */
const longest = 2000;
/** Nor is one that is nested deeper. */
const deepest = 20;

/** The functions that are followed, by the name that the module gives them. */
const functions = new Set([
  "join",
  "resolve",
  "normalize",
  "dirname",
  "fileURLToPath",
  "pathToFileURL",
  "URL",
  "realpathSync",
]);

export class PathReader {
  readonly #code: string;
  readonly #knownAt: KnownAt;
  /** Other names of functions, as `import { join as j }` gives them. */
  readonly #names: ReadonlyMap<string, string>;
  #depth = 0;

  constructor(code: string, names: ReadonlyMap<string, string>, knownAt: KnownAt) {
    this.#code = code;
    this.#names = names;
    this.#knownAt = knownAt;
  }

  /** The expression that starts here, without what stands behind a comma or closing bracket. */
  read(offset: number): PathValue {
    let { text, isPlace, end } = this.#operand(offset);
    for (;;) {
      end = this.#space(end);
      if (this.#code[end] === "+") {
        const right = this.#operand(end + 1);
        text += right.text;
        isPlace ||= right.isPlace;
        end = right.end;
      } else if (/[,)\]};:\n]/.test(this.#code[end] ?? ";")) return { text, isPlace, end };
      else {
        // Another operator: what it makes of the path is not known.
        const rest = this.#skip(end);
        if (rest === end) return { text, isPlace, end };
        if (!/^(?:\|\||\?\?)/.test(this.#code.slice(end, end + 2))) text = unknown;
        end = rest;
      }
    }
  }

  /** The function that is called at an offset, as `join` or `path.join` or `(0, path.join)`; undefined for others. */
  functionBefore(parenthesis: number): { readonly name: string; readonly start: number } | undefined {
    const before = this.#code.slice(Math.max(0, parenthesis - 200), parenthesis);
    const match = /(?:\bnew\s+)?(?:\(0,\s*)?(?:[\w$]+\.)*([\w$]+)\)?\s*$/.exec(before);
    if (!match) return undefined;
    const name = this.#functionName(match[1]!);
    return name === undefined ? undefined : { name, start: parenthesis - match[0].length };
  }

  #functionName(written: string): string | undefined {
    const name = this.#names.get(written) ?? written.replace(/\d+$/, "");
    return functions.has(name) ? name : undefined;
  }

  #operand(at: number): PathValue {
    const start = this.#space(at);
    const first = this.#code[start] ?? "";
    if (first === '"' || first === "'") return this.#text(start);
    if (first === "`") return this.#template(start);
    const known = this.#knownAt(start);
    if (known) return this.#members({ text: known.path, isPlace: true, end: known.end });
    const call = /(?:new\s+)?(?:\(0,\s*)?(?:[\w$]+\.)*([\w$]+)\)?\s*\(/y;
    call.lastIndex = start;
    const match = call.exec(this.#code);
    const name = match && this.#functionName(match[1]!);
    if (match && name && this.#depth < deepest) {
      this.#depth++;
      const value = this.#call(name, start + match[0].length);
      this.#depth--;
      return this.#members(value);
    }
    return { text: unknown, isPlace: false, end: this.#skip(start, true) };
  }

  #call(name: string, at: number): PathValue {
    const given: PathValue[] = [];
    let end = this.#space(at);
    while (end < this.#code.length && this.#code[end] !== ")") {
      const value = this.read(end);
      given.push(value);
      end = this.#space(value.end);
      if (this.#code[end] === ",") end = this.#space(end + 1);
      else if (this.#code[end] !== ")") break;
    }
    const isPlace = given.some((value) => value.isPlace);
    return { text: apply(name, given), isPlace, end: end + 1 };
  }

  /** What is asked of a path or URL: `.href` says the same. */
  #members(value: PathValue): PathValue {
    const member = /\s*\.\s*(?:href|pathname|toString\(\s*\))/y;
    let { end } = value;
    for (member.lastIndex = end; member.test(this.#code); ) end = member.lastIndex;
    if (/[.[(]/.test(this.#code[end] ?? "")) return { ...value, text: unknown, end: this.#skip(end, true) };
    return { ...value, end };
  }

  #text(start: number): PathValue {
    const literal = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
    literal.lastIndex = start;
    const match = literal.exec(this.#code);
    if (!match) return { text: unknown, isPlace: false, end: start + 1 };
    return { text: meaning(match[0].slice(1, -1)), isPlace: false, end: start + match[0].length };
  }

  #template(start: number): PathValue {
    let text = "";
    let isPlace = false;
    let at = start + 1;
    while (at < this.#code.length && at - start < longest && this.#depth < deepest) {
      const literal = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;
      literal.lastIndex = at;
      const match = literal.exec(this.#code)![0];
      text += meaning(match);
      at += match.length;
      if (this.#code[at] !== "$") break;
      this.#depth++;
      const value = this.read(at + 2);
      this.#depth--;
      text += value.text;
      isPlace ||= value.isPlace;
      at = this.#space(value.end) + 1;
    }
    return { text, isPlace, end: at + 1 };
  }

  /** To where an unknown expression ends: a comma or closing bracket of ours, or, as an operand, an operator `+`. */
  #skip(start: number, isOperand = false): number {
    let depth = 0;
    for (let at = start; at < Math.min(this.#code.length, start + longest); at++) {
      const character = this.#code[at]!;
      if (character === '"' || character === "'") at = this.#text(at).end - 1;
      else if (character === "`") at = this.#template(at).end - 1;
      else if ("([{".includes(character)) depth++;
      else if (")]}".includes(character)) {
        if (depth-- === 0) return at;
      } else if (depth === 0 && (",;".includes(character) || (isOperand && character === "+"))) return at;
    }
    return Math.min(this.#code.length, start + longest);
  }

  #space(at: number): number {
    let end = at;
    while (/\s/.test(this.#code[end] ?? "")) end++;
    return end;
  }
}

/** Node's functions on paths and URLs; a file URL is its path. */
function apply(name: string, given: readonly PathValue[]): string {
  const texts = given.map(({ text }) => slashes(text).replace(/^file:\/\//, ""));
  const [first = unknown, second] = texts;
  switch (name) {
    case "URL": {
      const [target] = given;
      if (second === undefined) return first;
      if (/^[a-z][a-z0-9+.-]*:/i.test(target!.text)) return unknown;
      const folder = second.endsWith("/") ? second : path.posix.dirname(second);
      return path.posix.isAbsolute(first)
        ? first
        : path.posix.join(folder, decode(first.replace(/[?#].*$/s, "")));
    }
    case "dirname":
      return path.posix.dirname(first);
    case "join":
      return path.posix.join(...texts);
    case "resolve": {
      const last = texts.findLastIndex((text) => path.posix.isAbsolute(text));
      return last < 0 ? unknown : path.posix.join(...texts.slice(last));
    }
    case "normalize":
      return path.posix.normalize(first);
    default:
      return first;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What the text of a literal means. */
export function meaning(text: string): string {
  return text.replace(
    /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|\n|([\s\S]))/gi,
    (_, long, four, two, other) => {
      if (other !== undefined) return { n: "\n", t: "\t", r: "\r", 0: "\0" }[other as string] ?? other;
      const point = Number.parseInt(long ?? four ?? two ?? "", 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : "";
    },
  );
}
