/*
 * Whether code can load a module of any name that it is given:
 *
 *   require(name), import(name), module.require(name)      any
 *   const load = require; eval("require")                  any: what becomes of it is not followed
 *   require(`@img/sharp-${platform}/sharp.node`)           none but those that begin like this
 *
 * A name that the app only writes as text is nothing to load where no code can. When in doubt, it can.
 */
import { readFileSync } from "node:fs";

/** What follows the parenthesis of a call whose argument begins with nothing fixed. */
const free =
  "\\(\\s*(?:/\\*(?:(?!\\*/)[\\s\\S]){0,200}\\*/\\s*|//[^\\n]*\\n\\s*)*(?!\\s|/[*/]|\\)|\"(?!\")|'(?!')|`(?!\\$\\{|`))";

const loading = new RegExp(
  [
    // By whatever name bundlers give it: __require, nodeRequire, __non_webpack_require__.
    `(?<!create|Create)[rR]equire(?:\\d+|_*)(?:\\.resolve)?\\s*${free}`,
    `(?<![\\w$.])import\\s*${free}`,
    `\\bimport\\.meta\\.resolve\\s*${free}`,
    `\\b_load\\s*${free}`,
    // Handed on.
    "(?:[=({,:?]|=>|\\breturn)\\s*(?:module\\.)?require\\s*(?:[;,)\\]}\\n]|\\|\\||\\?\\?)",
    "\\?\\s*require\\s*:",
    // "quire": protobufjs hides the rest.
    "\\b(?:eval|Function)\\s*\\((?:(?!\\bfunction\\b)[^;]){0,200}(?:quire|import)\\b",
    // Node loads what it is given.
    "\\bregister(?:Hooks)?\\s*\\(\\s*[\"'`][^.]",
  ].join("|"),
);

const makes = /\bcreateRequire(?:\s+as\s+|\s*:\s*)([\w$]+)|([\w$]+)\s*=\s*(?:[\w$]+\.)?createRequire\d*\(/g;

/** Lines that are nothing but a comment, or the middle of one. */
const remarks = /^[ \t]*(?:\/\/.*|\*(?!\/)(?:(?!\*\/).)*)$/gm;

/** Whether a script (absolute) can; what cannot be read can. */
export function loadsFreely(script: string): boolean {
  try {
    return codeLoadsFreely(readFileSync(script, "utf8"));
  } catch {
    return true;
  }
}

export function codeLoadsFreely(text: string): boolean {
  const code = text.replace(remarks, "");
  if (loading.test(code)) return true;
  if (!code.includes("createRequire")) return false;
  // Under another name it may be called at once; what it makes has a name of its own.
  return [...code.matchAll(makes)].some(([, alias, made = ""]) => {
    if (alias !== undefined) return true;
    return new RegExp(`(?<![\\w$.])${made.replaceAll("$", "\\$")}(?:\\.resolve)?\\s*${free}`).test(code);
  });
}
