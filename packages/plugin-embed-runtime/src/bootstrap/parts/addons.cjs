// @ts-check
"use strict";

/*
 * Native addons of the embedded file system. Node loads them without a file on Linux (memfd_create), where the loader knows
 * them by a path of their descriptor; that number is free again afterwards, and the loader would take the next addon with
 * it for the one before. So the number stays taken. An addon that comes with shared libraries needs them beside it on the
 * disk, and so do all elsewhere.
 *
 * In a self-contained executable none of this is needed: its dynamic loader finds addons and libraries where they are in
 * memory, by names that are told to it (native/registry.c of packages/loader).
 */

/** @type {any} */
const fs = process.getBuiltinModule("node:fs");
const { dirname, join } = process.getBuiltinModule("node:path");

/**
 * @param {object} app
 * @param {string} app.root
 * @param {(path: string) => string} app.onDisk
 * @param {(path: string) => string | undefined} app.carriedPath
 * @param {(path: string) => { content: () => Buffer } | undefined} app.fileOf
 * @param {{ info: { address?: number }, bytes: Buffer }} app.pack
 */
exports.watchAddons = function watchAddons({ root, onDisk, carriedPath, fileOf, pack }) {
  const { dlopen } = process;
  const start = pack.info.address;
  const told = new Set();

  /**
   * The name by which the dynamic loader knows a carried file.
   *
   * @param {string} path
   * @param {number} address of the pack
   */
  function inMemory(path, address) {
    const file = fileOf(path);
    if (file && !told.has(path)) {
      const content = file.content();
      const place = address + content.byteOffset - pack.bytes.byteOffset;
      try {
        Reflect.apply(dlopen, process, [
          { exports: {} },
          `${telling}${place.toString(16)}/${content.length.toString(16)}${path}`,
        ]);
      } catch {
        // It knows now, and says that there is no such file.
      }
      told.add(path);
    }
    return known + path;
  }

  process.dlopen = /** @type {any} */ (
    function load(
      /** @type {any} */ module,
      /** @type {string} */ filename,
      /** @type {unknown[]} */ ...rest
    ) {
      const call = (/** @type {string} */ path) => Reflect.apply(dlopen, process, [module, path, ...rest]);
      const carried = typeof filename === "string" ? carriedPath(filename) : undefined;
      if (carried === undefined) return call(filename);
      const libraries = librariesOf(carried, root);
      if (start !== undefined) {
        for (const library of libraries) inMemory(library, start);
        return call(inMemory(root + carried, start));
      }
      if (process.platform !== "linux" || libraries.length > 0) {
        for (const library of libraries) onDisk(library);
        return call(onDisk(filename));
      }
      try {
        return call(filename);
      } finally {
        fs.openSync("/dev/null", "r");
      }
    }
  );
};

const telling = "/dev/null/sbp-add/";
const known = "/dev/null/sbp";

const library = /\.(?:so(?:\.\d+)*|dylib|dll)$/;

/**
 * The shared libraries that an addon may need: those beside it, in its package, and in packages of the same scope, where
 * some have a package of their own.
 *
 * @param {string} addon relative to the root, with forward slashes
 * @param {string} root
 * @returns {string[]}
 */
function librariesOf(addon, root) {
  const parts = addon.split("/");
  const modules = parts.lastIndexOf("node_modules");
  // Of a scope or a package: what comes behind node_modules.
  const folder = modules < 0 ? dirname(join(root, addon)) : join(root, ...parts.slice(0, modules + 2));
  // A listing does not follow links, by which some package managers put a package beside those that need it.
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((/** @type {any} */ entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return library.test(entry.name) ? [path] : [];
    return fs
      .readdirSync(path, { recursive: true })
      .filter((/** @type {string} */ name) => library.test(name))
      .map((/** @type {string} */ name) => join(path, name));
  });
}
