/*
 * Modules have `import.meta`, CommonJS has `require`, `__filename` and `__dirname`. One file can only be one of
 * both, yet holds sources of both kinds. esbuild replaces what is missing by names that nothing declares, which
 * it therefore never renames; the first line, which esbuild leaves free, then declares those that are there:
 *
 *   const __sbp_dirname = import.meta.dirname;     <- the line of the marker
 *   ... join(__sbp_dirname, "templates") ...          <- was join(__dirname, "templates") in a dependency
 *
 * Filling in a line that is there already keeps the source map right.
 *
 * The same way esbuild's helper for `import("./locales/" + name)` is corrected: asked for what is not there it throws
 * at once an error without a code, where node rejects (`import`) or throws one that programs know by its code.
 */
import type { BuildOptions } from "esbuild";

const marker = "/* sbp */";

/** What to declare on the first line where the code holds `sign`. */
export interface Shim {
  readonly sign: string;
  readonly code: string;
}

const missing: Shim = {
  sign: "__sbp_missing(",
  code: `const __sbp_missing = ${oneLine(`(path, map) => {
    const isImport = /^\\(\\) ?=> ?(?:Promise\\b|import\\()/.test(String(Object.values(map)[0]));
    const error = new Error("Cannot find module '" + path + "'");
    error.code = isImport ? "ERR_MODULE_NOT_FOUND" : "MODULE_NOT_FOUND";
    if (isImport) return Promise.reject(error);
    for (const end of [".js", ".json", "/index.js"]) if (Object.hasOwn(map, path + end)) return map[path + end]();
    throw error;
  };`)}`,
};

const shims: Readonly<Record<"esm" | "cjs", readonly Shim[]>> = {
  esm: [
    // esbuild's own helper for a `require` that stays. It keeps the name free, and renames the app's own.
    {
      sign: "typeof require",
      code: 'import { createRequire as __sbp_createRequire } from "node:module"; const require = __sbp_createRequire(import.meta.url);',
    },
    // Only where no source map tells whose it is: all others have a place of their own (own-place.ts).
    { sign: "__sbp_import_meta", code: "const __sbp_import_meta = import.meta;" },
    { sign: "__sbp_dirname", code: "const __sbp_dirname = import.meta.dirname;" },
    { sign: "__sbp_filename", code: "const __sbp_filename = import.meta.filename;" },
    missing,
  ],
  cjs: [
    { sign: "__sbp_dirname", code: "const __sbp_dirname = __dirname;" },
    { sign: "__sbp_filename", code: "const __sbp_filename = __filename;" },
    {
      sign: "__sbp_import_meta",
      code: `const __sbp_import_meta = ${oneLine(`(() => {
        const { pathToFileURL } = require("node:url");
        const { createRequire, isBuiltin } = require("node:module");
        const url = pathToFileURL(__filename).href;
        return {
          __proto__: null,
          dirname: __dirname,
          filename: __filename,
          main: require.main === module,
          resolve(specifier) {
            if (/^(\\.{0,2}\\/|[a-z][a-z0-9+.-]+:)/i.test(specifier)) return new URL(specifier, url).href;
            if (isBuiltin(specifier)) return "node:" + specifier;
            return pathToFileURL(createRequire(url).resolve(specifier)).href;
          },
          url,
        };
      })();`)}`,
    },
    missing,
  ],
};

/** `import.meta` of another source, by its path from the main file; `require` is one of its own. */
const placeFactory = oneLine(`const __sbp_place = (path) => {
  const url = new URL(path.replace(/[%?#\\\\]/g, encodeURIComponent), __sbp_main).href;
  const filename = __sbp_url.fileURLToPath(url);
  const require = __sbp_module.createRequire(url);
  return {
    __proto__: null,
    dirname: filename.replace(/[/\\\\][^/\\\\]*$/, ""),
    filename,
    main: false,
    require,
    resolve(specifier) {
      if (/^(\\.{0,2}\\/|[a-z][a-z0-9+.-]+:)/i.test(specifier)) return new URL(specifier, url).href;
      if (__sbp_module.isBuiltin(specifier)) return "node:" + specifier;
      return __sbp_url.pathToFileURL(require.resolve(specifier)).href;
    },
    url,
  };
};`);

const placeShims: Readonly<Record<"esm" | "cjs", string>> = {
  esm: `import * as __sbp_url from "node:url"; import * as __sbp_module from "node:module"; const __sbp_main = import.meta.url; ${placeFactory}`,
  cjs: `const __sbp_url = require("node:url"), __sbp_module = require("node:module"), __sbp_main = __sbp_url.pathToFileURL(__filename).href; ${placeFactory}`,
};

/** The names that stand for the place of a source: own-place.ts says which it is. */
const define = {
  "import.meta": "__sbp_import_meta",
  __dirname: "__sbp_dirname",
  __filename: "__sbp_filename",
};

/** The esbuild options that leave the names, and the line for their declarations. */
export function shimOptions(): Pick<BuildOptions, "define" | "banner"> {
  return { define, banner: { js: marker } };
}

/** Declares the names that the code uses, `more` among them, and what `own` declares (own-place.ts). */
export function fillShim(
  format: "esm" | "cjs",
  code: Uint8Array,
  own: readonly string[] = [],
  more: readonly Shim[] = [],
): Uint8Array {
  const bytes = Buffer.from(code.buffer, code.byteOffset, code.byteLength);
  const start = bytes.indexOf(marker);
  const rest = correctGlob(bytes.subarray(start + marker.length));
  const declarations = [...shims[format], ...more]
    .filter(({ sign }) => rest.includes(sign))
    .map(({ code }) => oneLine(code));
  if (own.length > 0) declarations.push(placeShims[format], ...own);
  // A directive only counts before all else.
  const directive = '"use strict";';
  const isStrict = rest.subarray(0, directive.length + 1).toString() === `\n${directive}`;
  if (isStrict && declarations.length > 0) declarations.unshift(directive);
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(declarations.join(" ")), rest]);
}

const globHelper =
  /\(?([\w$]+)\)? ?=> ?\(?([\w$]+)\)? ?=> ?\{\s*var ([\w$]+) ?= ?\1\[\2\];\s*if ?\(\3\) ?return \3\(\);\s*(throw new Error\("Module not found in bundle: " ?\+ ?\2\))/;

/** esbuild's helper for paths that are put together, its failure replaced by ours of the same length. */
function correctGlob(code: Buffer): Buffer {
  const at = code.indexOf('"Module not found in bundle: "');
  if (at < 0) return code;
  // The output is ASCII.
  const start = Math.max(0, at - 200);
  const match = globHelper.exec(code.toString("latin1", start, at + 100));
  if (!match) return code;
  const [whole, map, path, , failure] = match;
  const corrected = `return __sbp_missing(${path}, ${map})`.padEnd(failure!.length);
  if (corrected.length !== failure!.length) return code;
  const copy = Buffer.from(code);
  copy.write(corrected, start + match.index + whole.length - failure!.length, "latin1");
  return copy;
}

function oneLine(code: string): string {
  return code.replace(/\n\s*/g, " ");
}
