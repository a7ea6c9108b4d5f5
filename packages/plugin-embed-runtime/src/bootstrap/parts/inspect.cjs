// @ts-check
"use strict";

/*
 * A debugger for an app whose builder has allowed one. Two variables of the environment ask for it, with what node's options
 * --inspect and --inspect-brk take ([host:]port, nothing for 127.0.0.1:9229). Both are for this process alone: its children
 * would ask for the same port.
 */

const { brotliDecompressSync } = process.getBuiltinModule("node:zlib");

const variable = "SBP_INSPECT";
const waitingVariable = "SBP_INSPECT_BRK";

/** Listens if it is asked to, and tells whether it is; at `waits` the debugger has come. */
exports.listen = function listen() {
  const { [variable]: plain, [waitingVariable]: waiting } = process.env;
  delete process.env[variable];
  delete process.env[waitingVariable];
  const address = waiting ?? plain;
  if (address === undefined) return undefined;
  const [, host, port] = /^(?:(?:\[?([^[\]]+)\]?:)?(\d{1,5}))?$/.exec(address) ?? [address];
  if (host === undefined && port === undefined && address !== "") refuse(address);
  if (Number(port ?? 0) > 65_535) refuse(address);
  const inspector = process.getBuiltinModule("node:inspector");
  inspector.open(Number(port ?? 9229), host ?? "127.0.0.1", waiting !== undefined);
  return { waits: waiting !== undefined };
};

/**
 * @param {string} address
 * @returns {never}
 */
function refuse(address) {
  console.error(`${process.execPath}: ${variable} must be [host:]port: ${address}`);
  process.exit(9);
}

/** Where a debugger that was waited for takes over: the next step is the app's first. */
exports.pause = function pause() {
  // biome-ignore lint/suspicious/noDebugger: this is for one.
  debugger;
};

/**
 * The main file's text with its source map in it, for the debugger.
 *
 * @param {string} text
 * @param {import("../../pack.ts").PackedSourceMap} files
 * @param {(path: string) => { bytes: () => Buffer }} find finds a file of the pack
 */
exports.withSourceMap = function withSourceMap(text, files, find) {
  const read = (/** @type {string} */ path) =>
    JSON.parse(brotliDecompressSync(find(path).bytes()).toString());
  const map = {
    version: 3,
    ...read(files.map),
    ...(files.content && { sourcesContent: read(files.content) }),
  };
  const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
  return text.replace(/(?<=\n\/\/# sourceMappingURL=)source-map(?=\n\}\)$)/, () => url);
};
