import { Script } from "node:vm";
import { describe, expect, test } from "vitest";
import { ModuleError, moduleScript } from "../src/module-script.ts";

const lineBreaks = /[\n\r\u2028\u2029]/g;

/** Evaluates a module the way the bootstrap does; `result` is what the source assigns to `out.value`. */
async function evaluate(source: string): Promise<unknown> {
  const { head, body, foot, module } = await moduleScript(source);
  expect(module).toBe(true);
  expect(head.match(/\n/g)?.length).toBe(1);
  // Same length, same line breaks: what is unchanged keeps its line and column.
  expect(body.length).toBe(source.length);
  expect(body.match(lineBreaks)).toEqual(source.match(lineBreaks));
  const out: { value?: unknown } = {};
  Object.assign(globalThis, { out });
  const run = new Script(head + body + foot, { lineOffset: -1 }).runInThisContext();
  await run.call(undefined, { url: "file:///main.mjs" }, (specifier: string, names?: string[]) => {
    const exports = process.getBuiltinModule(specifier) as unknown as Record<string, unknown>;
    if (!names) return { ...exports, default: exports };
    return Object.fromEntries(names.map((name) => [name, name === "default" ? exports : exports[name]]));
  });
  return out.value;
}

const path = process.getBuiltinModule("node:path");

describe("an ES module as a script", () => {
  test.each<[string, string, unknown]>([
    ["a default import", `import p from "node:path"; out.value = p;`, path],
    ["a bare name of a builtin", `import p from "path"; out.value = p;`, path],
    [
      "named imports",
      `import { join, sep as s } from "node:path"; out.value = [join, s];`,
      [path.join, path.sep],
    ],
    [
      "default and named imports",
      `import p, { join as j } from "node:path"; out.value = [p, j];`,
      [path, path.join],
    ],
    ["a namespace", `import * as p from "node:path"; out.value = [p.default, p.join];`, [path, path.join]],
    ["default and namespace", `import p, * as n from "node:path"; out.value = [p, n.sep];`, [path, path.sep]],
    ["default by its name", `import { default as p } from "node:path"; out.value = p;`, path],
    ["a name as a string", `import { "join" as j } from "node:path"; out.value = j;`, path.join],
    ["a name with an escape", `import { j\\u006fin as j } from "node:path"; out.value = j;`, path.join],
    ["import attributes", `import { sep } from "node:path" with { x: "y" }; out.value = sep;`, path.sep],
    ["a side effect", `import "node:path"\nout.value = 1`, 1],
    ["nothing imported", `import {} from "node:path"; out.value = 1`, 1],
    ["no white space", `import{sep}from"node:path";import*as p from"node:path";out.value=sep+p.sep`, "//"],
    [
      "comments and line breaks in an import",
      `import /* from "x" */ p, // , {\n  { sep, // }\r\n join /* } */ as\n j }\n from "node:path"; out.value = [p, sep, j]`,
      [path, path.sep, path.join],
    ],
    [
      "names that are keywords elsewhere",
      `import { sep as from, join as as } from "node:path"; out.value = [from, as]`,
      [path.sep, path.join],
    ],
    [
      "an import that is used above it",
      `out.value = f(); function f() { return sep; }\nimport { sep } from "node:path"`,
      path.sep,
    ],
    ["a statement before without semicolon", `out.value = String\nimport "node:path"\n(1)`, String],
    [
      "a statement after without semicolon",
      `out.value = 1\nimport { sep } from "node:path"\n;[sep].forEach((x) => { out.value = x })`,
      "/",
    ],
    ["import.meta", `out.value = import.meta.url`, "file:///main.mjs"],
    ["import.meta with line breaks", `out.value = import\n  . /* */ meta\n.url`, "file:///main.mjs"],
    [
      "import.meta in a template",
      "out.value = `$" + "{import.meta.url} import.meta`",
      "file:///main.mjs import.meta",
    ],
    [
      "its replacement in the source",
      `const import$meta = 1; out.value = [import.meta.url, import$meta]`,
      ["file:///main.mjs", 1],
    ],
    ["top-level await", `out.value = await Promise.resolve(5)`, 5],
    ["for await", `out.value = []; for await (const x of [1, Promise.resolve(2)]) out.value.push(x)`, [1, 2]],
    ["no this", `out.value = this`, undefined],
    ["strict mode", `out.value = (function () { return this })()`, undefined],
    [
      "require of its own",
      `const require = 1, module = 2, exports = 3, __filename = 4, __dirname = 5; out.value = require`,
      1,
    ],
    [
      "no require",
      `out.value = [typeof require, typeof module, typeof exports]`,
      ["undefined", "undefined", "undefined"],
    ],
    ["a hashbang", `#!/usr/bin/env node\nout.value = 1`, 1],
    ["a comment at the end", `out.value = 1 // the end`, 1],
    ["an exported constant", `export const a = 1, b = 2; out.value = a + b`, 3],
    ["an exported function", `out.value = f(); export function f() { return 1 }`, 1],
    ["an exported async function", `export async function f() { return 1 } out.value = await f()`, 1],
    ["an exported class", `export class A {} out.value = typeof A`, "function"],
    ["an export list", `const a = 1; export { a, a as b, a as "c }" /* } */ }; out.value = a`, 1],
    ["an export list on lines", `const a = 1\nexport {\n  a, // }\n  a as default\n}\nout.value = a`, 1],
    ["an empty export list", `out.value = 1; export {}; export { /* none */ };export{ // none\n};`, 1],
    [
      "something like an empty export list",
      `out.value = "export {}" + /export {}/.source // export {}`,
      "export {}export {}",
    ],
    [
      "a re-export",
      `import { sep } from "node:path"; export { sep }; export { join as j } from "node:path"; out.value = sep`,
      path.sep,
    ],
    [
      "re-exports of all",
      `export * from "node:path"; export * as p from "node:fs"\nexport {} from "fs"; out.value = 1`,
      1,
    ],
    ["a default expression", `export default out.value = 7`, 7],
    ["a default object on a new line", `export default\n{ a: (out.value = 7) }`, 7],
    ["a default arrow function", `export default async () => 1; out.value = 1`, 1],
    ["a default function with a name", `out.value = f(); export default function f() { return 1 }`, 1],
    ["a default class with a name", `export default class A {}\nout.value = typeof A`, "function"],
    ["a default function without a name", `export default function () { out.value = 0 }\n(out.value = 1)`, 1],
    ["a default async generator without a name", `export default async function * () {}\n(out.value = 1)`, 1],
    ["a default class without a name", `export default class {}\n(out.value = 1)`, 1],
    ["a default class that only extends", `export default class extends Array {}\n(out.value = 1)`, 1],
    ["comments in a default export", `export /* a */ default /* b */ class /* c */ {}\n(out.value = 1)`, 1],
    ["its default's name in the source", `const $default = 1; export default 2; out.value = $default`, 1],
    ["dynamic import as a word", `out.value = { import: 1 }.import`, 1],
  ])("%s", async (_, source, expected) => {
    expect(await evaluate(source)).toEqual(expected);
  });

  test("keeps lines and columns of errors", async () => {
    const source = `import { sep } from "node:path"; export default import.meta; throw new Error("here")`;
    const error = (await evaluate(source).catch((error) => error)) as Error;
    expect(error.stack).toMatch(new RegExp(`:1:${source.indexOf("new") + 1}\\b`));
  });

  test.each([
    ["a package", `let x;\nimport y from "lodash";`, "import", `it imports "lodash"`, 7],
    ["a file", `export * from "./other.mjs"`, "import", `it imports "./other.mjs"`, 0],
    ["a phase", `import defer * as fs from "node:fs"`, "syntax", "import defer", 0],
    ["an open string", `let x = "`, "syntax", "not JavaScript", 9],
    ["TypeScript", `import type { X } from "node:fs"`, "syntax", "not JavaScript", 0],
  ])("refuses %s", async (_, source, kind, message, offset) => {
    const error = await moduleScript(source).catch((error) => error);
    expect(error).toBeInstanceOf(ModuleError);
    expect(error).toMatchObject({ kind, offset });
    expect(error.message).toContain(message);
  });
});
