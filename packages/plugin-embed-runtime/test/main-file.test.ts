import { beforeAll, describe, expect, test } from "vitest";
import { testedVersions } from "../../../tools/test-runtimes.ts";
import { type AppBuilder, appBuilder, run } from "./app.ts";

/** The main file starts itself in every way that node knows, and must not do so for ever. */
const commonJs = `
const { fork, spawnSync } = require("node:child_process");
const { once } = require("node:events");
const { isMainThread, parentPort, Worker, workerData } = require("node:worker_threads");
const facts = () => [__filename, process.argv.slice(1), require.main === module, require.main.filename];
async function main() {
  if (!isMainThread) return parentPort.postMessage([workerData, ...facts()]);
  if (process.argv[2] === "child") return process.send([process.execArgv, ...facts()]);
  if (process.argv[2] === "spawned") return console.log(JSON.stringify(facts()));
  console.log(JSON.stringify(facts()));
  const [said] = await once(new Worker(__filename, { workerData: "worker", argv: ["a"] }), "message");
  console.log(JSON.stringify(said));
  const [text] = await once(new Worker("require('worker_threads').parentPort.postMessage(typeof require)", { eval: true }), "message");
  console.log(text);
  const module = "import { parentPort } from 'node:worker_threads'; parentPort.postMessage(await 'a module');";
  console.log((await once(new Worker(module, { eval: true }), "message"))[0]);
  const child = fork(__filename, ["child", "b"], { execArgv: ["--no-warnings"] });
  console.log(JSON.stringify((await once(child, "message"))[0]));
  console.log(spawnSync(process.execPath, [process.argv[1], "spawned"], { encoding: "utf8" }).stdout.trim());
}
main();`;

const esm = `
import { fork } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
const facts = [import.meta.filename, import.meta.url, process.argv.slice(1), typeof require, typeof module];
if (!isMainThread) parentPort.postMessage([workerData, ...facts, await 1]);
else if (process.send) process.send(facts);
else {
  console.log(JSON.stringify(facts));
  const [said] = await once(new Worker(new URL(import.meta.url), { workerData: "worker" }), "message");
  console.log(JSON.stringify(said));
  const [sent] = await once(fork(import.meta.filename), "message");
  console.log(JSON.stringify(sent));
}`;

describe.each(testedVersions)("a main file on Node %s", (version) => {
  let builder: AppBuilder;
  beforeAll(async () => {
    builder = await appBuilder(version);
  });

  const lines = async (name: string, source: string, place: string) => {
    const { path } = await builder.build(name, source, { meta: { place } });
    const { stdout, stderr, code } = await run(path);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    return stdout
      .trimEnd()
      .split("\n")
      .map((line) => (line.startsWith("[") ? JSON.parse(line) : line));
  };

  test("has its source's name, for itself, its threads and its processes (CommonJS)", async () => {
    const file = "/sys/sbp/0/src/main.cts";
    expect(await lines("main.cjs", commonJs, "src/main.cts")).toEqual([
      [file, [file], true, file],
      ["worker", file, [file, "a"], true, file],
      "function",
      "a module",
      [["--no-warnings"], file, [file, "child", "b"], true, file],
      [file, [file, "spawned"], true, file],
    ]);
  });

  test("has its source's name, for itself, its threads and its processes (an ES module)", async () => {
    const file = "/sys/sbp/0/main.ts";
    const facts = [file, `file://${file}`, [file], "undefined", "undefined"];
    expect(await lines("main.mjs", esm, "main.ts")).toEqual([facts, ["worker", ...facts, 1], facts]);
  });
});

describe("with carried files", () => {
  test("a main file is its own worker, and the worker sees the files", async () => {
    const builder = await appBuilder("26.10.0");
    const source = `
      import { readFileSync } from "node:fs";
      import { isMainThread, Worker } from "node:worker_threads";
      if (isMainThread) new Worker(import.meta.filename);
      else console.log(import.meta.filename, readFileSync(new URL("../note.txt", import.meta.url), "utf8"));`;
    const files = { "note.txt": "a note" };
    const { path } = await builder.build("main.mjs", source, { files, meta: { place: "src/main.ts" } });
    expect(await run(path)).toMatchObject({ stdout: "/dev/null/vfs/0/src/main.ts a note\n", stderr: "" });
  });

  test("packages that are looked for from the current folder are found beside the main file", async () => {
    const builder = await appBuilder("26.10.0");
    const files = {
      "node_modules/tool/index.js": `
        const { createRequire } = require("node:module");
        const from = process.cwd() + "/";
        const code = (find) => { try { return find(); } catch (error) { return error.code; } };
        exports.found = [
          () => require.resolve("preset", { paths: [from] }),
          () => createRequire(from)("preset").preset,
          () => require.resolve("absent", { paths: [from] }),
          () => require.resolve("./preset", { paths: [from] }),
          () => require.resolve("preset", { paths: [__dirname + "/node_modules"] }),
        ].map(code);`,
      "node_modules/preset/index.js": "exports.preset = 1;",
    };
    const source = 'console.log(JSON.stringify(require("tool").found));';
    const { path } = await builder.build("main.cjs", source, { files, meta: { place: "src/main.cjs" } });
    const preset = "/dev/null/vfs/0/node_modules/preset/index.js";
    expect(JSON.parse((await run(path)).stdout)).toEqual([
      preset,
      1,
      "MODULE_NOT_FOUND",
      "MODULE_NOT_FOUND",
      preset,
    ]);
  });

  test("the mount point shows in the folders above it, where globs look for it", async () => {
    const builder = await appBuilder("26.10.0");
    const source = `
      const fs = require("node:fs");
      const walked = [];
      for (let folder = "/dev", name; ; folder += "/" + name) {
        const next = fs.readdirSync(folder, { withFileTypes: true })
          .find((entry) => entry.isDirectory() && ["null", "vfs", "0", "data"].includes(entry.name));
        if (!next) { walked.push(...fs.readdirSync(folder)); break; }
        walked.push(name = next.name);
      }
      fs.promises.readdir("/dev/null/vfs/").then((names) => console.log(walked.join(), names.join()));`;
    const { path } = await builder.build("main.cjs", source, { files: { "data/a.txt": "" } });
    expect(await run(path)).toMatchObject({ stdout: "null,vfs,0,data,a.txt 0\n", stderr: "" });
  });
});
