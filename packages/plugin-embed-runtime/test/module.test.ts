import { beforeAll, describe, expect, test } from "vitest";
import { appBuilder, run } from "./app.ts";

const main = "/sys/sbp/0/main.mjs";

const source = `import fs, { readFileSync as read, existsSync } from "node:fs";
import * as path from "path";
import process, { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import "node:events";
export const version = 1;
export default version;

const face = argv[2] ?? "hello";
const listen = () => {
  process.on("exit", (code) => console.log("exit", code));
  process.on("unhandledRejection", () => console.log("unhandled"));
  process.on("uncaughtException", (error) => console.log("uncaught", error.message));
};
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
switch (face) {
  case "hello":
    console.log(await Promise.resolve("hello"));
    break;
  case "meta": {
    const { resolve, ...rest } = import.meta;
    console.log(JSON.stringify({ ...rest, resolve: typeof resolve, prototype: Object.getPrototypeOf(import.meta) }));
    console.log(JSON.stringify(["fs", "node:test", "./x.js", "../x.js", "/x", "http://h/x"].map((id) => import.meta.resolve(id))));
    try { import.meta.resolve("lodash"); } catch (error) { console.log(error.code); }
    break;
  }
  case "main":
    console.log(JSON.stringify({
      argv,
      isMain: argv[1] === fileURLToPath(import.meta.url),
      types: [typeof require, typeof module, typeof exports, typeof __filename, typeof this],
      mainModule: typeof process.mainModule,
    }));
    break;
  case "builtins": {
    const really = await import("node:path");
    console.log(fs.readFileSync === read, existsSync === fs.existsSync, path.default.join === path.join);
    console.log(JSON.stringify(Object.keys(path)) === JSON.stringify(Object.keys(really)), ({}).toString.call(path) === ({}).toString.call(really), createRequire(import.meta.url)("fs") === fs);
    break;
  }
  case "throw":
    listen();
    process.removeAllListeners("uncaughtException");
    await null;
    throw new Error("on purpose");
  case "catch":
    listen();
    await null;
    throw new Error("on purpose");
  case "value":
    throw { reason: 1 };
  case "stall":
    listen();
    await new Promise(() => {});
    break;
  case "stallCode":
    process.exitCode = 5;
    await new Promise(() => {});
    break;
  case "exitWhile":
    setTimeout(() => process.exit(), 1);
    await new Promise(() => {});
    break;
  case "more":
    listen();
    await new Promise((resolve) => process.once("beforeExit", () => setTimeout(resolve, 1)));
    console.log("more");
    break;
  case "server": {
    process.once("SIGTERM", () => server.close());
    const { createServer } = await import("node:http");
    const server = createServer((_, response) => response.end("ok")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    console.log(await (await fetch("http://127.0.0.1:" + server.address().port)).text());
    server.closeIdleConnections();
    break;
  }
}
`;

let app: string;
beforeAll(async () => {
  const builder = await appBuilder("26.10.0");
  app = (await builder.build("main.mjs", source)).path;
});

const face = async (...args: string[]) => {
  const ended = await run(app, args);
  expect(ended).toMatchObject({ stderr: "", code: 0, signal: null });
  return ended.stdout.trimEnd().split("\n");
};

describe("an app that is an ES module", () => {
  test("runs with top-level await", async () => {
    expect(await face()).toEqual(["hello"]);
  });

  test("has import.meta", async () => {
    const [meta, resolved, missing] = await face("meta");
    expect(JSON.parse(meta!)).toEqual({
      dirname: "/sys/sbp/0",
      filename: main,
      main: true,
      url: `file://${main}`,
      resolve: "function",
      prototype: null,
    });
    expect(JSON.parse(resolved!)).toEqual([
      "node:fs",
      "node:test",
      "file:///sys/sbp/0/x.js",
      "file:///sys/sbp/x.js",
      "file:///x",
      "http://h/x",
    ]);
    expect(missing).toBe("ERR_MODULE_NOT_FOUND");
  });

  test("knows that it is the main module, by the usual idiom", async () => {
    expect(JSON.parse((await face("main", "--x"))[0]!)).toEqual({
      argv: [app, main, "main", "--x"],
      isMain: true,
      types: Array(5).fill("undefined"),
      mainModule: "undefined",
    });
  });

  test("imports builtins as node does", async () => {
    expect(await face("builtins")).toEqual(["true true true", "true true true"]);
  });

  test("ends with an uncaught error as node does, whoever listens to rejections", async () => {
    const { stdout, stderr, code } = await run(app, ["throw"]);
    const line = source.split("\n").findIndex((text) => text.includes("on purpose")) + 1;
    expect(stdout).toBe("exit 1\n");
    expect(stderr.split("\n").slice(0, 6)).toEqual([
      `${main}:${line}`,
      `    throw new Error("on purpose");`,
      "          ^",
      "",
      "Error: on purpose",
      `    at ${main}:${line}:11`,
    ]);
    expect(code).toBe(1);
  });

  test("can catch its own error as an uncaught exception", async () => {
    expect(await face("catch")).toEqual(["uncaught on purpose", "exit 0"]);
  });

  test("may throw what is no error", async () => {
    const { stderr, code } = await run(app, ["value"]);
    expect(stderr).toContain("{ reason: 1 }");
    expect(code).toBe(1);
  });

  test("ends with code 13 when it waits for what never comes", async () => {
    const { stdout, stderr, code } = await run(app, ["stall"]);
    expect(stdout).toBe("exit 13\n");
    expect(stderr).toBe(`Warning: Detected unsettled top-level await at file://${main}\n`);
    expect(code).toBe(13);
  });

  test("keeps an exit code of its own meanwhile", async () => {
    expect(await run(app, ["stallCode"])).toMatchObject({ code: 5 });
    expect(await run(app, ["exitWhile"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("may find more to do before the exit", async () => {
    expect(await face("more")).toEqual(["more", "exit 0"]);
  });

  test("serves", async () => {
    const ended = await run(app, ["server"], { onStdout: (_, kill) => kill("SIGTERM") });
    expect(ended).toEqual({ stdout: "ok\n", stderr: "", code: 0, signal: null });
  });

  test("is not touched by NODE_OPTIONS", async () => {
    const ended = await run(app, [], { env: { NODE_OPTIONS: "--import=/nope.mjs" } });
    expect(ended).toMatchObject({ stdout: "hello\n", stderr: "", code: 0 });
  });
});
