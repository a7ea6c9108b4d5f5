import { readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { nearest } from "../nearest.ts";

/** A question for a file that is not there: the name beside it that `path`, which leads to `file`, may have meant. */
export function didYouMeanFile(path: string, file: string): string {
  const name = basename(file);
  const guess =
    siblings(file).find((sibling) => sibling.startsWith(`${name}.`)) ?? nearest(name, siblings(file));
  return guess === undefined
    ? ""
    : `Did you mean ${JSON.stringify(path.slice(0, path.lastIndexOf("/") + 1) + guess)}? `;
}

function siblings(file: string): readonly string[] {
  try {
    return readdirSync(dirname(file)).sort();
  } catch {
    return [];
  }
}
