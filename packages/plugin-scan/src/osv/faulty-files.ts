/*
 * Which files hold a fault, for advisories whose fix was one place of a package with many files: what the fix changed. With it the
 * scan tells an app with one function of lodash from one with all of it. An advisory that is not here is judged by the functions
 * that it names itself, and by its package otherwise.
 *
 * How an entry is made: take the package's last affected version and the fixed one, compare them, and name each file that holds
 * the changed code, copies of it (whole builds) included; then the first version from which these files are so named. When in
 * doubt, leave it out.
 */
import type { FaultyFiles } from "../evidence.ts";
import { compareVersions, parseVersion } from "./version.ts";

interface FaultyPackage {
  /** Earlier versions have other files. */
  readonly since: string;
  readonly files: FaultyFiles;
}

const wholeLodash = ["lodash.js", "lodash.min.js"];

const faultyPackages: Readonly<Record<string, Readonly<Record<string, FaultyPackage>>>> = {
  // baseSet takes keys that reach prototypes; pick, set, setWith, update, updateWith, zipObjectDeep call it.
  "GHSA-p6mc-m468-83gw": {
    lodash: { since: "4.0.0", files: ["_baseSet.js", ...wholeLodash] },
    "lodash-es": { since: "4.0.0", files: ["_baseSet.js"] },
  },
  // The option "variable" of template() becomes code.
  "GHSA-35jh-r3h4-6jhm": {
    lodash: { since: "4.0.0", files: ["template.js", ...wholeLodash] },
    "lodash-es": { since: "4.0.0", files: ["template.js"] },
  },
  // The expression that trims white space takes time with the square of the length.
  "GHSA-29mw-wpgm-hmr9": {
    lodash: { since: "4.0.0", files: ["toNumber.js", "trim.js", "trimEnd.js", ...wholeLodash] },
    "lodash-es": { since: "4.0.0", files: ["toNumber.js", "trim.js", "trimEnd.js"] },
  },
  // res.location and res.redirect.
  "GHSA-rv95-896h-c2vc": { express: { since: "4.0.0", files: ["lib/response.js"] } },
  "GHSA-qw6h-vgh9-j6wx": { express: { since: "4.0.0", files: ["lib/response.js"] } },
  // __proto__ as a key.
  "GHSA-hrpp-h998-j3pp": { qs: { since: "6.0.0", files: ["lib/parse.js", "dist/qs.js"] } },
  // The depth of url-encoded bodies.
  "GHSA-qwcr-r2fm-qrc7": { "body-parser": { since: "1.15.0", files: ["lib/types/urlencoded.js"] } },
};

export function faultyFilesOf(id: string, name: string, version: string): FaultyFiles | undefined {
  const found = Object.hasOwn(faultyPackages, id) ? faultyPackages[id]![name] : undefined;
  const parsed = parseVersion(version);
  if (!found || !parsed || compareVersions(parsed, parseVersion(found.since)!) < 0) return undefined;
  return found.files;
}
