// @ts-check
"use strict";

/* What `stat` says of carried files, which the pack does not tell: they are as old as their executable, and its owner's. */

/** @type {any} */
const fs = process.getBuiltinModule("node:fs");

/** @type {any} */
let ofExecutable;
/** @type {any} */
let bigIntPrototype;

/**
 * @param {{ mode: number, size: number, entry: number }} file
 * @param {{ bigint?: boolean }} [options]
 */
exports.fileStats = function fileStats({ mode, size, entry }, options) {
  // Files are as old as their executable: what caches by time sees a new version.
  ofExecutable ??= fs.statSync(process.argv[0]);
  const { dev, uid, gid, mtimeMs: time } = ofExecutable;
  const values = {
    dev,
    mode,
    nlink: (mode & 0o40000) === 0 ? 1 : 2,
    uid,
    gid,
    rdev: 0,
    blksize: 4096,
    // Nobody else on that device has these.
    ino: 2 ** 40 + entry,
    size,
    blocks: Math.ceil(size / 512),
    atimeMs: time,
    mtimeMs: time,
    ctimeMs: time,
    birthtimeMs: time,
  };
  if (options?.bigint !== true) return Object.assign(Object.create(fs.Stats.prototype), values);
  bigIntPrototype ??= Object.getPrototypeOf(fs.statSync(process.argv[0], { bigint: true }));
  const stats = Object.create(bigIntPrototype);
  for (const [name, value] of Object.entries(values)) {
    stats[name] = BigInt(Math.floor(value));
    if (name.endsWith("Ms")) stats[`${name.slice(0, -2)}Ns`] = BigInt(Math.floor(value)) * 1_000_000n;
  }
  return stats;
};
