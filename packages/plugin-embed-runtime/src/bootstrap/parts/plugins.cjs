// @ts-check
"use strict";

/*
 * Tools that look for plugins by walking up the disk themselves, from the current folder on (prettier, stylelint and others by
 * import-meta-resolve), find those that the app carries: where the walk ends, `/node_modules/name` stands for
 * the carried package, unless the disk has one there. So all that lies nearer comes first, as it does for `require`
 * (modules.cjs).
 */

/** @type {any} */
const fs = process.getBuiltinModule("node:fs");
/** @type {any} */
const Module = process.getBuiltinModule("node:module");
const { dirname, join } = process.getBuiltinModule("node:path");

const last = /^(?:\\\\\?\\)?(?:[A-Za-z]:)?[\\/]node_modules[\\/](?=.)/;

/**
 * @param {object} app
 * @param {string} app.root
 * @param {string} app.mainPath
 * @param {any} calls parts/file-system-calls.cjs
 */
exports.showPlugins = function showPlugins({ root, mainPath }, { mend, textOf }) {
  const folders = Module._nodeModulePaths(dirname(mainPath)).filter((/** @type {string} */ folder) =>
    folder.startsWith(root),
  );
  const { existsSync } = fs;
  /** @returns {string | undefined} */
  const carried = (/** @type {unknown} */ path) => {
    const text = textOf(path);
    const [start] = (text !== undefined && last.exec(text)) || [];
    if (start === undefined) return undefined;
    const inside = text.slice(start.length);
    const name = /^(?:@[^\\/]+[\\/])?[^\\/]+/.exec(inside)?.[0];
    if (name === undefined || existsSync(start + name)) return undefined;
    return folders
      .map((/** @type {string} */ folder) => join(folder, inside))
      .find((/** @type {string} */ file) => existsSync(file));
  };
  const isCarried = (/** @type {unknown} */ path) => carried(path) !== undefined;
  for (const name of ["stat", "lstat", "realpath", "readFile", "access", "readdir"]) {
    const { [`${name}Sync`]: now } = fs;
    const { [name]: later } = fs.promises;
    mend(
      name,
      isCarried,
      (/** @type {unknown} */ path, /** @type {unknown[]} */ ...rest) => now(carried(path), ...rest),
      (/** @type {unknown} */ path, /** @type {unknown[]} */ ...rest) => later(carried(path), ...rest),
    );
  }
  fs.existsSync = function existsHere(/** @type {unknown} */ path) {
    return existsSync(path) || isCarried(path);
  };
  Object.defineProperty(fs.existsSync, "name", { value: "existsSync" });
  Module.syncBuiltinESMExports();
};
