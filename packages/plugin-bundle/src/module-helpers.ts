/*
 * esbuild's helpers for modules in one file, where they differ from what node does:
 *
 *   __export       what `import()` gives does not say that it is a module, which vue's defineAsyncComponent asks for
 *   __toESM        nor does what an ES module sees of a CommonJS one, which lacks the name "module.exports" as well (since Node 23)
 *   __commonJS     a bundled CommonJS module is no module to node: not in require.cache, without a parent, an id or a
 *                  filename. It becomes one where some code asks for such things.
 *
 * The helpers stand before all code that has a place in the source map; they keep their number of lines.
 */

interface Helper {
  /** As esbuild prints it without minification. */
  readonly text: RegExp;
  /** What stands in its place. */
  readonly corrected: string;
  /** The name that the corrected one needs declared. */
  readonly name: string;
}

const namespace: Helper = {
  text: /(?<=^ {2}isNodeMode \|\| !mod \|\| !mod\.__esModule \? )__defProp\(target, "default", \{ value: mod, enumerable: true \}\)/m,
  corrected: "__sbp_namespace(target, mod)",
  name: "__sbp_namespace",
};

const commonJs: Helper = {
  text: /(?<=^var __commonJS = )\(cb, mod\) => function __require\d*\(\) \{\n[\s\S]*?\n\}(?=;$)/m,
  corrected: "__sbp_commonJS",
  name: "__sbp_commonJS",
};

/** What code asks of modules that esbuild's do not have; names may end in a number. */
const asksForModules =
  /\b(?:__require|require\d*)\.cache\b|\bmodule\d*\.(?:parent|children|filename|id|paths|path|loaded|require)\b/;

const exporting = /(?<=^var __export = \(target, all\) => \{\n {2})(?=for \(var name in all\)$)/m;

/** The code with corrected helpers. */
export function correctHelpers(code: string): string {
  const helpers = asksForModules.test(code) ? [namespace, commonJs] : [namespace];
  return helpers.reduce(
    (corrected, { text, corrected: name }) =>
      corrected.replace(text, (whole) => name + whole.replace(/[^\n]/g, "")),
    code.replace(exporting, '__defProp(target, Symbol.toStringTag, { value: "Module" }); '),
  );
}

/** For Node's versions: the export names that stand for all that a CommonJS module exports. */
export const namespaceShim = {
  sign: namespace.name,
  code: `const __sbp_namespace = (target, value) => {
    Object.defineProperty(target, "default", { value, enumerable: true });
    Object.defineProperty(target, Symbol.toStringTag, { value: "Module" });
    if (parseInt(process.versions.node, 10) >= 23)
      Object.defineProperty(target, "module.exports", { value, enumerable: true });
    return target;
  };`,
};

/**
 * Wraps the CommonJS modules of a bundle as node does (node:modules, "The module object"). `folder` leads from the main
 * file's folder to the project, which esbuild's names of modules are relative to.
 */
export function commonJsShim(format: "esm" | "cjs", folder: string) {
  const [parts, main] =
    format === "cjs"
      ? ['require("node:module"), __sbp_path = require("node:path")', "module"]
      : ['process.getBuiltinModule("module"), __sbp_path = process.getBuiltinModule("path")', "undefined"];
  const base = format === "cjs" ? "__dirname" : "import.meta.dirname";
  return {
    sign: commonJs.name,
    code: `const __sbp_Module = ${parts}; let __sbp_parent = ${main}; const __sbp_commonJS = (wrapper) => {
      const [name] = Object.keys(wrapper);
      const file = __sbp_path.join(${base}, ${JSON.stringify(folder)}, name);
      return function __require() {
        const loaded = __sbp_Module._cache[file];
        if (loaded !== undefined) return loaded.exports;
        const parent = __sbp_parent, module = new __sbp_Module(file, parent);
        module.filename = file;
        module.paths = __sbp_Module._nodeModulePaths(module.path);
        __sbp_Module._cache[file] = __sbp_parent = module;
        try {
          wrapper[name](module.exports, module);
          module.loaded = true;
        } catch (error) {
          delete __sbp_Module._cache[file];
          throw error;
        } finally {
          __sbp_parent = parent;
        }
        return module.exports;
      };
    };`,
  };
}
