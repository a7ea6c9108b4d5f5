import { beforeAll, describe, expect, test } from "vitest";
import { appBuilder, run } from "./app.ts";

const main = "/sys/sbp/0/main.cjs";

// One app with many faces, because every executable is a copy of Node.
const source = `#!/usr/bin/env node
const { writeFileSync } = require("fs");
const faces = {
  hello() {
    console.log("hello");
  },
  argv() {
    console.log(JSON.stringify({ argv: process.argv, execArgv: process.execArgv, execPath: process.execPath }));
  },
  module: () => {
    console.log(JSON.stringify({
      isMain: require.main === module,
      mainModule: process.mainModule === module,
      cached: require.cache[__filename] === module,
      id: module.id,
      filename: module.filename,
      file: __filename,
      folder: __dirname,
      parent: module.parent,
      loaded: module.loaded,
      paths: module.paths[0],
      thisIsExports: self === module.exports && self === exports,
      resolved: require.resolve("fs"),
      isModule: module instanceof require("node:module"),
    }));
  },
  disk() {
    const file = process.cwd() + "/carried.cjs";
    writeFileSync(file, "module.exports = [module.parent.filename, require.main.filename, __filename]");
    console.log(JSON.stringify([require(file), module.children.length, require("node:module").createRequire(file)(file).length]));
  },
  missing() {
    require("./missing");
  },
  async import() {
    const fs = await import("node:fs");
    console.log(fs.default === require("fs"), process.emitWarning.name);
    await import("./missing.mjs").catch((error) => console.log(error.code));
    process.emitWarning("kept");
  },
  throw() {
    throw new Error("on purpose");
  },
  reject() {
    Promise.reject(new Error("unhandled"));
  },
  exit() {
    process.exit(7);
  },
  exitCode() {
    process.exitCode = 8;
  },
  stdin() {
    process.stdin.setEncoding("utf8").on("data", (text) => process.stdout.write(text.toUpperCase()));
  },
  signal() {
    process.on("SIGTERM", () => {
      console.log("ending");
      clearInterval(timer);
    });
    const timer = setInterval(() => {}, 1000);
    console.log("ready");
  },
  die() {
    process.kill(process.pid, "SIGTERM");
    setInterval(() => {}, 1000);
  },
  umlaut: () => console.log("größer ✓"),
  environment: () => console.log(JSON.stringify(process.env)),
  again() {
    const { fork, spawnSync } = require("node:child_process");
    const cluster = require("node:cluster");
    if (!cluster.isPrimary) return process.disconnect();
    if (process.argv[3]) return process.send(process.argv.slice(2));
    const { stdout } = spawnSync(process.execPath, [__filename, "argv", "x"]);
    console.log(JSON.parse(stdout).argv.slice(2).join());
    fork(process.argv[1], ["again", "child"]).on("message", (words) => {
      console.log(words.join());
      cluster.fork().on("online", () => console.log("online")).on("exit", (code) => {
        console.log(code);
        fork(__dirname + "/other.cjs", { silent: true }).on("exit", (code) => console.log(code));
      });
    });
  },
  absent() {
    const fs = require("node:fs");
    const path = require("node:path");
    const codes = [
      () => fs.readFileSync(path.join(__dirname, "locales", "en.json")),
      () => fs.readFileSync(path.join(__dirname, "../../package.json")),
      () => fs.writeFileSync(path.join(__dirname, "log"), ""),
    ].map((attempt) => { try { attempt(); } catch (error) { return error.code; } });
    console.log(codes.join(), fs.existsSync(__filename));
    try { fs.mkdirSync(path.join(__dirname, "a/b"), { recursive: true }); } catch { console.log("no folder"); }
  },
};
const self = this;
faces[process.argv[2] ?? "hello"]();
// the end`;

let app: string;
beforeAll(async () => {
  const builder = await appBuilder("26.10.0");
  app = (await builder.build("main.cjs", source)).path;
});

const face = async (...args: string[]) => {
  const ended = await run(app, args);
  expect(ended).toMatchObject({ stderr: "", code: 0, signal: null });
  return ended.stdout;
};

describe("an app in CommonJS", () => {
  test("runs", async () => {
    expect(await face()).toBe("hello\n");
  });

  test("gets its arguments as under node, options included", async () => {
    const { argv, execArgv, execPath } = JSON.parse(await face("argv", "--version", "-p", "ü", ""));
    expect(argv).toEqual([app, main, "argv", "--version", "-p", "ü", ""]);
    expect(execArgv).toEqual([]);
    expect(execPath).toBe(app);
  });

  test("can start itself again, and no other script in its place", async () => {
    expect(await face("again")).toBe("argv,x\nagain,child\nonline\n0\n1\n");
  });

  test("finds nothing beside itself, and can put nothing there", async () => {
    expect(await face("absent")).toBe("ENOENT,ENOENT,ENOENT false\nno folder\n");
  });

  test("is a main module", async () => {
    expect(JSON.parse(await face("module"))).toEqual({
      isMain: true,
      mainModule: true,
      cached: true,
      id: ".",
      filename: main,
      file: main,
      folder: "/sys/sbp/0",
      parent: null,
      loaded: false,
      paths: "/sys/sbp/0/node_modules",
      thisIsExports: true,
      resolved: "fs",
      isModule: true,
    });
  });

  test("can require files of the disk", async () => {
    const [loaded, children, length] = JSON.parse(await face("disk"));
    expect(loaded).toEqual([main, main, expect.stringMatching(/empty\/carried\.cjs$/)]);
    expect([children, length]).toEqual([1, 3]);
  });

  test("is told what it cannot require", async () => {
    const { stderr, code } = await run(app, ["missing"]);
    expect(code).toBe(1);
    expect(stderr).toContain(`Error: Cannot find module './missing'\nRequire stack:\n- ${main}\n`);
  });

  test("can import, without a warning of the loader, and with its own", async () => {
    const { stdout, stderr, code } = await run(app, ["import"]);
    expect(stdout).toBe("true emitWarning\nERR_MODULE_NOT_FOUND\n");
    expect(stderr).toMatch(/^\(node:\d+\) Warning: kept\n[^\n]*\n$/);
    expect(code).toBe(0);
  });

  test("ends with an uncaught error as node does", async () => {
    const { stderr, code } = await run(app, ["throw"]);
    const line = source.split("\n").findIndex((text) => text.includes("on purpose")) + 1;
    expect(stderr.split("\n").slice(0, 6)).toEqual([
      `${main}:${line}`,
      `    throw new Error("on purpose");`,
      "    ^",
      "",
      "Error: on purpose",
      `    at Object.throw (${main}:${line}:11)`,
    ]);
    expect(stderr).toMatch(/\nNode\.js v26\.10\.0\n$/);
    expect(code).toBe(1);
  });

  test("ends with an unhandled rejection as node does", async () => {
    const { stderr, code } = await run(app, ["reject"]);
    expect(stderr).toContain("\nError: unhandled\n");
    expect(code).toBe(1);
  });

  test("has its exit codes", async () => {
    expect(await run(app, ["exit"])).toMatchObject({ code: 7, stderr: "" });
    expect(await run(app, ["exitCode"])).toMatchObject({ code: 8, stderr: "" });
  });

  test("reads standard input", async () => {
    const stdin = "some text\n".repeat(20_000);
    const { stdout, code } = await run(app, ["stdin"], { stdin });
    expect(stdout).toBe(stdin.toUpperCase());
    expect(code).toBe(0);
  });

  test("handles signals", async () => {
    const ended = await run(app, ["signal"], {
      onStdout: (text, kill) => text === "ready\n" && kill("SIGTERM"),
    });
    expect(ended).toEqual({ stdout: "ready\nending\n", stderr: "", code: 0, signal: null });
  });

  test("dies of a signal that it does not handle", async () => {
    expect(await run(app, ["die"])).toMatchObject({ signal: "SIGTERM", stderr: "" });
  });

  test("prints what its source holds beyond ASCII", async () => {
    expect(await face("umlaut")).toBe("größer ✓\n");
  });

  test.each([
    "--bogus",
    "--require=/nope",
    "--inspect-brk=0",
    "--max-old-space-size=1",
  ])("is not touched by NODE_OPTIONS=%s", async (NODE_OPTIONS) => {
    const ended = await run(app, ["environment"], { env: { NODE_OPTIONS } });
    expect(ended).toMatchObject({ stderr: "", code: 0 });
    expect(JSON.parse(ended.stdout)).toEqual({ NODE_OPTIONS });
  });
});
