// @ts-check
"use strict";

/*
 * A carried folder as the current one: `process.chdir(__dirname)`. The system cannot enter it, so only this process knows:
 * node:path and node:fs ask process.cwd() for what relative paths mean, and programs that are started stay where the
 * system is.
 */

const { resolve } = process.getBuiltinModule("node:path");
const { statSync } = process.getBuiltinModule("node:fs");

/**
 * @param {(path: string) => string | undefined} carriedPath of an absolute path, undefined for one elsewhere
 */
exports.watchFolder = function watchFolder(carriedPath) {
  const { chdir: change, cwd: ofSystem } = process;
  /** @type {string | undefined} */
  let entered;
  process.chdir = function chdir(folder) {
    const target = typeof folder === "string" ? resolve(folder) : folder;
    if (typeof target !== "string" || carriedPath(target) === undefined) {
      Reflect.apply(change, this, [entered === undefined ? folder : target]);
      entered = undefined;
    } else if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) entered = target;
    // Fails as it does for any other path that is none of a folder.
    else Reflect.apply(change, this, [target]);
  };
  process.cwd = function cwd() {
    return entered ?? Reflect.apply(ofSystem, this, []);
  };
};
