// @ts-check
"use strict";

/*
 * Programs that the app starts. One that starts process.execPath with arguments wants node to run a script, and would
 * get the app again, which would do the same: so the child is told to be node (node-mode.cjs). Other programs know nothing
 * of the embedded file system: what they are to run, work in or read is extracted for them.
 */

const { dirname, normalize } = process.getBuiltinModule("node:path");

/** Tells a child of this executable to be node. Its value is the executable, because other programs may inherit it. */
const marker = "SBP_AS_NODE";

/**
 * @param {object} app
 * @param {string} app.execPath
 * @param {string} app.root
 * @param {(path: string) => string} app.onDisk the same path, or that of its extracted copy
 */
exports.watchChildren = function watchChildren({ execPath, root, onDisk }) {
  /** @type {any} */
  const { ChildProcess } = process.getBuiltinModule("node:child_process");
  // All ways to start a program end in one of these, however they were imported.
  watch(ChildProcess.prototype);
  watch(/** @type {any} */ (process).binding("spawn_sync"));

  /**
   * With its neighbours, which it may need.
   *
   * @param {string} file
   */
  function programOnDisk(file) {
    const folder = dirname(normalize(file));
    if (folder.startsWith(root)) onDisk(folder);
    return onDisk(file);
  }

  /** @param {string} text an argument, a shell's command among them */
  function textOnDisk(text) {
    const whole = onDisk(text);
    if (whole !== text || !text.includes(root)) return whole;
    return text
      .split(root)
      .map((part, index) => {
        if (index === 0) return part;
        const [path = ""] = /^[^\s"'`;|&<>()]*/.exec(part) ?? [];
        return onDisk(root + path) + part.slice(path.length);
      })
      .join("");
  }

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
      file: programOnDisk(file),
      // Our own children see the same files.
      args: isNode ? args : args.map((argument) => textOnDisk(String(argument))),
      cwd: typeof cwd === "string" ? onDisk(cwd) : cwd,
      envPairs: mayStartNode ? [...(envPairs ?? ownEnvironment()), `${marker}=${execPath}`] : envPairs,
    };
  }
};

function ownEnvironment() {
  return Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
}
