/*
 * Runs first in every process of an app under `sbp dev`, by --require: the process has started, and waits for the bundle.
 *
 *   fd 3 ◄── {"modules":[…]}\n     load these of Node's, which the bundle will probably want
 *        ◄── {"overlay":"…"}\n     run: read synchronously, so that nothing of it shows in the event loop
 *        ──► stdin\n               the app asks for standard input
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

const channel = 3;
const isApp =
  process.env.SBP_DEV_CHANNEL === String(process.ppid) && require("node:worker_threads").isMainThread;
delete process.env.SBP_DEV_CHANNEL;

if (isApp) {
  const order = waitForOrder();
  if (order.inspect) require("node:inspector").open(order.inspect.port, order.inspect.host);
  if (order.tellStdin) tellStdin();
  if (order.sharePorts) sharePorts();
  install(order.overlay);
} else install(join(__dirname, "overlay.json"));

/** Node has started as far as it can: from here on, only the bundle is missing. */
function waitForOrder() {
  const bytes = Buffer.alloc(65536);
  let text = "";
  for (;;) {
    const length = readSync(channel, bytes);
    // Whoever would have sent the order is gone.
    if (length === 0) process.exit(0);
    const lines = (text + bytes.toString("utf8", 0, length)).split("\n");
    text = lines.pop();
    for (const line of lines) {
      const message = JSON.parse(line);
      if (message.overlay) return message;
      for (const name of message.modules) require(name);
    }
  }
}

/** `files`: the path of the code and its format, by the path of the source that it stands for. */
function install(overlay) {
  let files;
  try {
    files = new Map(
      Object.entries(JSON.parse(readFileSync(overlay, "utf8"))).map(([file, value]) => [
        pathToFileURL(file).href,
        value,
      ]),
    );
  } catch {
    return;
  }
  if (Module.registerHooks) {
    Module.registerHooks({
      load(url, context, next) {
        const file = files.get(url);
        if (!file) return next(url, context);
        return { format: file.format, source: readFileSync(file.code, "utf8"), shortCircuit: true };
      },
    });
    return;
  }
  // Before Node 22.15 hooks live in a thread of their own.
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

/** Standard input is the terminal's keys for sbp until the app asks for it. */
function tellStdin() {
  const descriptor = Object.getOwnPropertyDescriptor(process, "stdin");
  Object.defineProperty(process, "stdin", {
    ...descriptor,
    get() {
      Object.defineProperty(process, "stdin", descriptor);
      tell("stdin");
      return process.stdin;
    },
  });
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
