/*
 * An ES module as a script. V8's code cache cannot be given to a module from JavaScript, and without it a
 * large bundle starts slowly; so a bundle that is an ES module becomes an async function in strict mode:
 *
 *   import fs, { join as j } from "node:path";      (async function (import$meta, import$node) { "use strict"; const …
 *   export const here = import.meta.url;        →   ;
 *   await main(fs);                                 ;      const here = import$meta.url;
 *                                                   await main(fs);
 *                                                   })
 *
 * - Imports are hoisted, so their bindings go into the head. Builtins are complete before the function runs:
 *   `import$node(specifier, names)` of the bootstrap gives them. Files that the app carries are imported by `import()`,
 *   one after the other, and their names have the values that they have then.
 * - `import.meta` becomes a name of the same length, and whatever is removed becomes white space: lines and
 *   columns stay.
 * - Nobody imports the main module, so exports are only removed. `import()` works in scripts as it is.
 * - Not kept: `arguments` is defined, and `<!--` begins a comment, which no bundler prints.
 */
import { isBuiltin } from "node:module";
import { init, type ParseError, parse, type StaticImport } from "es-module-lexer";
import { parseImportClause } from "./import-clause.ts";
import { foot, type ScriptText, withoutHashbang } from "./script.ts";

/** An ES module that cannot become a script; `offset` is in UTF-16 units from the start of the source. */
export class ModuleError extends Error {
  override readonly name = "ModuleError";
  readonly kind: "syntax" | "import";
  readonly offset: number;

  constructor(kind: "syntax" | "import", message: string, offset: number) {
    super(message);
    this.kind = kind;
    this.offset = offset;
  }
}

interface ModuleOptions {
  /** The app carries files: what is imported may be among them. */
  readonly files?: boolean;
}

/** Turns an ES module into an async function. Throws ModuleError. */
export async function moduleScript(text: string, { files = false }: ModuleOptions = {}): Promise<ScriptText> {
  await init();
  const source = withoutHashbang(text);
  const { imports, exports, emptyExports } = lex(source);
  const metaName = unusedName(source, "import$meta");
  const importName = unusedName(source, "import$node");
  const defaultName = unusedName(source, "$default");
  const bindings: string[] = [];
  const edits = new Edits(source);

  for (const found of imports) {
    if (found.type === "import-meta") {
      edits.replaceWhole(found.importStart, found.importEnd, metaName);
    } else if (found.type !== "dynamic") {
      edits.remove(found.importStart, found.importEnd);
      bindings.push(...bindingsOf(source, found, { importName, files }));
    }
  }
  for (const found of exports) {
    // A re-export is a whole import statement of its own, removed above.
    if (edits.removedAt(found.exportStart)) continue;
    if (found.type === "direct" && found.name === "default" && !isList(source, found.exportStart))
      removeDefault(source, edits, found.exportStart, defaultName);
    else if (isList(source, found.exportStart))
      edits.remove(found.exportStart, listEnd(source, found.exportStart));
    else edits.remove(found.exportStart, found.exportStart + "export".length);
  }
  for (const { start, end } of emptyExports) if (!edits.removedAt(start)) edits.remove(start, end);

  const head = `(async function (${metaName}, ${importName}) { "use strict"; ${bindings.join(" ")}\n`;
  return { head, body: edits.apply(), foot, module: true };
}

function lex(source: string) {
  // The lexer is silent about `export {}`. A name is put into whatever looks like one, in code or in a string:
  // what the lexer then reports is code.
  const looksEmpty = /\bexport\s*\{(?:\s|\/\*[^*]*\*\/|\/\/[^\n]*\n)*\}/g;
  const candidates = [...source.matchAll(looksEmpty)];
  const marker = unusedName(source, "export$none");
  const marked = source.replace(looksEmpty, (text) => `${text.slice(0, -1)}${marker}}`);
  const [imports, exports] = parseModule(source);
  const starts =
    candidates.length > 0
      ? parseModule(marked)[1].filter((found) => "name" in found && found.name === marker)
      : [];
  const real = new Set(starts.map((found) => found.exportStart));
  const emptyExports = candidates
    .map(({ index, 0: text }, nth) => ({
      start: index,
      end: index + text.length,
      marked: index + nth * marker.length,
    }))
    .filter((candidate) => real.has(candidate.marked));
  return { imports, exports, emptyExports };
}

function parseModule(source: string) {
  try {
    return parse(source);
  } catch (error) {
    const offset = Math.max(0, (error as ParseError).idx ?? 0);
    throw new ModuleError("syntax", "this is not JavaScript", offset);
  }
}

/** The constants that stand for an import statement. */
function bindingsOf(
  source: string,
  found: StaticImport,
  { importName, files }: { importName: string; files: boolean },
): string[] {
  const { specifier, importStart, start } = found;
  if (found.typeOnly) throw new ModuleError("syntax", "a type import is not JavaScript", importStart);
  if (found.phase)
    throw new ModuleError(
      "syntax",
      `"import ${found.phase}" is not supported in the main module`,
      importStart,
    );
  const isFile = !specifier.startsWith("node:") && !isBuiltin(specifier);
  if (isFile && !files)
    throw new ModuleError(
      "import",
      `it imports "${specifier}", which is no builtin module of Node`,
      importStart,
    );
  const module = JSON.stringify(specifier);
  // `export … from` binds nothing.
  const statement = source.slice(importStart, start - 1);
  // Imported one after the other, as the module loader evaluates them, save for what they await.
  const loaded = isFile ? `, await import(${module}${attributesOf(found)})` : "";
  if (statement.startsWith("export")) return [`${importName}(${module}, []${loaded});`];

  const { names, namespace } = clauseOf(statement.slice("import".length), importStart);
  const bindings: string[] = [];
  if (names.length > 0 || namespace === undefined) {
    const pattern = names.map(({ name, local }) => `${JSON.stringify(name)}: ${local}`).join(", ");
    const wanted = JSON.stringify(names.map(({ name }) => name));
    bindings.push(`${pattern && `const { ${pattern} } = `}${importName}(${module}, ${wanted}${loaded});`);
  }
  if (namespace !== undefined)
    bindings.push(
      isFile
        ? `const ${namespace} = await import(${module}${attributesOf(found)});`
        : `const ${namespace} = ${importName}(${module});`,
    );
  return bindings;
}

/** ` with { … }` as the second argument of `import()`. */
function attributesOf({ attributes }: StaticImport): string {
  if (attributes === null) return "";
  const pairs = attributes.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `, { with: { ${pairs.join(", ")} } }`;
}

function clauseOf(text: string, offset: number) {
  try {
    return parseImportClause(text);
  } catch (error) {
    throw new ModuleError("syntax", (error as Error).message, offset);
  }
}

/** True for `export { … }`. */
function isList(source: string, start: number): boolean {
  return source[skipBlank(source, start + "export".length)] === "{";
}

/** Where `export { … }` ends: behind the first brace that is in no comment and no string. */
function listEnd(source: string, start: number): number {
  const token =
    /\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|\}|[\s\S]/gy;
  token.lastIndex = start;
  for (let match = token.exec(source); match; match = token.exec(source))
    if (match[0] === "}") return token.lastIndex;
  throw new ModuleError("syntax", "an export list without an end", start);
}

/**
 * `export default` before a named function or class leaves a declaration; an unnamed one gets a name, because
 * as an expression it would run on into the next line; any other expression becomes a variable's value.
 */
function removeDefault(source: string, edits: Edits, start: number, name: string): void {
  const end = skipBlank(source, start + "export".length) + "default".length;
  const expression = skipBlank(source, end);
  const declaration = /(async\s+)?function\b(?:\s|\/\*[\s\S]*?\*\/)*(\*?)|class\b/y;
  declaration.lastIndex = expression;
  const [keyword, isAsync, star] = declaration.exec(source) ?? [];
  if (keyword === undefined) {
    edits.replaceWhole(start, end, `;var ${name}=`);
    return;
  }
  const after = skipBlank(source, expression + keyword.length);
  const hasName = /[\p{ID_Start}$_\\]/u.test(String.fromCodePoint(source.codePointAt(after) ?? 0));
  const isUnnamedClass = keyword === "class" && /^extends\b/.test(source.slice(after, after + 8));
  if (hasName && !isUnnamedClass) edits.remove(start, end);
  else {
    const plain = keyword === "class" ? keyword : `${isAsync ? "async " : ""}function${star}`;
    edits.replaceWhole(start, expression + keyword.length, `${plain} ${name}`);
  }
}

function skipBlank(source: string, from: number): number {
  const blank = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)*/y;
  blank.lastIndex = from;
  blank.exec(source);
  return blank.lastIndex;
}

/** `base`, or the same with its end counted up until the source does not contain it. Same length. */
function unusedName(source: string, base: string): string {
  let name = base;
  for (let tries = 0; source.includes(name); tries++) {
    if (tries === 999) throw new ModuleError("syntax", `too many names like ${base}`, 0);
    name = base.slice(0, -String(tries).length) + tries;
  }
  return name;
}

/** Replacements that keep the source's length and its line breaks. */
class Edits {
  readonly #source: string;
  readonly #edits = new Map<number, { end: number; text: string }>();

  constructor(source: string) {
    this.#source = source;
  }

  /** A semicolon stays, so that the statement before cannot go on with the one behind. */
  remove(start: number, end: number): void {
    this.#set(start, end, `;${this.#source.slice(start + 1, end).replace(/[^\n\r\u2028\u2029]/g, " ")}`);
  }

  /** Where line breaks lie within, they follow the new text. */
  replaceWhole(start: number, end: number, text: string): void {
    const breaks = this.#source.slice(start, end).replace(/[^\n\r\u2028\u2029]/g, "");
    this.#set(start, end, (text + breaks).padEnd(end - start));
  }

  removedAt(start: number): boolean {
    return this.#edits.has(start);
  }

  apply(): string {
    let result = "";
    let done = 0;
    for (const [start, { end, text }] of [...this.#edits].sort(([a], [b]) => a - b)) {
      result += this.#source.slice(done, start) + text;
      done = end;
    }
    return result + this.#source.slice(done);
  }

  #set(start: number, end: number, text: string): void {
    if (text.length !== end - start) throw new Error("an edit changes the length of the source");
    this.#edits.set(start, { end, text });
  }
}
