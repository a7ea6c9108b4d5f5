import { applyEdits, modify, parse } from "jsonc-parser";

/** The part of Nx's virtual file system that generators of ours need. Paths are relative to the workspace. */
export interface Tree {
  read(path: string, encoding: "utf8"): string | null;
  write(path: string, content: string): void;
  exists(path: string): boolean;
  children(path: string): string[];
}

/** A file of JSON, with comments if it has some; empty when there is none. */
export function readJson<T extends object>(tree: Tree, path: string): T {
  return (parse(tree.read(path, "utf8") ?? "{}") ?? {}) as T;
}

/** Changes one property of it; the rest of the text stays as it is. */
export function setJson(tree: Tree, path: string, property: string, value: unknown): void {
  const text = tree.read(path, "utf8") ?? "{}\n";
  const edits = modify(text, [property], value, { formattingOptions: { tabSize: 2, insertSpaces: true } });
  tree.write(path, applyEdits(text, edits));
}
