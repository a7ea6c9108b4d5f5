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

/**
 * What a worker is for.
 *
 * @typedef {({ file: string } | { code: string }) & Partial<Preloads>} Work
 *
 * @typedef {object} Preloads what node would look for before anything is mounted
 * @property {string[]} preloads carried files
 * @property {string[] | undefined} execArgv as given
 * @property {string | undefined} nodeOptions as given
 */

/**
 * @param {string} bootstrap the text of its function
 * @param {string} key of the symbol by which `process` tells the bootstrap of the work
 * @param {string | undefined} root the mount point, if there is one
 */
exports.watchWorkers = function watchWorkers(bootstrap, key, root) {
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
      const { first, left } =
        root === undefined ? { first: {}, left: options } : withoutPreloads(options, root);
      const start = `process[Symbol.for(${JSON.stringify(key)})] = ${JSON.stringify({ ...work, ...first })};`;
      const execArgv = left?.execArgv;
      super(`${start}\n${bootstrap}({}, undefined, {});`, {
        ...left,
        eval: true,
        ...(root !== undefined &&
          Array.isArray(execArgv) && { execArgv: ["--experimental-vfs", ...execArgv] }),
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

const preload = /(?<=^|\s)(?:-r|--require|--import)(?:\s+|=)("(?:\\.|[^"\\])*"|[^\s"]+)\s*/g;

/**
 * Takes carried files out of `-r` and `--import`, for the worker to load them when it sees them.
 *
 * @param {import("node:worker_threads").WorkerOptions | undefined} options
 * @param {string} root
 * @returns {{ first: Partial<Preloads>, left: import("node:worker_threads").WorkerOptions | undefined }}
 */
function withoutPreloads(options, root) {
  const { execArgv, env } = options ?? {};
  const nodeOptions = typeof env === "object" ? env?.["NODE_OPTIONS"] : undefined;
  /** @type {string[]} */
  const preloads = [];
  /** @param {string} value */
  const isTaken = (value) => {
    const path = value.startsWith("file:") ? fileURLToPath(value) : value;
    if (path.startsWith(root)) preloads.push(path);
    return path.startsWith(root);
  };
  const shorter = nodeOptions?.replace(preload, (/** @type {string} */ all, /** @type {string} */ value) =>
    isTaken(value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/gs, "$1") : value) ? "" : all,
  );
  /** @type {string[]} */
  const args = [];
  for (let at = 0; at < (execArgv?.length ?? 0); at++) {
    const [argument = "", value = ""] = execArgv?.slice(at, at + 2) ?? [];
    const [, inline] = /^--(?:require|import)=(.*)$/s.exec(argument) ?? [];
    if (inline !== undefined && isTaken(inline)) continue;
    if (/^(?:-r|--require|--import)$/.test(argument) && isTaken(value)) at++;
    else args.push(argument);
  }
  if (preloads.length === 0) return { first: {}, left: options };
  return {
    first: { preloads, execArgv, nodeOptions },
    left: {
      ...options,
      ...(execArgv && { execArgv: args }),
      ...(nodeOptions !== undefined && { env: { .../** @type {object} */ (env), NODE_OPTIONS: shorter } }),
    },
  };
}

/**
 * In the worker: does its work.
 *
 * @param {Work} work
 * @param {object} app
 * @param {string} app.mainPath of the app's own main file, which Node cannot load
 * @param {() => void} app.runApp
 * @param {(part: string) => any} app.loadPart
 */
exports.doWork = function doWork(work, { mainPath, runApp, loadPart }) {
  if (work.execArgv) process.execArgv = work.execArgv;
  if (work.nodeOptions !== undefined) process.env["NODE_OPTIONS"] = work.nodeOptions;
  for (const file of work.preloads ?? []) Module.createRequire(file)(file);
  if ("code" in work) {
    const { scriptOf, evaluateModule } = loadPart("node-mode");
    const script = scriptOf(work.code, "[worker eval]");
    if (script === undefined) evaluateModule(work.code, "[worker eval]");
    else script.runInThisContext();
    return;
  }
  // Node gives these to texts only.
  for (const name of ["require", "module", "exports", "__filename", "__dirname"])
    Reflect.deleteProperty(globalThis, name);
  Reflect.deleteProperty(process, "_eval");
  process.argv[1] = work.file;
  process.nextTick(() => (work.file === mainPath ? runApp() : Module.runMain(work.file)));
};
