// @ts-check
"use strict";

/*
 * The first JavaScript of every executable: node runs this file as the main script of a single executable
 * application (https://nodejs.org/api/single-executable-applications.html), and it runs the app.
 *
 * The app lies in one asset, the pack (layout: src/pack.ts of @sbp/plugin-embed-runtime), which is read where
 * the kernel has mapped the executable. The main file is stored as the text of one function, ready to be
 * compiled with V8's code cache. To the app everything looks as if node had been started with its main file,
 * found nowhere on the disk: argv, require, module, import.meta, errors and exit codes.
 *
 * All of this is compiled at every start. What is needed rarely is a part of its own (folder parts), which lies in the
 * pack and is compiled when it is first needed.
 *
 * Runs on Node 22.3 and later, stock builds, and uses nothing but documented modules and the parts of
 * node:module that programs have patched for so long that node keeps them (_cache, _resolveFilename, …).
 */

/** @type {any} */
const Module = process.getBuiltinModule("node:module");
const { pathToFileURL } = process.getBuiltinModule("node:url");
const { getRawAsset } = process.getBuiltinModule("node:sea");
const vm = process.getBuiltinModule("node:vm");

/**
 * Where the main file appears to lie when it carries no others: a place where nobody can make files, and where all that
 * is looked for is simply not there (ENOENT). Below a file, as in /dev/null/x, it would be ENOTDIR, which programs do not
 * expect; and below /proc a recursive mkdir of node's never ends. On Windows no name can hold a "<", and what follows its
 * null device is the device itself.
 */
const nowhere = process.platform === "win32" ? "C:\\<sbp>\\0\\" : "/sys/sbp/0/";

/** The folder of the pack that is ours: no file of an app lies there. */
const ownFolder = ".sbp/";

/** Buffer() (DEP0005), punycode (DEP0040), url.parse() (DEP0169): https://nodejs.org/api/deprecations.html. */
const deprecatedForApps = new Set(["DEP0005", "DEP0040", "DEP0169"]);

/** @type {Map<string, { exports: any }>} */
const parts = new Map();
const pack = openPack(Buffer.from(getRawAsset("pack")));
const hasFiles = pack.info.carried !== undefined;
const root = hasFiles ? mountFiles() : nowhere;
const mainFile = pack.find(pack.info.main);
const mainPath = pathOf(pack.info.main);

/** What this thread is for, in a worker (parts/workers.cjs). */
const workKey = "sbp.work";
const work = Reflect.get(process, Symbol.for(workKey));
// As the children's part, once it is loaded, may call it something else.
const execPath = absolutePath(process.execPath);

muteWarnings();
watchChildren();
if (hasFiles) loadPart("modules").watchModules({ root, mainPath, fileOf, compile, requireOf });
if (hasFiles && work === undefined) watchFolder();
if (pack.info.uses?.includes("plugins"))
  loadPart("plugins").showPlugins({ root, mainPath }, loadPart("file-system-calls"));
if (pack.info.uses?.includes("workers"))
  loadPart("workers").watchWorkers(
    pack.find(`${ownFolder}bootstrap.cjs`).text(),
    workKey,
    hasFiles ? root : undefined,
  );
if (pack.info.uses?.includes("children")) startWatchingChildren();
if (pack.info.uses?.includes("addons"))
  loadPart("addons").watchAddons({ root, onDisk, carriedPath, fileOf, pack });
if (pack.info.uses?.includes("extensions"))
  loadPart("addons").watchExtensions({ root, onDisk, carriedPath, fileOf, pack });
if (pack.info.sourceMap || pack.info.scriptMaps) mapStacksLater();
if (work !== undefined) loadPart("workers").doWork(work, { mainPath, runApp, loadPart });
else if (isNode()) loadPart("node-mode").run(process.argv.slice(2), { mainPath, runApp, requireOf });
else runApp();

function runApp() {
  process.argv[1] = mainPath;
  const debugged = pack.info.build?.inspect && work === undefined && loadPart("inspect").listen();
  const evaluate = compile(debugged ? forDebugger(mainFile) : mainFile, mainPath);
  if (debugged?.waits) loadPart("inspect").pause();
  if (mainFile.isModule) runModule(evaluate, mainPath);
  else runCommonJs(evaluate, mainPath);
}

/**
 * With its source map in it, where there is one.
 *
 * @param {PackedFile} file the main one
 * @returns {PackedFile}
 */
function forDebugger(file) {
  const { sourceMap } = pack.info;
  if (!sourceMap) return file;
  const text = loadPart("inspect").withSourceMap(file.text(), sourceMap, pack.find);
  // Its code cache is that of another text.
  return { ...file, codeCache: undefined, text: () => text };
}

/**
 * A file of the pack.
 *
 * @typedef {object} PackedFile
 * @property {boolean} isModule an ES module in the form of an async function
 * @property {boolean} isScript its text is that of a function, not what the file had
 * @property {Buffer | undefined} codeCache
 * @property {() => Buffer} bytes in place
 * @property {() => string} text
 * @property {() => Buffer} content in place, as the file had it
 */

/**
 * Finds files in the pack. The executable was checked when it was made: nothing is checked here again.
 *
 * @param {Buffer} bytes
 */
function openPack(bytes) {
  const version = bytes.readUInt32LE(8);
  if (bytes.toString("latin1", 0, 8) !== "\0sbppack" || version !== 1)
    throw new Error("damaged executable: no pack");
  const entries = bytes.readUInt32LE(16);
  const names = bytes.readUInt32LE(20);
  const infoStart = bytes.readUInt32LE(28);
  /** @type {import("../pack.ts").PackInfo} */
  const info = JSON.parse(bytes.toString("utf8", infoStart, infoStart + bytes.readUInt32LE(32)));

  return {
    info,
    bytes,
    /** Where the entry of the root directory is, and with it those of all others. */
    entries,
    names,
    entryOf,
    fileAt,
    /**
     * @param {string} path relative to the root
     * @returns {PackedFile}
     */
    find(path) {
      const entry = entryOf(path);
      if (entry === undefined) throw new Error(`damaged executable: no ${path}`);
      return fileAt(entry);
    },
  };

  /**
   * The offset of the entry of a file, a directory or a link; links on the way are followed.
   *
   * @param {string} path relative to the root, "" for the root
   * @returns {number | undefined}
   */
  function entryOf(path) {
    /** @type {number | undefined} */
    let entry = entries;
    if (path === "") return entry;
    const steps = path.split("/");
    for (const [index, name] of steps.entries()) {
      // Directories are those with the mode's bit, links have another.
      if (entry === undefined) return undefined;
      const mode = bytes.readUInt16LE(entry + 6);
      if ((mode & 0o20000) !== 0) return entryOf(`${fileAt(entry).text()}/${steps.slice(index).join("/")}`);
      if ((mode & 0o40000) === 0) return undefined;
      entry = findChild(entry, Buffer.from(name));
    }
    return entry;
  }

  /**
   * @param {number} entry of a file
   * @returns {PackedFile}
   */
  function fileAt(entry) {
    const content = range(entry + 8);
    const cache = range(entry + 16);
    const flags = bytes.readUInt16LE(entry + 24);
    return {
      isModule: (flags & 4) !== 0,
      isScript: (flags & 2) !== 0,
      codeCache: cache.start === 0 ? undefined : bytes.subarray(cache.start, cache.end),
      bytes: () => bytes.subarray(content.start, content.end),
      // Reading ASCII as Latin-1 is a plain copy, and gives V8 a string of one byte per character.
      text: () => bytes.toString(flags & 1 ? "latin1" : "utf8", content.start, content.end),
      content: () =>
        bytes.subarray(
          content.start + bytes.readUInt32LE(entry + 28),
          content.end - bytes.readUInt16LE(entry + 26),
        ),
    };
  }

  /**
   * Binary search among the children of a directory, which are sorted by the bytes of their names.
   *
   * @param {number} directory offset of its entry
   * @param {Buffer} name
   * @returns {number | undefined} offset of the child's entry
   */
  function findChild(directory, name) {
    let low = bytes.readUInt32LE(directory + 8);
    let high = low + bytes.readUInt32LE(directory + 12);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = entries + 32 * middle;
      const start = names + bytes.readUInt32LE(entry);
      const order = name.compare(bytes, start, start + bytes.readUInt16LE(entry + 4));
      if (order === 0) return entry;
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return undefined;
  }

  /** @param {number} field offset of an offset, with the length behind it */
  function range(field) {
    const start = bytes.readUInt32LE(field);
    return { start, end: start + bytes.readUInt32LE(field + 4) };
  }
}

/**
 * The function that a script consists of. A code cache that V8 does not like (made by another build, or with
 * other flags) is ignored, and the text compiled as usual.
 *
 * @param {PackedFile} file
 * @param {string} filename
 * @returns {Function}
 */
function compile(file, filename) {
  const script = new vm.Script(file.text(), {
    filename,
    // The head of the function is a line of its own, before the file's first.
    lineOffset: -1,
    cachedData: file.codeCache,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return script.runInThisContext();
}

/**
 * What a part of the bootstrap exports.
 *
 * @param {string} name of its file, without extension
 */
function loadPart(name) {
  const loaded = parts.get(name);
  if (loaded !== undefined) return loaded.exports;
  const path = `${ownFolder}${name}.cjs`;
  const part = { exports: /** @type {any} */ ({}) };
  Reflect.apply(compile(pack.find(path), nowhere + path), part.exports, [part.exports, undefined, part]);
  parts.set(name, part);
  return part.exports;
}

/**
 * Mounts what the app carries.
 *
 * @returns {string} the mount point, with a separator behind it
 */
function mountFiles() {
  // What node needs to mount files (the blob's own options) is no option of the app's.
  process.execArgv = process.execArgv.filter((option) => option !== "--experimental-vfs");
  return loadPart("file-system").mount(pack, loadPart);
}

/**
 * @param {string} path relative to the root, with forward slashes
 */
function pathOf(path) {
  return root + (root.includes("\\") ? path.replaceAll("/", "\\") : path);
}

/**
 * The file that appears to lie at an absolute path, if it is a carried one.
 *
 * @param {string} filename
 * @returns {PackedFile | undefined}
 */
function fileOf(filename) {
  const path = carriedPath(filename);
  const entry = path === undefined ? undefined : pack.entryOf(path);
  return entry === undefined ? undefined : pack.fileAt(entry);
}

/**
 * What follows the mount point, with forward slashes; undefined for a path elsewhere. On Windows both slashes separate, and
 * node gives the system's calls long paths, which have a prefix.
 *
 * @param {string} path absolute
 * @returns {string | undefined}
 */
function carriedPath(path) {
  if (!hasFiles) return undefined;
  const isWindows = root.includes("\\");
  const plain = isWindows ? path.replaceAll("/", "\\").replace(/^\\\\\?\\/, "") : path;
  if (!plain.startsWith(root)) return plain === root.slice(0, -1) ? "" : undefined;
  const carried = plain.slice(root.length);
  return isWindows ? carried.replaceAll("\\", "/") : carried;
}

/**
 * Has stack traces lead to the sources. Until one is asked for, or an error ends the process, nothing is loaded: this
 * only notices. An app that sets Error.prepareStackTrace itself gets the places in the bundle, as it does under
 * `node --enable-source-maps`.
 */
function mapStacksLater() {
  const prepare = /** @type {any} */ (Error).prepareStackTrace;
  let isLoading = false;
  const load = () => {
    if (isLoading) return;
    isLoading = true;
    try {
      loadPart("source-map").useSourceMaps(sourceMaps(), pack.find);
    } catch {
      // Out of stack or memory, for instance. The stack stays as it is, and the next one tries again.
      isLoading = false;
      return;
    }
    process.off("uncaughtExceptionMonitor", load);
    // An app may have frozen it, or have another in its place.
    if (Error.prepareStackTrace === prepareStackTrace) Reflect.set(Error, "prepareStackTrace", prepare);
  };
  /** @type {typeof prepare} */
  const prepareStackTrace = (/** @type {unknown} */ error, /** @type {unknown} */ trace) => {
    load();
    return prepare(error, trace);
  };
  Error.prepareStackTrace = prepareStackTrace;
  // Before node prints the line that threw.
  process.on("uncaughtExceptionMonitor", load);
}

/** By the absolute path of the main file or script. */
function* sourceMaps() {
  const { main, sourceMap, scriptMaps = {} } = pack.info;
  if (sourceMap) yield [pathOf(main), sourceMap];
  for (const [path, files] of Object.entries(scriptMaps)) yield [pathOf(path), files];
}

/**
 * Runs a CommonJS file as node runs a main file.
 *
 * @param {Function} evaluate
 * @param {string} filename
 */
function runCommonJs(evaluate, filename) {
  const main = new Module(filename, null);
  main.id = ".";
  main.filename = filename;
  main.paths = Module._nodeModulePaths(main.path);
  process.mainModule = main;
  Module._cache[filename] = main;
  Reflect.apply(evaluate, main.exports, [main.exports, requireOf(main), main, filename, main.path]);
  main.loaded = true;
}

/**
 * The `require` of a module, with all that node gives it (https://nodejs.org/api/modules.html#requireid).
 *
 * @param {any} module
 */
function requireOf(module) {
  /** @param {string} id */
  function require(id) {
    return module.require(id);
  }
  /**
   * @param {string} request
   * @param {object} [options]
   */
  require.resolve = function resolve(request, options) {
    return Module._resolveFilename(request, module, false, options);
  };
  /** @param {string} request */
  require.resolve.paths = function paths(request) {
    return Module._resolveLookupPaths(request, module);
  };
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

/**
 * Runs an ES module in the form of an async function, and ends the process as node does when a main module
 * fails or never ends.
 *
 * @param {Function} evaluate
 * @param {string} filename
 */
function runModule(evaluate, filename) {
  const meta = importMeta(filename);

  // When nothing is left to do and the module still awaits something, the exit code is 13. A listener of
  // "beforeExit" may have found more to do, hence the check again at "exit".
  let isStalled = false;
  const beforeExit = () => {
    if (process.exitCode !== undefined) return;
    isStalled = true;
    process.exitCode = 13;
  };
  const exit = () => {
    if (isStalled && process.exitCode === 13)
      /** @type {any} */ (process)._rawDebug(`Warning: Detected unsettled top-level await at ${meta.url}`);
  };
  const settled = () => {
    process.off("beforeExit", beforeExit);
    process.off("exit", exit);
    if (isStalled) process.exitCode = undefined;
  };
  process.on("beforeExit", beforeExit);
  process.on("exit", exit);

  Reflect.apply(evaluate, undefined, [meta, importBuiltin]).then(settled, (/** @type {unknown} */ error) => {
    settled();
    // An uncaught exception, not an unhandled rejection: a listener for those must not keep the app alive.
    queueMicrotask(() => {
      throw error;
    });
  });
}

/**
 * `import.meta` of the main module (https://nodejs.org/api/esm.html#importmeta).
 *
 * @param {string} filename
 */
function importMeta(filename) {
  const url = pathToFileURL(filename).href;
  const dirname = filename.slice(0, Math.max(filename.lastIndexOf("/"), filename.lastIndexOf("\\")));
  // What node itself resolves for a module beside the main file; loaded when it is asked for.
  if (hasFiles)
    return {
      __proto__: null,
      dirname,
      filename,
      main: true,
      resolve: (/** @type {unknown[]} */ ...args) =>
        loadPart("modules")
          .metaOf(dirname)
          .resolve(...args),
      url,
    };
  return {
    __proto__: null,
    dirname,
    filename,
    main: true,
    /** @param {string} specifier */
    resolve(specifier) {
      if (Module.isBuiltin(specifier)) return specifier.startsWith("node:") ? specifier : `node:${specifier}`;
      if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, url).href;
      if (URL.canParse(specifier)) return new URL(specifier).href;
      throw Object.assign(new Error(`Cannot find package '${specifier}' imported from ${filename}`), {
        code: "ERR_MODULE_NOT_FOUND",
      });
    },
    url,
  };
}

/**
 * What a static import gives: the values at this moment, as node takes them of builtin modules.
 *
 * @param {string} specifier
 * @param {string[]} [names] those that are imported; all for a namespace
 * @param {Record<string, unknown>} [loaded] the namespace of a module that is no builtin
 */
function importBuiltin(specifier, names, loaded) {
  if (names && loaded) {
    const missing = names.find((name) => !(name in loaded));
    if (missing === undefined) return loaded;
    throw new SyntaxError(
      `The requested module '${specifier}' does not provide an export named '${missing}'`,
    );
  }
  /** @type {any} */
  const exports = process.getBuiltinModule(specifier);
  if (exports === undefined) {
    throw Object.assign(new Error(`No such built-in module: ${specifier}`), {
      code: "ERR_UNKNOWN_BUILTIN_MODULE",
    });
  }
  /** @type {any} */
  const namespace = { __proto__: null };
  for (const name of names ?? [...Object.keys(exports), "default"].sort()) {
    if (name === "default") namespace.default = exports;
    else if (Object.hasOwn(exports, name)) namespace[name] = exports[name];
    else
      throw new SyntaxError(`The requested module '${specifier}' does not provide an export named '${name}'`);
  }
  if (names !== undefined) return namespace;
  return Object.freeze(Object.defineProperty(namespace, Symbol.toStringTag, { value: "Module" }));
}

/**
 * An app that starts itself again (fork, cluster, spawn of process.execPath) names the script to run first, as node wants
 * it. So what follows is a command line of node's: running the app in its place would start it again and again.
 */
function isNode() {
  // Set by parts/children.cjs; other programs than this one may hand it on.
  const isMarked = process.env["SBP_AS_NODE"] === execPath;
  delete process.env["SBP_AS_NODE"];
  const first = process.argv[2];
  return first !== undefined && (isMarked || first.startsWith(root));
}

/**
 * Where there is no /proc, node knows its executable only by the name that it was started by. That may be relative to a
 * directory which the app leaves.
 *
 * @param {string} path
 */
function absolutePath(path) {
  const isRelative = path.includes("/") && !path.startsWith("/") && process.platform !== "win32";
  return isRelative ? process.getBuiltinModule("node:path").resolve(path) : path;
}

/** Who starts this executable as node must get its path: until then nothing is loaded. */
function watchChildren() {
  const define = (/** @type {PropertyDescriptor} */ descriptor) =>
    Object.defineProperty(process, "execPath", { configurable: true, enumerable: true, ...descriptor });
  define({
    get() {
      define({ value: execPath, writable: true });
      startWatchingChildren();
      return execPath;
    },
    set: (value) => void define({ value, writable: true }),
  });
}

function startWatchingChildren() {
  if (parts.has("children")) return;
  loadPart("children").watchChildren({ execPath, root, onDisk });
}

/** Who wants another current folder may mean a carried one: until then nothing is loaded. Workers have none of their own. */
function watchFolder() {
  const change = process.chdir;
  process.chdir = function chdir(folder) {
    process.chdir = change;
    loadPart("working-folder").watchFolder(carriedPath);
    process.chdir(folder);
  };
}

/**
 * A path as other programs can use it: of a carried file, that of an extracted copy.
 *
 * @param {string} path
 * @returns {string}
 */
function onDisk(path) {
  const relative = typeof path === "string" ? carriedPath(path)?.replace(/\/+$/, "") : undefined;
  if (relative === undefined || pack.entryOf(relative) === undefined || relative.startsWith(ownFolder))
    return path;
  return loadPart("extraction").extract(pathOf(relative), { root, pack });
}

/**
 * Warnings that node would not give: `import()` in the app makes it say that the loader it is given to in `compile` is
 * experimental, which is this file's choice; and of what it deprecates for the app alone, not for packages, it cannot know
 * that it is a package's when that is bundled. The source map tells.
 */
function muteWarnings() {
  const original = process.emitWarning;
  /** @param {any[]} rest */
  process.emitWarning = function emitWarning(warning, ...rest) {
    if (typeof warning === "string" && warning.startsWith("vm.USE_MAIN_CONTEXT_DEFAULT_LOADER is an exp"))
      return;
    if (rest[0] === "DeprecationWarning" && deprecatedForApps.has(rest[1]) && isInPackage(longStack()))
      return;
    Reflect.apply(original, process, [warning, ...rest]);
  };
}

/** Between who requires what is deprecated and the warning may lie more of node's own frames than a stack shows. */
function longStack() {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const { stack } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return stack;
}

/**
 * Whether the first frame that is neither node's nor this file's lies in a package.
 *
 * @param {unknown} stack
 */
function isInPackage(stack) {
  const frames = String(stack).split("\n").slice(1);
  const first = frames.find((frame) => !/\bnode:|\bsbp-bootstrap\.cjs:/.test(frame));
  return first !== undefined && /\bnode_modules[\\/]/.test(first);
}
