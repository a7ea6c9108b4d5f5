// @ts-check
"use strict";

/* The folders above the embedded file system, which the system does not know as such: what node:fs says of them. */

/** @type {any} */
const fs = process.getBuiltinModule("node:fs");
const os = process.getBuiltinModule("node:os");
const { basename, dirname, resolve } = process.getBuiltinModule("node:path");

/**
 * A mount point shows in the folders above it: globs walk there from the current folder. The system knows nothing of this
 * one, and of /dev/null that it is no folder. Of the folders on the way it has one alone: /dev, or the drive.
 *
 * @param {string} root
 * @param {any} calls parts/file-system-calls.cjs
 */
exports.showMountPoint = function showMountPoint(root, { mend, textOf }) {
  const isWindows = root.includes("\\");
  const real = /^(?:\/[^/]+|[A-Z]:\\)/.exec(root)?.[0];
  if (real === undefined) return;
  // By folder, what lies in it on the way to the mount point.
  const onTheWay = new Map();
  for (let path = root.slice(0, -1); path !== real; path = dirname(path))
    onTheWay.set(dirname(path), basename(path));
  const folderOf = (/** @type {unknown} */ path) => {
    const text = textOf(path) ?? "";
    return isWindows && text !== "" ? resolve(text) : text.replace(/(?<=.)\/+$/, "");
  };
  const entriesOf = (
    /** @type {unknown} */ path,
    /** @type {any} */ options,
    /** @type {any[]} */ others,
  ) => {
    const folder = folderOf(path);
    const name = onTheWay.get(folder) ?? "";
    if (options?.withFileTypes !== true) return [...new Set([...others, name])];
    const entry = new fs.Dirent(name, fs.constants.UV_DIRENT_DIR, folder);
    return [...others.filter((other) => other.name !== name), entry];
  };
  const { readdirSync } = fs;
  const { readdir } = fs.promises;
  const isReal = (/** @type {unknown} */ path) => folderOf(path) === real;
  mend(
    "readdir",
    (/** @type {unknown} */ path) => onTheWay.has(folderOf(path)),
    (/** @type {unknown} */ path, /** @type {unknown} */ options) =>
      entriesOf(path, options, isReal(path) ? readdirSync(path, options) : []),
    async (/** @type {unknown} */ path, /** @type {unknown} */ options) =>
      entriesOf(path, options, isReal(path) ? await readdir(path, options) : []),
  );
  if (!isWindows) showFoldersAbove(onTheWay, root, { mend, textOf });
};

/**
 * Who looks for a file in one folder after the other, upwards, expects of each that it is there and the file is not. The
 * system says ENOTDIR of all that is below its null device.
 *
 * @param {ReadonlyMap<string, string>} onTheWay
 * @param {string} root
 * @param {any} calls as above
 */
function showFoldersAbove(onTheWay, root, { mend, textOf }) {
  const device = root.slice(0, root.indexOf("/", "/dev/".length) + 1);
  const isBelowDevice = (/** @type {unknown} */ path) => {
    const text = textOf(path);
    return text?.startsWith(device) === true && !text.startsWith(root);
  };
  /** @param {any} error */
  const absent = (error) => {
    if (error?.code !== "ENOTDIR") return error;
    const message = error.message.replace("ENOTDIR: not a directory", "ENOENT: no such file or directory");
    return Object.assign(error, { message, code: "ENOENT", errno: -os.constants.errno.ENOENT });
  };
  // What these say of a folder is true of the mount point as well.
  const saysKind = new Set(["stat", "lstat", "access", "readFile"]);
  for (const name of [...saysKind, "open", "opendir", "realpath"]) {
    const { [`${name}Sync`]: now } = fs;
    const { [name]: later } = fs.promises;
    const meant = (/** @type {unknown} */ path) =>
      saysKind.has(name) && onTheWay.has(textOf(path)?.replace(/\/+$/, "") ?? "") ? root : path;
    mend(
      name,
      isBelowDevice,
      (/** @type {unknown} */ path, /** @type {unknown[]} */ ...rest) => {
        try {
          return now(meant(path), ...rest);
        } catch (error) {
          throw absent(error);
        }
      },
      (/** @type {unknown} */ path, /** @type {unknown[]} */ ...rest) =>
        later(meant(path), ...rest).catch((/** @type {unknown} */ error) => Promise.reject(absent(error))),
    );
  }
}
