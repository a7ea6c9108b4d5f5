/*
 * ES modules have no `require`, `module`, `exports`, `__filename` and `__dirname`, and ask by `typeof` whether they run as
 * CommonJS. In a bundle, other sources' may be there: what is asked becomes the answer, as long as before, which keeps the
 * source map right.
 */
import path from "node:path";
import type { Built } from "./build.ts";
import { moduleFormat } from "./entry.ts";
import { originalPositions } from "./original-position.ts";

const asked =
  /\btypeof\s+(?:__require|require|module|exports|__dirname|__filename|__sbp_(?:dir|file)\w+)\b(?!\$|\s*[.[(])/g;

/** The code of a bundle, as long as esbuild made it, in which its ES modules see nothing of CommonJS. */
export function withoutCommonJs(
  text: string,
  { parsedMap, inputOf, metafile }: Pick<Built, "parsedMap" | "inputOf" | "metafile">,
  projectDir: string,
): string {
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
  const pieces: string[] = [];
  let end = 0;
  for (const { 0: question, index } of matches) {
    const position = positions.get(index);
    const answer = '"undefined"';
    if (!position || question.length < answer.length || !isModule(position.source)) continue;
    pieces.push(text.slice(end, index), answer.padEnd(question.length));
    end = index + question.length;
  }
  pieces.push(text.slice(end));
  return pieces.join("");
}
