// @ts-check
"use strict";

/*
 * Calls of node:fs that node:vfs leaves out or gets wrong for a mounted file system that nobody can write to: copies out of
 * it, globs by absolute patterns, watchers; and calls on several buffers, which a mount breaks for any file.
 */

/** @type {any} */
const fs = process.getBuiltinModule("node:fs");
/** @type {any} */
const Module = process.getBuiltinModule("node:module");
const { dirname, join, normalize } = process.getBuiltinModule("node:path");
const { fileURLToPath } = process.getBuiltinModule("node:url");

/**
 * Puts right calls in the place of node's.
 *
 * @param {string} root the mount point, with a separator behind it
 */
exports.mendCalls = function mendCalls(root) {
  /** @param {unknown} path */
  const isCarried = (path) => {
    const text = textOf(path);
    if (text === undefined) return false;
    // On Windows both slashes separate.
    const plain = root.includes("\\") ? normalize(text) : text;
    return plain.startsWith(root) || plain === root.slice(0, -1);
  };

  mend("copyFile", isCarried, copyFile, (...args) => Promise.resolve(copyFile(...args)));
  mend("cp", isCarried, copyTree, copyTreeLater);
  mend(
    "statfs",
    isCarried,
    (_, options) => fs.statfsSync(process.argv[0], options),
    (_, options) => fs.promises.statfs(process.argv[0], options),
  );

  mendVectoredCalls();

  // In a pattern, the mount point becomes the folder to look in.
  const isPattern = (/** @type {unknown} */ pattern) =>
    [pattern].flat().some((one) => typeof one === "string" && one.length >= root.length && isCarried(one));
  const globSync = fs.globSync;
  const glob = (/** @type {string | string[]} */ patterns, /** @type {any} */ options) =>
    [patterns].flat().flatMap((pattern) => {
      if (!isPattern(pattern)) return globSync(pattern, options);
      const found = globSync(pattern.slice(root.length), { ...options, cwd: root });
      return options?.withFileTypes ? found : found.map((/** @type {string} */ path) => join(root, path));
    });
  mend("glob", isPattern, glob, async (patterns, options) => glob(patterns, options));
  const { glob: globLater } = fs.promises;
  fs.promises.glob = async function* findPaths(/** @type {any} */ patterns, /** @type {any} */ options) {
    yield* isPattern(patterns) ? glob(patterns, options) : globLater(patterns, options);
  };
  Module.syncBuiltinESMExports();
};

/**
 * As soon as anything is mounted, fs.readv and fs.writev ask the mounted file systems for calls of these names, which they
 * have not, and throw: so does a stream of writes to any file once more than one chunk waits. Here one buffer stands for
 * all, with what node's own read and write make of it.
 */
function mendVectoredCalls() {
  const { read, readv, write, writev } = fs;
  /** @param {ArrayBufferView} view */
  const bytesOf = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength);
  /** Where node has nothing to refuse, and something to do: the buffers, the position, the callback. */
  const taken = (/** @type {any[]} */ [fd, buffers, position, last]) => {
    const callback = last ?? position;
    const isFine =
      Number.isInteger(fd) && Array.isArray(buffers) && buffers.every((one) => ArrayBuffer.isView(one));
    if (!isFine || typeof callback !== "function") return undefined;
    return {
      callback,
      position: typeof position === "number" ? position : null,
      views: buffers.map(bytesOf),
    };
  };
  const calls = {
    readv(/** @type {any[]} */ ...args) {
      const call = taken(args);
      if (call === undefined) return Reflect.apply(readv, this, args);
      const { views, position, callback } = call;
      const all = Buffer.alloc(views.reduce((sum, { length }) => sum + length, 0));
      read(
        args[0],
        all,
        0,
        all.length,
        position,
        (/** @type {unknown} */ error, /** @type {number} */ count = 0) => {
          let start = 0;
          for (const view of views) start += all.copy(view, 0, start, Math.max(start, count));
          callback(error, count, args[1]);
        },
      );
    },
    writev(/** @type {any[]} */ ...args) {
      const call = taken(args);
      if (call === undefined || call.views.length === 0) return Reflect.apply(writev, this, args);
      const all = Buffer.concat(call.views);
      write(
        args[0],
        all,
        0,
        all.length,
        call.position,
        (/** @type {unknown} */ error, /** @type {number} */ count = 0) =>
          call.callback(error, count, args[1]),
      );
    },
  };
  // With what node's promisify asks them for.
  Object.defineProperties(calls.readv, Object.getOwnPropertyDescriptors(readv));
  Object.defineProperties(calls.writev, Object.getOwnPropertyDescriptors(writev));
  Object.assign(fs, calls);
}

/**
 * Replaces the three forms of a call where its first argument is a carried path.
 *
 * @param {string} name
 * @param {(path: unknown) => boolean} isOurs
 * @param {(...args: any[]) => unknown} now
 * @param {(...args: any[]) => Promise<unknown>} later
 */
function mend(name, isOurs, now, later) {
  const { [`${name}Sync`]: callNow, [name]: call } = fs;
  // With what node hangs on them: realpath.native.
  fs[`${name}Sync`] = Object.assign(
    {
      [`${name}Sync`]: function (/** @type {unknown[]} */ ...args) {
        return Reflect.apply(isOurs(args[0]) ? now : callNow, this, args);
      },
    }[`${name}Sync`],
    callNow,
  );
  fs[name] = Object.assign(
    {
      [name]: function (/** @type {any[]} */ ...args) {
        const callback = args.at(-1);
        if (!isOurs(args[0]) || typeof callback !== "function") return Reflect.apply(call, this, args);
        later(...args.slice(0, -1)).then(
          (value) => process.nextTick(callback, null, value),
          (error) => process.nextTick(callback, error),
        );
      },
    }[name],
    call,
  );
  const { [name]: callLater } = fs.promises;
  fs.promises[name] = {
    [name]: function (/** @type {unknown[]} */ ...args) {
      return isOurs(args[0]) ? later(...args) : Reflect.apply(callLater, this, args);
    },
  }[name];
}

Object.assign(exports, { mend, textOf });

/** @param {unknown} path as node:fs takes it */
function textOf(path) {
  if (typeof path === "string") return path;
  if (path instanceof URL) return path.protocol === "file:" ? fileURLToPath(path) : undefined;
  return Buffer.isBuffer(path) ? path.toString() : undefined;
}

/**
 * As fs.copyFileSync; the copy can be written to.
 *
 * @param {string | Buffer | URL} from
 * @param {string | Buffer | URL} to
 * @param {number} [mode]
 */
function copyFile(from, to, mode = 0) {
  const { COPYFILE_EXCL, S_IWUSR = 0o200 } = fs.constants;
  const content = fs.readFileSync(from);
  const flag = (mode & COPYFILE_EXCL) === 0 ? "w" : "wx";
  fs.writeFileSync(to, content, { flag, mode: (fs.statSync(from).mode & 0o777) | S_IWUSR });
}

/**
 * As fs.cpSync.
 *
 * @param {string | URL} source
 * @param {string | URL} destination
 * @param {any} [options]
 */
function copyTree(source, destination, options = {}) {
  const steps = copySteps(textOf(source) ?? "", textOf(destination) ?? "", options);
  for (let step = steps.next(); !step.done; ) step = steps.next(step.value());
}

/**
 * As fs.promises.cp, whose filter may take its time.
 *
 * @param {string | URL} source
 * @param {string | URL} destination
 * @param {any} [options]
 */
async function copyTreeLater(source, destination, options = {}) {
  const steps = copySteps(textOf(source) ?? "", textOf(destination) ?? "", options);
  for (let step = steps.next(); !step.done; ) step = steps.next(await step.value());
}

/**
 * Copies, and yields what has to be asked.
 *
 * @param {string} from
 * @param {string} to
 * @param {any} options
 * @returns {Generator<() => unknown, void, unknown>}
 */
function* copySteps(from, to, options) {
  const { recursive = false, force = true, errorOnExist = false, filter } = options;
  if (filter && !(yield () => filter(from, to))) return;
  if (!fs.statSync(from).isDirectory()) {
    const isThere = fs.existsSync(to);
    if (isThere && !force && errorOnExist) throw copyError("ERR_FS_CP_EEXIST", "Target already exists", to);
    if (isThere && !force) return;
    fs.mkdirSync(dirname(to), { recursive: true });
    copyFile(from, to, options.mode);
    return;
  }
  if (!recursive)
    throw copyError("ERR_FS_EISDIR", "Recursive option not enabled, cannot copy a directory", from);
  fs.mkdirSync(to, { recursive: true });
  for (const name of fs.readdirSync(from)) yield* copySteps(join(from, name), join(to, name), options);
}

/**
 * @param {string} code
 * @param {string} message
 * @param {string} path
 */
function copyError(code, message, path) {
  return Object.assign(new Error(`${message}: cp ${path}`), { code, path, syscall: "cp" });
}

exports.quietWatcher = quietWatcher;

/** A watcher that sees nothing: nothing ever changes. */
function quietWatcher(/** @type {{ persistent?: boolean } | undefined} */ options) {
  const { EventEmitter } = process.getBuiltinModule("node:events");
  const watcher = /** @type {any} */ (new EventEmitter());
  // As a real one, it keeps the process alive.
  const timer = setInterval(() => {}, 2 ** 31 - 1);
  watcher.ref = () => {
    timer.ref();
    return watcher;
  };
  watcher.unref = () => {
    timer.unref();
    return watcher;
  };
  watcher.close = () => {
    clearInterval(timer);
    process.nextTick(() => watcher.emit("close"));
  };
  if (options?.persistent === false) watcher.unref();
  return watcher;
}

/** @type {Map<string, { watcher: any, listeners: Set<unknown> }>} */
const fileWatchers = new Map();

exports.quietFileWatcher = function quietFileWatcher(
  /** @type {string} */ path,
  /** @type {any} */ options,
  /** @type {unknown} */ listener,
) {
  const { watcher, listeners } = fileWatchers.get(path) ?? {
    watcher: quietWatcher(options),
    listeners: new Set(),
  };
  fileWatchers.set(path, { watcher, listeners });
  listeners.add(listener);
  return watcher;
};

exports.endFileWatcher = function endFileWatcher(
  /** @type {string} */ path,
  /** @type {unknown} */ listener,
) {
  const found = fileWatchers.get(path);
  if (!found) return;
  if (listener === undefined) found.listeners.clear();
  else found.listeners.delete(listener);
  if (found.listeners.size > 0) return;
  fileWatchers.delete(path);
  found.watcher.close();
};

/** No events, until the caller has had enough. */
exports.quietEvents = (/** @type {any} */ options) => ({
  [Symbol.asyncIterator]() {
    return { next: () => endOf(options), return: async () => ({ done: true, value: undefined }) };
  },
});

async function endOf(/** @type {any} */ options) {
  const { once } = process.getBuiltinModule("node:events");
  const watcher = quietWatcher(options);
  try {
    await once(watcher, "close", { signal: options?.signal });
    return { done: true, value: undefined };
  } finally {
    watcher.close();
  }
}
