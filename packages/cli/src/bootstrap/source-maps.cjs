/*
 * Source maps that are read when the first stack trace asks for them. Node takes in the map of a module when it loads it, which
 * for a large app takes as long as all the rest of its start. So while it does, there is a map without mappings in the map's place
 * (see AppFolder), and the right one follows while the app starts already. Here node's class for maps learns to tell the two apart.
 * Debuggers and coverage read the file for themselves, when they please: for them it is waited for.
 */
"use strict";

const { readFileSync } = require("node:fs");
const { SourceMap } = require("node:module");
const { pathToFileURL } = require("node:url");

/** Milliseconds. The right map follows in a hundred, or at once where it is asked for. */
const longestWait = 3000;

const { prototype } = SourceMap;
const original = Object.getOwnPropertyDescriptors(prototype);

/** By what node has made of a file, the map that is to be asked. */
const known = new WeakMap();

for (const key of Reflect.ownKeys(original)) {
  const { get, value } = original[key];
  if (get) Object.defineProperty(prototype, key, { get: ofTheRightOne(get) });
  else if (key !== "constructor") Object.defineProperty(prototype, key, { value: ofTheRightOne(value) });
}

function ofTheRightOne(method) {
  const same = function (...args) {
    return Reflect.apply(method, theRightOne(this), args);
  };
  return Object.defineProperty(same, "name", { value: method.name });
}

function theRightOne(map) {
  const before = known.get(map);
  if (before) return before;
  const file = follower(Reflect.apply(original.payload.get, map, []));
  const right = file === undefined ? map : read(file, map);
  // Out of patience: the next stack trace tries again.
  if (!right) return map;
  known.set(map, right).set(right, right);
  return right;
}

/** Where the right map will be; undefined for one that is. */
function follower({ x_sbp_follows: file }) {
  return file;
}

function read(file, map) {
  const content = followed(file);
  if (!content) return undefined;
  // As node does when it reads a map.
  const { sourceRoot = "", sources, ...rest } = content;
  const absolute = sources.map((source) => new URL(sourceRoot + source, pathToFileURL(file)).href);
  const lineLengths = original.lineLengths && Reflect.apply(original.lineLengths.get, map, []);
  return new SourceMap({ ...rest, sources: absolute }, { lineLengths });
}

/** What a file holds once the right map is there. Undefined where none comes. */
function followed(file) {
  const never = new Int32Array(new SharedArrayBuffer(4));
  try {
    for (const end = Date.now() + longestWait; Date.now() < end; Atomics.wait(never, 0, 0, 2)) {
      const content = JSON.parse(readFileSync(file, "utf8"));
      if (follower(content) === undefined) return content;
      exports.ask();
    }
  } catch {
    // There is none, or whoever has made it is gone.
  }
  return undefined;
}

exports.followed = followed;
/** Has the right maps come now. */
exports.ask = () => {};
