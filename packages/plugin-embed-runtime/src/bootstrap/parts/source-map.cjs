// @ts-check
"use strict";

/*
 * Stack traces that lead to the sources. Node can write them, from the source maps of modules that it has loaded
 * itself (https://nodejs.org/api/module.html#source-map-support); the main file is none of those. So Node is given an
 * empty module of the same name with an empty map, and that map's object answers from the map in the pack.
 *
 * Node's own class for maps would take all mappings apart at once: seconds and hundreds of megabytes for a large
 * bundle. This one notes every 128th and reads on from there.
 */

/** @type {any} */
const Module = process.getBuiltinModule("node:module");
const { brotliDecompressSync } = process.getBuiltinModule("node:zlib");

const emptyMap = Buffer.from('{"version":3,"sources":[],"names":[],"mappings":""}').toString("base64");
const segmentsPerMark = 128;

/** @typedef {(path: string) => { bytes: () => Buffer }} Find finds a file of the pack */

/**
 * From now on `error.stack` of these files leads to their sources, and so does what Node prints of an uncaught error.
 *
 * @param {Iterable<[filename: string, files: import("../../pack.ts").PackedSourceMap]>} maps
 * @param {Find} find
 */
exports.useSourceMaps = function useSourceMaps(maps, find) {
  // Before Node 22.14 there was only the other one.
  if (Module.setSourceMapsSupport) Module.setSourceMapsSupport(true);
  else process.setSourceMapsEnabled(true);
  for (const [filename, files] of maps) useSourceMap(filename, files, find);
};

/**
 * @param {string} filename
 * @param {import("../../pack.ts").PackedSourceMap} files read when the file's first place is looked for
 * @param {Find} find
 */
function useSourceMap(filename, files, find) {
  const read = (/** @type {string} */ path) =>
    JSON.parse(brotliDecompressSync(find(path).bytes()).toString());
  /** @type {{ sources: string[], names: string[], mappings: string } | undefined} */
  let content;
  const sourceMap = () => (content ??= read(files.map));
  /** @type {ReturnType<typeof decoder> | undefined} */
  let positionOf;

  const module = new Module(filename);
  module._compile(`//# sourceMappingURL=data:application/json;base64,${emptyMap}`, filename);
  const map = Module.findSourceMap(filename);
  if (map === undefined) return;
  // Node forgets the map of a module that nobody holds.
  Object.defineProperty(Module, Symbol("source map"), { value: module });

  /**
   * @param {number} line from 0, as all here
   * @param {number} column
   */
  map.findEntry = function findEntry(line, column) {
    const { sources, names, mappings } = sourceMap();
    positionOf ??= decoder(mappings);
    const position = positionOf(line, column);
    // Node expects a source of what it prints above an uncaught error, even if there is none.
    if (position === undefined) return { originalSource: "" };
    return {
      generatedLine: line,
      generatedColumn: position.generatedColumn,
      originalSource: sources[position.source] ?? "",
      originalLine: position.line,
      originalColumn: position.column,
      name: position.name === undefined ? undefined : names[position.name],
    };
  };
  /** @type {string[] | undefined} */
  let sourcesContent;
  Object.defineProperty(map, "payload", {
    get() {
      if (files.content !== undefined) sourcesContent ??= read(files.content);
      return { version: 3, file: "", ...sourceMap(), ...(sourcesContent && { sourcesContent }) };
    },
  });
}

/**
 * Reads the mappings of a source map (ECMA-426, "Mappings").
 *
 * @param {string} mappings
 */
function decoder(mappings) {
  // What has been read up to `at`.
  let at = 0;
  let generatedLine = 0;
  let generatedColumn = 0;
  let source = 0;
  let line = 0;
  let column = 0;
  let name = 0;
  /** How many numbers the last segment has: 1 leads nowhere, 5 has a name. */
  let fields = 0;

  /** Such states, eight numbers each, at every so many segments. @type {number[]} */
  const marks = [];
  for (let segments = 0; readSegment(); segments++)
    if (segments % segmentsPerMark === 0)
      marks.push(at, generatedLine, generatedColumn, source, line, column, name, fields);

  /**
   * The segment that a place of the generated file lies in; undefined for one that comes from no source.
   *
   * @param {number} wantedLine
   * @param {number} wantedColumn
   */
  return function positionOf(wantedLine, wantedColumn) {
    let low = 0;
    let high = marks.length / 8;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBehind(marks[8 * middle + 1] ?? 0, marks[8 * middle + 2] ?? 0)) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return undefined;
    restore(8 * (low - 1));
    let found = state();
    while (readSegment() && !isBehind(generatedLine, generatedColumn)) found = state();
    return found.generatedLine === wantedLine && found.fields >= 4 ? found : undefined;

    /**
     * @param {number} atLine
     * @param {number} atColumn
     */
    function isBehind(atLine, atColumn) {
      return atLine > wantedLine || (atLine === wantedLine && atColumn > wantedColumn);
    }
  };

  function state() {
    return {
      generatedLine,
      generatedColumn,
      source,
      line,
      column,
      name: fields >= 5 ? name : undefined,
      fields,
    };
  }

  /** @param {number} mark */
  function restore(mark) {
    [at, generatedLine, generatedColumn, source, line, column, name, fields] =
      /** @type {[number, number, number, number, number, number, number, number]} */ (
        marks.slice(mark, mark + 8)
      );
  }

  /** False at the end. */
  function readSegment() {
    for (; isSeparator(mappings.charCodeAt(at)); at++) {
      if (mappings.charCodeAt(at) !== semicolon) continue;
      generatedLine++;
      generatedColumn = 0;
    }
    if (at >= mappings.length) return false;
    generatedColumn += number();
    fields = 1;
    if (isSegmentEnd()) return true;
    source += number();
    line += number();
    column += number();
    fields = 4;
    if (isSegmentEnd()) return true;
    name += number();
    fields = 5;
    // What a later edition may add.
    while (!isSegmentEnd()) number();
    return true;
  }

  /** A number in Base64 VLQ. */
  function number() {
    let value = 0;
    for (let shift = 0; ; shift += 5) {
      const digit = digits[mappings.charCodeAt(at++)] ?? 0;
      value += (digit & 31) << shift;
      if ((digit & 32) === 0) return value & 1 ? -(value >>> 1) : value >>> 1;
    }
  }

  function isSegmentEnd() {
    return at >= mappings.length || isSeparator(mappings.charCodeAt(at));
  }
}

const comma = 44;
const semicolon = 59;

/** @param {number} code */
function isSeparator(code) {
  return code === comma || code === semicolon;
}

/** Value of a Base64 digit by its character code. @type {number[]} */
const digits = [];
for (const [value, character] of [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
].entries())
  digits[character.charCodeAt(0)] = value;
