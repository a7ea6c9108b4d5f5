import { join } from "node:path";
import type { SourceLocation } from "../error.ts";
import type { JsonObject } from "../json.ts";
import { configError } from "./config-error.ts";
import { parseJson } from "./json-document.ts";
import { readText } from "./read-text.ts";
import { typeOf } from "./union.ts";

/** A project's package.json, as far as sbp reads it. All of it is hostile. */
export interface PackageFile {
  readonly file: string;
  readonly value: JsonObject;
  locate(key: string): SourceLocation;
}

/** The package.json of a folder, or undefined. Throws SBP_PACKAGE_INVALID for one that is not JSON. */
export function readPackage(dir: string): PackageFile | undefined {
  const file = join(dir, "package.json");
  const code = "SBP_PACKAGE_INVALID";
  const text = readText(file, code);
  if (text === undefined) return undefined;
  const parsed = parseJson(file, text, { dialect: "json", code });
  if ("problems" in parsed) throw configError(file, parsed.problems, code);
  const { value, locate } = parsed.document;
  return {
    file,
    value: typeOf(value) === "object" ? (value as JsonObject) : {},
    locate: (key) => locate([key]),
  };
}
