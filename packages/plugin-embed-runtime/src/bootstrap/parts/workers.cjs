// @ts-check
"use strict";

/*
 * Workers see no mounted file system, so each starts with the bootstrap (as a text to evaluate), which mounts it, and then
 * runs what the worker is for.
 */

/** @type {any} */
const Module = process.getBuiltinModule("node:module");
const { isAbsolute, resolve } = process.getBuiltinModule("node:path");
const { fileURLToPath } = process.getBuiltinModule("node:url");
const vm = process.getBuiltinModule("node:vm");

/**
 * What a worker is for.
 *
 * @typedef {{ file: string } | { code: string }} Work
 */

/**
 * @param {string} bootstrap the text of its function
 * @param {string} key of the symbol by which `process` tells the bootstrap of the work
 * @param {boolean} hasFiles
 */
exports.watchWorkers = function watchWorkers(bootstrap, key, hasFiles) {
  const threads = process.getBuiltinModule("node:worker_threads");
  const { Worker: PlainWorker } = threads;
  class Worker extends PlainWorker {
    /**
     * @param {string | URL} filename
     * @param {import("node:worker_threads").WorkerOptions} [options]
     */
    constructor(filename, options) {
      const work = workOf(filename, options);
      if (work === undefined) {
        super(filename, options);
        return;
      }
      const start = `process[Symbol.for(${JSON.stringify(key)})] = ${JSON.stringify(work)};`;
      const { execArgv } = options ?? {};
      super(`${start}\n${bootstrap}({}, undefined, {});`, {
        ...options,
        eval: true,
        ...(hasFiles && Array.isArray(execArgv) && { execArgv: ["--experimental-vfs", ...execArgv] }),
      });
    }
  }
  threads.Worker = Worker;
  Module.syncBuiltinESMExports();
};

/**
 * Undefined for what node must refuse itself, and for data URLs.
 *
 * @param {unknown} filename
 * @param {{ eval?: boolean } | undefined} options
 * @returns {Work | undefined}
 */
function workOf(filename, options) {
  if (options?.eval) return typeof filename === "string" ? { code: filename } : undefined;
  if (filename instanceof URL)
    return filename.protocol === "file:" ? { file: fileURLToPath(filename) } : undefined;
  if (typeof filename !== "string") return undefined;
  return isAbsolute(filename) || /^\.\.?[\\/]/.test(filename) ? { file: resolve(filename) } : undefined;
}

/**
 * In the worker: does its work.
 *
 * @param {Work} work
 * @param {object} app
 * @param {string} app.mainPath of the app's own main file, which Node cannot load
 * @param {() => void} app.runApp
 */
exports.doWork = function doWork(work, { mainPath, runApp }) {
  if ("code" in work) {
    vm.runInThisContext(work.code, {
      filename: "[worker eval]",
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    return;
  }
  // Node gives these to texts only.
  for (const name of ["require", "module", "exports", "__filename", "__dirname"])
    Reflect.deleteProperty(globalThis, name);
  Reflect.deleteProperty(process, "_eval");
  process.argv[1] = work.file;
  process.nextTick(() => (work.file === mainPath ? runApp() : Module.runMain(work.file)));
};
