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
 *
 * Extensions of SQLite are libraries that SQLite has the system's loader load: by node:sqlite, and by addons whose databases
 * have a method of the same name.
 */

/** @type {any} */
const fs = process.getBuiltinModule("node:fs");
const { dirname, join } = process.getBuiltinModule("node:path");

/**
 * @typedef {object} App
 * @property {string} root
 * @property {(path: string) => string} onDisk
 * @property {(path: string) => string | undefined} carriedPath
 * @property {(path: string) => { content: () => Buffer } | undefined} fileOf
 * @property {{ info: { address?: number }, bytes: Buffer }} pack
 */

/** @param {App} app */
exports.watchAddons = function watchAddons(app) {
  const { root, carriedPath, pack } = app;
  const { dlopen } = process;
  const loadable = loadableFrom(app, dlopen);
  process.dlopen = /** @type {any} */ (
    function load(
      /** @type {any} */ module,
      /** @type {string} */ filename,
      /** @type {unknown[]} */ ...rest
    ) {
      const call = (/** @type {string} */ path) => Reflect.apply(dlopen, process, [module, path, ...rest]);
      const carried = typeof filename === "string" ? carriedPath(filename) : undefined;
      if (carried === undefined) return call(filename);
      const isFileless = process.platform === "linux" && pack.info.address === undefined;
      try {
        return call(isFileless && librariesOf(carried, root).length === 0 ? filename : loadable(filename));
      } finally {
        if (isFileless) fs.openSync("/dev/null", "r");
        watchDatabases(module.exports, loadable);
      }
    }
  );
};

/** @param {App} app */
exports.watchExtensions = function watchExtensions(app) {
  watchDatabases(process.getBuiltinModule("node:sqlite"), loadableFrom(app, process.dlopen));
};

/**
 * Has databases find extensions that are carried.
 *
 * @param {unknown} exported classes
 * @param {(filename: string) => string} loadable
 */
function watchDatabases(exported, loadable) {
  for (const each of Object.values(Object(exported))) {
    const { prototype } = typeof each === "function" ? each : {};
    const loadExtension = prototype?.loadExtension;
    if (typeof loadExtension !== "function") continue;
    const method = {
      loadExtension(/** @type {unknown} */ filename, /** @type {unknown[]} */ ...rest) {
        const path = typeof filename === "string" ? loadable(filename) : filename;
        return Reflect.apply(loadExtension, this, [path, ...rest]);
      },
    };
    // Where an addon has made it unchangeable, it stays.
    Reflect.set(prototype, "loadExtension", method.loadExtension);
  }
}

/**
 * Gives the name by which the system's loader finds a library: of a carried one, another than that in the embedded file system.
 *
 * @param {App} app
 * @param {typeof process.dlopen} dlopen
 * @returns {(filename: string) => string}
 */
function loadableFrom({ root, onDisk, carriedPath, fileOf, pack }, dlopen) {
  const start = pack.info.address;

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

  return (filename) => {
    // SQLite adds the ending where there is none.
    const path = [filename, ...[".so", ".dylib", ".dll"].map((end) => filename + end)].find(fileOf);
    const carried = path === undefined ? undefined : carriedPath(path);
    if (path === undefined || carried === undefined) return filename;
    const name = start === undefined ? onDisk : (/** @type {string} */ one) => inMemory(one, start);
    for (const library of librariesOf(carried, root)) name(library);
    return name(root + carried);
  };
}

/** Files that the dynamic loader knows of. */
const told = new Set();
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
