// @ts-check
"use strict";

/*
 * Carried files on the disk, for those who know nothing of the embedded file system: other programs, and the system's
 * loader of shared libraries. They go into a private folder that is named by the content of what the executable carries, so
 * that they are written once, and never mixed with those of another version:
 *
 *   <place>/sbp-<user>/<hash of the pack's index>/<path in the embedded file system>
 *
 * <place> is the environment's SBP_EXTRACT_DIR, else the user's folder for caches, else the one for temporary files. A
 * file appears whole or not at all, and is compared with the carried one before it is used again.
 */

/** @type {any} */
const fs = process.getBuiltinModule("node:fs");
const { createHash, randomBytes } = process.getBuiltinModule("node:crypto");
const { homedir, tmpdir, userInfo } = process.getBuiltinModule("node:os");
const { dirname, join, resolve } = process.getBuiltinModule("node:path");

/** @type {string | undefined} */
let folder;
/** Those that are there, as this process has seen. */
const extracted = new Set();

/**
 * The path on the disk of a carried file, or of a folder with all that is in it.
 *
 * @param {string} path in the embedded file system, absolute
 * @param {{ root: string, pack: any }} app
 * @returns {string}
 */
exports.extract = function extract(path, { root, pack }) {
  folder ??= privateFolder(pack);
  const target = join(folder, path.slice(root.length));
  if (extracted.has(target)) return target;
  if (fs.statSync(path).isDirectory()) {
    // A link in it may lead back to it.
    extracted.add(target);
    fs.mkdirSync(target, { recursive: true, mode: 0o700 });
    for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
      const inside = join(path, entry.name);
      if (!entry.isSymbolicLink()) extract(inside, { root, pack });
      else link(extract(fs.realpathSync(inside), { root, pack }), join(target, entry.name));
    }
  } else writeFile(path, target);
  extracted.add(target);
  return target;
};

/**
 * @param {string} folder
 * @param {string} path
 */
function link(folder, path) {
  try {
    // Of all links, Windows lets everybody make this one.
    fs.symlinkSync(folder, path, "junction");
  } catch (error) {
    if (/** @type {any} */ (error).code !== "EEXIST" || fs.realpathSync(path) !== fs.realpathSync(folder))
      throw error;
  }
}

/**
 * @param {string} path
 * @param {string} target
 */
function writeFile(path, target) {
  /** @type {Buffer} */
  const content = fs.readFileSync(path);
  const mode = (fs.statSync(path).mode & 0o111) === 0 ? 0o600 : 0o700;
  if (isThere(target, content, mode)) return;
  fs.mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const unfinished = `${target}.${randomBytes(6).toString("hex")}`;
  try {
    fs.writeFileSync(unfinished, content, { flag: "wx", mode });
    fs.renameSync(unfinished, target);
  } catch (error) {
    fs.rmSync(unfinished, { force: true });
    // On Windows a file in use cannot be replaced: another process has extracted it meanwhile.
    if (!isThere(target, content, mode)) throw error;
  }
}

/**
 * @param {string} target
 * @param {Buffer} content
 * @param {number} mode
 */
function isThere(target, content, mode) {
  const stats = fs.lstatSync(target, { throwIfNoEntry: false });
  if (!stats?.isFile() || stats.size !== content.length) return false;
  if (process.platform !== "win32" && (stats.mode & 0o777) !== mode) return false;
  return fs.readFileSync(target).equals(content);
}

/** @param {any} pack */
function privateFolder({ bytes, info, entries }) {
  // Names, places and sizes of all files, and what identifies the build; contents are compared one by one.
  const index = createHash("sha256").update(bytes.subarray(0, entries)).update(JSON.stringify(info));
  const end = Math.min(bytes.length, bytes.readUInt32LE(28));
  const name = index.update(bytes.subarray(entries, end)).digest("hex").slice(0, 32);
  /** @type {unknown[]} */
  const reasons = [];
  for (const place of places()) {
    try {
      const own = join(place, `sbp-${user()}`);
      fs.mkdirSync(own, { recursive: true, mode: 0o700 });
      checkPrivate(own);
      const ofPack = join(own, name);
      fs.mkdirSync(ofPack, { recursive: true, mode: 0o700 });
      checkPrivate(ofPack);
      return ofPack;
    } catch (error) {
      reasons.push(error);
    }
  }
  throw new AggregateError(
    reasons,
    `There is no folder to extract files to (SBP_EXTRACT_DIR can name one): ${reasons.map(String).join("; ")}`,
  );
}

function places() {
  const { SBP_EXTRACT_DIR: chosen, XDG_CACHE_HOME: cache, LOCALAPPDATA: local } = process.env;
  if (chosen) return [resolve(chosen)];
  const home = homedir();
  const caches =
    process.platform === "win32" ? local : cache || (home && home !== "/" ? join(home, ".cache") : undefined);
  return caches ? [caches, tmpdir()] : [tmpdir()];
}

function user() {
  return process.getuid ? `${process.getuid()}` : userInfo().username.replace(/[^\w.-]/g, "_");
}

/**
 * Nobody else may have made it, or be able to write into it: what lies there is run.
 *
 * @param {string} path
 */
function checkPrivate(path) {
  const stats = fs.lstatSync(path);
  if (!stats.isDirectory()) throw new Error(`${path} is no folder`);
  if (process.getuid && (stats.uid !== process.getuid() || (stats.mode & 0o022) !== 0))
    throw new Error(`${path} is not private to its user`);
}
