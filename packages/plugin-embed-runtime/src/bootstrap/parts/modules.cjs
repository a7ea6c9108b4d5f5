// @ts-check
"use strict";

/*
 * Modules of the embedded file system. Node finds and loads them by itself; here CommonJS files that have a code cache are
 * compiled with it.
 */

/** @type {any} */
const Module = process.getBuiltinModule("node:module");
const { dirname, join } = process.getBuiltinModule("node:path");

/**
 * @param {object} bootstrap
 * @param {(filename: string) => any} bootstrap.fileOf the carried file at an absolute path
 * @param {(file: any, filename: string) => Function} bootstrap.compile
 * @param {(module: any) => any} bootstrap.requireOf
 */
exports.useCodeCaches = function useCodeCaches({ fileOf, compile, requireOf }) {
  const load = Module._extensions[".js"];
  Module._extensions[".js"] = function loadScript(/** @type {any} */ module, /** @type {string} */ filename) {
    const file = fileOf(filename);
    if (!file?.isScript || file.isModule) return load(module, filename);
    const evaluate = compile(file, filename);
    const values = [module.exports, requireOf(module), module, filename, dirname(filename)];
    return Reflect.apply(evaluate, module.exports, values);
  };
};

/**
 * `import.meta` of a module in a folder of the embedded file system.
 *
 * @param {string} folder
 */
exports.metaOf = function metaOf(folder) {
  return Module.createRequire(join(folder, "x"))("./.sbp-meta.mjs").default;
};
