import { basename } from "node:path";
import { exitCodes, SbpError, type SourceLocation } from "../error.ts";
import type { JsonObject } from "../json.ts";
import type { AppIdentity } from "../plugin.ts";
import type { JsonDocument } from "./json-document.ts";
import type { PackageFile } from "./package-file.ts";
import { quote } from "./schema-text.ts";

/** Bytes: leaves room for ".exe" and for the suffix of a temporary file in the 255 of common file systems. */
const longestName = 200;
const forbiddenCharacter = /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*]/;
/** Device names of Windows; they stay reserved with any extension. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * The app's name and version: from the config, else package.json (the name without its scope), else the folder's
 * name and "0.0.0". Throws SBP_NAME_INVALID for a name that cannot name a file on every system.
 */
export function identifyApp(
  dir: string,
  config: JsonObject,
  document: JsonDocument | undefined,
  packageFile: PackageFile | undefined,
): AppIdentity {
  const version = text(config.version) ?? text(packageFile?.value.version) ?? "0.0.0";
  if (text(config.name) !== undefined) {
    return { name: checkedName(config.name as string, "name", document?.locate(["name"])), version };
  }
  const packageName = text(packageFile?.value.name)?.replace(/^@[^/]*\//, "");
  if (packageName !== undefined) {
    return { name: checkedName(packageName, "name of package.json", packageFile?.locate("name")), version };
  }
  return { name: checkedName(basename(dir) || "app", "name of the project's folder"), version };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function checkedName(name: string, what: string, location?: SourceLocation): string {
  const problem = problemOfName(name);
  if (problem === undefined) return name;
  throw new SbpError(
    "SBP_NAME_INVALID",
    `The ${what} is ${quote(name)}, which cannot name a file: ${problem}`,
    {
      ...(location && { location }),
      hint: 'Set "name" in sbp.config.json to a name of letters, digits, "-", "_" and ".".',
      exitCode: exitCodes.badUsage,
    },
  );
}

function problemOfName(name: string): string | undefined {
  if (name === "" || name === "." || name === "..") return "it stands for a folder";
  const forbidden = forbiddenCharacter.exec(name)?.[0];
  if (forbidden !== undefined) return `it contains ${quote(forbidden)}`;
  if (reserved.test(name)) return "Windows reserves it for a device";
  if (/[. ]$/.test(name)) return "it ends in a dot or a space, which Windows drops";
  if (/\p{Surrogate}/u.test(name)) return "it is not valid Unicode";
  if (Buffer.byteLength(name) > longestName) return `it is longer than ${longestName} bytes`;
  return undefined;
}
