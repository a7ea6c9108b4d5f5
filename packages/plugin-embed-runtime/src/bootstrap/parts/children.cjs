// @ts-check
"use strict";

/*
 * Programs that the app starts. One that starts process.execPath with arguments wants node to run a script, and would
 * get the app again, which would do the same: so the child is told to be node (node-mode.cjs). Other programs know nothing
 * of the embedded file system: what they are to run, work in or read is extracted for them.
 */

/** Tells a child of this executable to be node. Its value is the executable, because other programs may inherit it. */
const marker = "SBP_AS_NODE";

/**
 * @param {object} app
 * @param {string} app.execPath
 * @param {(path: string) => string} app.onDisk the same path, or that of its extracted copy
 */
exports.watchChildren = function watchChildren({ execPath, onDisk }) {
  /** @type {any} */
  const { ChildProcess } = process.getBuiltinModule("node:child_process");
  // All ways to start a program end in one of these, however they were imported.
  watch(ChildProcess.prototype);
  watch(/** @type {any} */ (process).binding("spawn_sync"));

  /** @param {any} starter */
  function watch(starter) {
    const { spawn } = starter;
    starter.spawn = {
      spawn: function (/** @type {any} */ options, /** @type {unknown[]} */ ...rest) {
        const isPlain = typeof options?.file !== "string" || !Array.isArray(options.args);
        return Reflect.apply(spawn, this, [isPlain ? options : prepared(options), ...rest]);
      },
    }.spawn;
  }

  /** @param {{ file: string, args: string[], envPairs?: string[], cwd?: string | URL }} options */
  function prepared({ file, args, envPairs, cwd, ...options }) {
    const isNode = file === execPath;
    const mayStartNode = isNode
      ? args.length > 1
      : args.some((argument) => String(argument).includes(execPath));
    return {
      ...options,
      file: onDisk(file),
      // Our own children see the same files.
      args: isNode ? args : args.map((argument) => onDisk(argument)),
      cwd: typeof cwd === "string" ? onDisk(cwd) : cwd,
      envPairs: mayStartNode ? [...(envPairs ?? ownEnvironment()), `${marker}=${execPath}`] : envPairs,
    };
  }
};

function ownEnvironment() {
  return Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
}
