/*
 * Runs first in every process of an app under `sbp dev`, by --require: the process has started, and waits for the bundle.
 *
 *   fd 3 ◄── {"modules":[…],…}\n   load these of Node's, which the bundle will probably want
 *        ◄── {"overlay":"…"}\n     run: read synchronously, so that nothing of it shows in the event loop
 *        ──► maps\n                a stack trace is written: the source maps are wanted now
 *        ──► stdin\n               the app asks for standard input
 *        ◄── {"stdin":true}\n      it is the app's now: waited for, so that nothing typed at what it shows next is lost
 *        ──► listening 8080\n      only where the old process serves until this one is ready (restart.ready)
 *        ──► accepted 51234\n
 *
 * The overlay says what node finds in the place of sources: the bundle under its entry's name, scripts of workers under
 * theirs. So `import.meta`, `__dirname`, arguments, exit codes and stack traces are what node makes of them. Workers and
 * forked processes come through here as well, by the options that they inherit, and take the newest overlay.
 */
"use strict";

const { readFileSync, readSync, writeSync } = require("node:fs");
const Module = require("node:module");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");
const sourceMaps = require("./source-maps.cjs");

const channel = 3;
const isApp =
  process.env.SBP_DEV_CHANNEL === String(process.ppid) && require("node:worker_threads").isMainThread;
delete process.env.SBP_DEV_CHANNEL;

const networkModules = /^node:(?:net|tls|https?|http2)$/;

/** The path of the code and its format, by the URL of the source that it stands for. */
const files = new Map();

if (isApp) {
  if (Module.registerHooks) hook();
  const order = waitForOrder();
  sourceMaps.ask = () => tell("maps");
  if (order.inspect) require("node:inspector").open(order.inspect.port, order.inspect.host);
  if (order.tellStdin) tellStdin();
  if (order.sharePorts) sharePorts();
  take(order.overlay);
  if (!Module.registerHooks) hookInThread();
} else if (take(join(__dirname, "overlay.json"))) {
  if (Module.registerHooks) hook();
  else hookInThread();
}

/** Node has started as far as it can: from here on, only the bundle is missing. */
function waitForOrder() {
  for (const message of messages()) {
    if (message.overlay) return message;
    warmUp(message);
  }
  // Whoever would have sent the order is gone.
  process.exit(0);
}

/** What is said on the channel, waited for, until nobody is there any more. */
function* messages() {
  const bytes = Buffer.alloc(65536);
  let text = "";
  for (;;) {
    const length = readSync(channel, bytes);
    if (length === 0) return;
    const lines = (text + bytes.toString("utf8", 0, length)).split("\n");
    text = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

/** False where there is no overlay. */
function take(overlay) {
  try {
    for (const [file, value] of Object.entries(JSON.parse(readFileSync(overlay, "utf8"))))
      files.set(pathToFileURL(file).href, value);
    const isInspected = process.features.inspector && require("node:inspector").url() !== undefined;
    if (isInspected || process.env.NODE_V8_COVERAGE)
      for (const { code } of files.values()) sourceMaps.followed(`${code}.map`);
    return true;
  } catch {
    return false;
  }
}

function hook() {
  Module.registerHooks({
    load(url, context, next) {
      const file = files.get(url);
      if (!file) return next(url, context);
      const source = file.source ?? readFileSync(file.code, "utf8");
      return { format: file.format, source, shortCircuit: true };
    },
  });
}

/** Before Node 22.15 hooks live in a thread of their own. */
function hookInThread() {
  const hooks = `
    import { readFile } from "node:fs/promises";
    let files;
    export function initialize(data) { files = data; }
    export async function load(url, context, next) {
      const file = files.get(url);
      if (!file) return next(url, context);
      return { format: file.format, source: await readFile(file.code, "utf8"), shortCircuit: true };
    }`;
  Module.register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: files });
}

/**
 * Loads modules of Node's the way the bundle will: an import of theirs reads everything that they export, which loads half of
 * node's insides, and the first use of the module loaders does the rest; together as long as node's start. The file is in a
 * folder called node_modules, since older versions warn elsewhere.
 */
function warmUp({ modules, format }) {
  if (modules.some((name) => networkModules.test(name))) {
    // What listening loads late; the pattern of IPv6 addresses takes V8 four milliseconds.
    require("node:dns");
    require("node:cluster");
    require("node:net").isIPv6("127.0.0.1");
  }
  if (format === "commonjs" || !Module.registerHooks || !process.features.require_module) {
    for (const name of modules) require(name);
    return;
  }
  const file = join(__dirname, "node_modules/warm.mjs");
  const source = modules.map((name) => `import ${JSON.stringify(name)};`).join(" ");
  files.set(pathToFileURL(file).href, { source, format: "module" });
  require(file);
  files.delete(pathToFileURL(file).href);
  delete require.cache[file];
}

/** Standard input is the terminal's keys for sbp until the app asks for it. */
function tellStdin() {
  const descriptor = Object.getOwnPropertyDescriptor(process, "stdin");
  Object.defineProperty(process, "stdin", {
    ...descriptor,
    get() {
      Object.defineProperty(process, "stdin", descriptor);
      tell("stdin");
      waitForInput();
      return process.stdin;
    },
  });
}

function waitForInput() {
  try {
    for (const message of messages()) if (message.stdin) return;
  } catch {
    // Nobody is there any more, so nobody else reads.
  }
}

/** Lets another process listen on the same port, and tells what comes in. */
function sharePorts() {
  const { Server } = require("node:net");
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    this.once("listening", () => {
      const address = this.address();
      if (address && typeof address === "object") tell(`listening ${address.port}`);
    });
    let told = 0;
    const onConnection = ({ remotePort }) => {
      tell(`accepted ${remotePort}`);
      if (++told > 100) this.off("connection", onConnection);
    };
    this.on("connection", onConnection);
    return listen.apply(this, withReusePort(args));
  };
}

function withReusePort(args) {
  const [first, second] = args;
  if (typeof first === "object" && first !== null && first.port !== undefined)
    return [{ ...first, reusePort: true }, ...args.slice(1)];
  const isPort = typeof first === "number" || (typeof first === "string" && /^\d+$/.test(first));
  if (!isPort) return args;
  const host = typeof second === "string" ? { host: second } : {};
  return [
    { port: Number(first), ...host, reusePort: true },
    ...args.filter((arg) => typeof arg === "function"),
  ];
}

function tell(line) {
  try {
    writeSync(channel, `${line}\n`);
  } catch {
    // Nobody listens any more.
  }
}
