/**
 * A text as `vm.Script` gets it: one function expression, head + body + foot. The head is a line of its own
 * and the script is compiled with `lineOffset: -1`, so that lines and columns in the body are the file's own,
 * in stack traces as well as in the source line that node prints above an uncaught error.
 */
export interface ScriptText {
  readonly head: string;
  /** The file's text: same length, same lines. */
  readonly body: string;
  readonly foot: string;
  /** The function is the async form of an ES module (module-script.ts). */
  readonly module: boolean;
}

/** The foot begins with a line break because the text may end in a comment. */
export const foot = "\n})";

/** The foot of a script whose source map Node is told of when it is needed: for this comment, V8 lets Node ask for it. */
export const mappedFoot = "\n//# sourceMappingURL=source-map\n})";

/** A CommonJS file in node's own wrapper (node:module, "The module wrapper"). */
export function commonJsScript(source: string): ScriptText {
  const head = "(function (exports, require, module, __filename, __dirname) {\n";
  return { head, body: withoutHashbang(source), foot, module: false };
}

/** `#!` may only begin a file, and a script begins with its head: turned into a comment of the same length. */
export function withoutHashbang(source: string): string {
  return source.startsWith("#!") ? `//${source.slice(2)}` : source;
}
