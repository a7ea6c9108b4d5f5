// Starts workers and processes of the files around it, and prints what they say. The same under node and in an executable.
const { execFileSync, execSync, exec, fork, spawnSync } = require("node:child_process");
const cluster = require("node:cluster");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { Worker } = require("node:worker_threads");

const beside = (name) => path.join(__dirname, name);
const print = (name, value) => console.log(`${name}\t${JSON.stringify(value)}`);

const messagesOf = (filename, options) =>
  new Promise((resolve) => {
    const messages = [];
    try {
      new Worker(filename, options)
        .on("message", (message) => messages.push(message))
        .on("error", (error) => messages.push(error.name))
        .on("exit", (code) => resolve([...messages, code]));
    } catch (error) {
      resolve(error.code);
    }
  });

const ended = (child) =>
  new Promise((resolve) => {
    const messages = [];
    child
      .on("message", (message) => messages.push(message))
      .on("exit", (code) => resolve([...messages, code]));
  });

const node = (args, options) => {
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", ...options });
  return [status, stdout];
};

async function workers() {
  print("file", await messagesOf(beside("worker.cjs"), { workerData: 1 }));
  print("nested", await messagesOf(beside("worker.cjs"), { workerData: "nest" }));
  // Messages and errors come by ways of their own.
  print("throws", (await messagesOf(beside("worker.cjs"), { workerData: "throw" })).map(String).sort());
  print("url", await messagesOf(pathToFileURL(beside("worker.mjs"))));
  print("missing", (await messagesOf(beside("none.cjs"))).at(-1));
  print("bare name", await messagesOf("worker.cjs"));
  const options = { argv: ["a"], execArgv: ["--no-warnings"], env: { A: "1" } };
  print("options", await messagesOf(beside("worker.cjs"), options));
  const before = beside("before.cjs");
  const first = { execArgv: ["--no-warnings", "-r", before, `--require=${before}`], workerData: "first" };
  print("carried file first", await messagesOf(beside("worker.cjs"), first));
  const NODE_OPTIONS = `--no-warnings -r ${JSON.stringify(before)} --no-deprecation`;
  const byEnvironment = await messagesOf(beside("worker.cjs"), {
    env: { NODE_OPTIONS },
    workerData: "environment",
  });
  print("carried file first, by the environment", byEnvironment);
  const text = `require("worker_threads").parentPort.postMessage([__filename, process.argv.length])`;
  print("text", await messagesOf(text, { eval: true }));
  print("text throws", await messagesOf("throw new TypeError()", { eval: true }));
  const data = `import { parentPort } from "node:worker_threads"; parentPort.postMessage(1)`;
  print("data", await messagesOf(new URL(`data:text/javascript,${data}`)));
}

async function children(folder) {
  fs.writeFileSync(
    path.join(folder, "script.js"),
    "console.log(process.argv.slice(2), require.main === module)",
  );
  fs.writeFileSync(path.join(folder, "module.mjs"), "console.log(import.meta.main, process.argv.slice(2))");
  fs.writeFileSync(path.join(folder, "before.cjs"), `console.log("before")`);
  fs.writeFileSync(path.join(folder, "before.mjs"), `console.log("before", await 1)`);
  fs.writeFileSync(
    path.join(folder, "again.cjs"),
    `console.log(String(require("child_process").spawnSync(process.execPath, ["-p", "1 + 1"]).stdout))`,
  );
  const here = { cwd: folder };
  print("carried script", node([beside("child.cjs"), "a", "b"]));
  print("carried module", node([beside("child.mjs"), "a"]));
  print("carried, options", node(["--max-old-space-size=100", "--no-warnings", beside("child.cjs")]));
  print("carried, missing", node([beside("none.js")]));
  print("script", node(["./script.js", "x", "--y"], here));
  print("script without extension", node(["script"], here));
  print("module", node(["module.mjs", "x"], here));
  print("preloaded", node(["-r", "./before.cjs", "--import", "./before.mjs", "script.js"], here));
  print("script that starts node", node(["again.cjs"], here));
  print("missing", node(["none.js"], here));
  print("-e", node(["-e", "console.log(process.argv.length, process.execArgv, require('fs') === fs)", "a"]));
  print("-e module", node(["-e", "import fs from 'fs'; console.log(typeof fs.readFileSync, await 3)"]));
  print("--input-type", node(["--input-type=module", "--eval", "console.log(typeof require)"]));
  print("-e throws", node(["-e", "throw new Error('on purpose')"]));
  print("-p", node(["-p", "1 + 1"]));
  print("no option of node's", node(["--no-such-flag", "-p", "1"]));
  print("an option without its value", node(["-r"]));
  print("options of V8 and node", node(["--no-opt", "--trace_uncaught", "--stack-size=900", "-p", "2"]));
  print("--version", node(["--version"]));
  print("--v8-options", node(["--v8-options"])[1].match(/^ {2}--stack-size\b/gm));
  print("standard input", node(["-", "a"], { input: "console.log(process.argv.slice(1))" }));
  print("execFileSync", String(execFileSync(process.execPath, ["-p", "3"])));
  print("execSync", String(execSync(`"${process.execPath}" -p 2+2`)));
  print("exec", await new Promise((resolve) => exec(`"${process.execPath}" -p 4`, (...all) => resolve(all))));
  print("app", node([process.argv[1], "again", "--v"]));
  print("environment", execSync("env").toString().includes("SBP"));
  print("fork", await ended(fork(beside("child.cjs"), ["f"], { silent: true, execArgv: ["--no-warnings"] })));
  print("cluster", await ended(cluster.fork()));
}

async function main() {
  await workers();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sbp-processes-"));
  await children(folder);
  fs.rmSync(folder, { recursive: true });
}

if (!cluster.isPrimary) {
  process.send("in the cluster");
  process.disconnect();
} else if (process.argv[2] === "again") console.log("again", process.argv.slice(2));
else main();
