import type { Json } from "../json.ts";
import type { JsonPath } from "./json-document.ts";

/** The keys of a JSON pointer (RFC 6901), also in its form as a URI fragment (`#/…`). */
export function pointerKeys(pointer: string): string[] {
  const isFragment = pointer.startsWith("#");
  return (isFragment ? pointer.slice(1) : pointer)
    .split("/")
    .slice(1)
    .map((part) =>
      (isFragment ? decodeURIComponent(part) : part).replaceAll("~1", "/").replaceAll("~0", "~"),
    );
}

/** The path of a pointer into a value: what points into a list becomes a number. */
export function pointerPath(pointer: string, root: Json): JsonPath {
  const path: (string | number)[] = [];
  let value: unknown = root;
  for (const key of pointerKeys(pointer)) {
    path.push(Array.isArray(value) ? Number(key) : key);
    value = valueAt(value, [key]);
  }
  return path;
}

export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/** A path as people write it: `targets[0].name`. */
export function showPath(path: JsonPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}
