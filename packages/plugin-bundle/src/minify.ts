/*
 * The option `minify`. esbuild could do it while it bundles; but what a bundle needs is found in its text, by esbuild's
 * own names and helpers, which would then have other forms. So the finished bundle is minified, as the step strip does.
 */
import * as esbuild from "esbuild";
import type { Finished } from "./build.ts";

/** As in the step strip: node prints the whole line of an uncaught error. */
const longestLine = 200;

/** As in the step strip: who tells classes by their text takes `class{…}`, which has lost an unused name, for none. */
const looksForClasses = /(["'`])class \1|\^(?:\\s\*|\[\\s\]\*)?class(?:\\s| )/;

const mapComment = /\/\/# sourceMappingURL=[^\n]*\s*$/;

/** A bundle that `finish` made; its map, composed with that of the minification, still leads to the sources. */
export async function minified(
  { code, map }: Finished,
  format: "esm" | "cjs",
  main: string,
): Promise<Finished> {
  const text = Buffer.from(code.buffer, code.byteOffset, code.byteLength).toString("utf8");
  const comment = mapComment.exec(text)?.[0] ?? "";
  const plain = text.slice(0, text.length - comment.length);
  const inline =
    map && `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}\n`;
  const result = await esbuild.transform(plain + (inline ?? ""), {
    loader: "js",
    platform: "node",
    target: "node22",
    format,
    minifyIdentifiers: true,
    minifyWhitespace: true,
    minifySyntax: !looksForClasses.test(plain),
    lineLimit: longestLine,
    legalComments: "eof",
    sourcemap: map ? "external" : false,
    sourcefile: main,
    logLevel: "silent",
  });
  return { code: Buffer.from(result.code + comment), map: map && Buffer.from(result.map) };
}
