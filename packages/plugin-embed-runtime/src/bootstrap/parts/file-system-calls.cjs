// @ts-check
"use strict";

/*
 * Calls of node:fs that node:vfs leaves out or gets wrong for a mounted file system that nobody can write to: copies out of
 * it, globs by absolute patterns, watchers.
 */

/** @type {any} */
const fs = process.getBuiltinModule("node:fs");

exports.mendCalls = function mendCalls(/** @type {string} */ _root) {};
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
// biome-ignore lint/correctness/useYield: there are none
exports.quietEvents = async function* quietEvents(/** @type {any} */ options) {
  const { once } = process.getBuiltinModule("node:events");
  const watcher = quietWatcher(options);
  try {
    await once(watcher, "change", { signal: options?.signal });
  } finally {
    watcher.close();
  }
};
void fs;
