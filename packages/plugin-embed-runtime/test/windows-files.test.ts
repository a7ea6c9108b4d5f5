/** What executables for Windows carry, and where it appears to be; run by Wine. */
import { describe, expect, test } from "vitest";
import { runOnWine } from "../../../tools/wine.ts";
import { appBuilder } from "./app.ts";

const builder = await appBuilder("26.10.0", "win32-x64");

describe("on Windows", () => {
  test("an app without files lies in a drive, where nothing is and nothing can be made", async () => {
    const { path } = await builder.build(
      "lib/main.mjs",
      `import { existsSync, mkdirSync } from "node:fs";
      import { fileURLToPath } from "node:url";
      const codeOf = (call) => { try { call(); return "done"; } catch ({ code }) { return code; } };
      console.log(JSON.stringify([
        import.meta.filename,
        import.meta.url,
        process.argv[1] === fileURLToPath(import.meta.url),
        existsSync(import.meta.filename),
        codeOf(() => mkdirSync(import.meta.dirname, { recursive: true })),
      ]));`,
    );
    const { stdout, stderr } = await runOnWine(path);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([
      "C:\\<sbp>\\0\\lib\\main.mjs",
      "file:///C:/%3Csbp%3E/0/lib/main.mjs",
      true,
      false,
      "ENOENT",
    ]);
  });

  test("carried files are found by paths with either slash, by URL, and by programs", async () => {
    const source = `
      const { execFileSync, fork } = require("node:child_process");
      const fs = require("node:fs");
      const path = require("node:path");
      const { pathToFileURL } = require("node:url");
      const { Worker } = require("node:worker_threads");
      const note = path.join(__dirname, "data/note.txt");
      const slashes = note.replaceAll("\\\\", "/");
      fs.copyFileSync(slashes, "copy.txt");
      console.log(note);
      console.log(require("node:os").devNull);
      for (const way of [note, slashes, pathToFileURL(note), path.toNamespacedPath(note), "copy.txt"])
        console.log(fs.readFileSync(way, "utf8"));
      console.log(require(path.posix.join(__dirname.replaceAll("\\\\", "/"), "more.cjs")));
      console.log(fs.globSync(slashes.replace("note", "*")).map((found) => found === note).join());
      console.log(["C:\\\\", "C:/", "..", "C:/<sbp>", "C:/<sbp>/vfs"].map((folder) => fs.readdirSync(folder).filter((name) => /^(<sbp>|vfs|0)$/.test(name))).join());
      console.log(execFileSync("cmd", ["/c", "type", slashes], { encoding: "utf8" }));
      new Worker(path.join(__dirname, "worker.mjs")).once("message", (message) => {
        console.log(message);
        fork(path.join(__dirname, "child.cjs")).once("message", (message) => console.log(message));
      });`;
    const { path } = await builder.build("main.cjs", source, {
      files: {
        "data/note.txt": "noted",
        "more.cjs": "module.exports = 'more';",
        "worker.mjs":
          "import { parentPort } from 'node:worker_threads'; import { readFileSync } from 'node:fs';\n" +
          "parentPort.postMessage('worker ' + readFileSync(new URL('data/note.txt', import.meta.url)));",
        "child.cjs": "process.send('child ' + require('./more.cjs')); process.disconnect();",
      },
    });
    const { stdout, stderr } = await runOnWine(path);
    expect(stderr).toBe("");
    expect(stdout.replaceAll("\r\n", "\n").trim().split("\n")).toEqual([
      "C:\\<sbp>\\vfs\\0\\data\\note.txt",
      "\\\\.\\nul",
      ...["noted", "noted", "noted", "noted", "noted"],
      "more",
      "true",
      "<sbp>,<sbp>,<sbp>,vfs,0",
      "noted",
      "worker noted",
      "child more",
    ]);
  });
});

test("where no Node can carry files yet, the error does not name the range that was taken", async () => {
  const old = await appBuilder("26.7.0", "win32-arm64");
  await expect(old.build("main.cjs", "", { files: { a: "" } })).rejects.toMatchObject({
    code: "SBP_RUNTIME_NO_FILES",
    message: "Node 26.7.0 for win32-arm64 cannot carry files, and the app needs 1 of them: a",
    hint: "It takes 26.9.0 or newer. A range means a version that all targets have: leave those out that have none so new.",
  });
});
