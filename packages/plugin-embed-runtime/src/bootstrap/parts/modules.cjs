// @ts-check
"use strict";

/*
 * Modules of the embedded file system. Node finds and loads them by itself; here CommonJS files that have a code cache are
 * compiled with it, and packages that the app looks for from the current folder are found among the carried ones.
 */

/** @type {any} */
const Module = process.getBuiltinModule("node:module");
const { dirname, join } = process.getBuiltinModule("node:path");

/**
 * @param {object} bootstrap
 * @param {string} bootstrap.root
 * @param {string} bootstrap.mainPath
 * @param {(filename: string) => any} bootstrap.fileOf the carried file at an absolute path
 * @param {(file: any, filename: string) => Function} bootstrap.compile
 * @param {(module: any) => any} bootstrap.requireOf
 */
exports.watchModules = function watchModules({ root, mainPath, ...bootstrap }) {
  useCodeCaches(bootstrap);
  findFromAnywhere(root, mainPath);
};

/** @param {any} bootstrap as above */
function useCodeCaches({ fileOf, compile, requireOf }) {
  const load = Module._extensions[".js"];
  const { _compile: compileModule } = Module.prototype;
  Module._extensions[".js"] = function loadScript(/** @type {any} */ module, /** @type {string} */ filename) {
    const file = fileOf(filename);
    // Who has taken the place of node's compiler changes the text of modules.
    const isPlain = Module.prototype._compile === compileModule && module._compile === compileModule;
    if (!file?.isScript || file.isModule || !isPlain) return load(module, filename);
    const evaluate = compile(file, filename);
    const values = [module.exports, requireOf(module), module, filename, dirname(filename)];
    return Reflect.apply(evaluate, module.exports, values);
  };
}

/**
 * Tools look for plugins from the current folder (babel for presets, eslint for plugins), which is the project's own when
 * `node` runs the app there. The executable runs anywhere: what is not found there is looked for from the main file.
 *
 * @param {string} root
 * @param {string} mainPath
 */
function findFromAnywhere(root, mainPath) {
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function resolveFilename(
    /** @type {string} */ request,
    /** @type {any} */ parent,
    /** @type {boolean} */ isMain,
    /** @type {{ paths?: string[] } | undefined} */ options,
  ) {
    try {
      return Reflect.apply(resolve, this, [request, parent, isMain, options]);
    } catch (error) {
      const isMissing = /** @type {NodeJS.ErrnoException} */ (error).code === "MODULE_NOT_FOUND";
      const from = options?.paths ?? [parent?.filename];
      const isInside = from.every((path) => typeof path === "string" && `${path}/`.startsWith(root));
      if (!isMissing || isInside || /^(?:[./#]|[A-Za-z]:)/.test(request)) throw error;
      const main = { filename: mainPath, paths: Module._nodeModulePaths(dirname(mainPath)) };
      try {
        return Reflect.apply(resolve, this, [request, main, false]);
      } catch {
        throw error;
      }
    }
  };
}

/**
 * `import.meta` of a module in a folder of the embedded file system.
 *
 * @param {string} folder
 */
exports.metaOf = function metaOf(folder) {
  return Module.createRequire(join(folder, "x"))("./.sbp-meta.mjs").default;
};
