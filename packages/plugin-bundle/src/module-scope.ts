/*
 * ES modules have no `require`, `module`, `exports`, `__filename` and `__dirname`, and ask by `typeof` whether they run as
 * CommonJS. In a bundle, other sources' may be there: what is asked becomes the answer, as long as before, which keeps the
 * source map right.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Loader, transform } from "esbuild";
import type { Built } from "./build.ts";
import { moduleFormat } from "./entry.ts";
import { originalPositions } from "./original-position.ts";

const asked =
  /\btypeof\s+(?:__require|require|module|exports|__dirname|__filename|__sbp_(?:dir|file)\w+)\b(?!\$|\s*[.[(])/g;

/** The code of a bundle, as long as esbuild made it, in which its ES modules see nothing of CommonJS. */
export async function withoutCommonJs(
  text: string,
  { parsedMap, inputOf, metafile }: Pick<Built, "parsedMap" | "inputOf" | "metafile">,
  projectDir: string,
): Promise<string> {
  const matches = [...text.matchAll(asked)];
  if (matches.length === 0) return text;
  const positions = originalPositions(
    text,
    matches.map(({ index }) => index),
    parsedMap(),
  );
  const isModule = (name: string) => {
    const input = inputOf(name);
    return (
      input !== undefined &&
      metafile.inputs[input]?.format !== "cjs" &&
      moduleFormat(path.resolve(projectDir, input)) === "esm"
    );
  };
  const known = new Map<string, ReadonlySet<string>>();
  const declares = async (name: string, question: string) => {
    const names = known.get(name) ?? (await declaredNames(path.resolve(projectDir, inputOf(name)!)));
    known.set(name, names);
    return names.has(/\w+$/.exec(question)![0]);
  };
  const pieces: string[] = [];
  let end = 0;
  for (const { 0: question, index } of matches) {
    const position = positions.get(index);
    const answer = '"undefined"';
    if (!position || question.length < answer.length || !isModule(position.source)) continue;
    if (await declares(position.source, question)) continue;
    pieces.push(text.slice(end, index), answer.padEnd(question.length));
    end = index + question.length;
  }
  pieces.push(text.slice(end));
  return pieces.join("");
}

const commonJsNames = /\btypeof\s+(require|module|exports|__dirname|__filename)\b(?!\$)/g;

/**
 * Which of the names a source asks about are its own: bundlers wrap CommonJS into functions of `module` and `exports`. Told by
 * esbuild, which gives short names to what functions declare and to nothing else; what the top level declares has others in the
 * bundle.
 */
async function declaredNames(file: string): Promise<ReadonlySet<string>> {
  const source = readFileSync(file, "utf8");
  const asking = [...source.matchAll(commonJsNames)].map(([, name]) => name!);
  try {
    const loader = path.extname(file).replace(/^\.[cm]?/, "") as Loader;
    const { code } = await transform(source, { loader, minifyIdentifiers: true, logLevel: "silent" });
    const free = new Set([...code.matchAll(commonJsNames)].map(([, name]) => name!));
    return new Set(asking.filter((name) => !free.has(name)));
  } catch {
    // Of a kind that only the options' loaders know.
    return new Set();
  }
}
