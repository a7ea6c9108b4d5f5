import { realpath } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { type AppBuilder, appBuilder, run, scratchFolder } from "./app.ts";

let builder: AppBuilder;
beforeAll(async () => {
  builder = await appBuilder("26.10.0");
});

test("a carried folder can be entered, and left again", async () => {
  const source = `
    const fs = require("node:fs"), path = require("node:path"), { execFileSync } = require("node:child_process");
    const start = process.cwd();
    const pwd = () => execFileSync("/bin/pwd", { encoding: "utf8" }).trim();
    process.chdir(__dirname);
    const say = (...values) => console.log(...values);
    say(process.cwd() === __dirname, path.resolve("views") === path.join(__dirname, "views"));
    say(fs.readFileSync("views/a.txt", "utf8"), fs.existsSync("none"), fs.readdirSync(".").includes("views"));
    process.chdir("views");
    say(path.relative(__dirname, process.cwd()), fs.statSync("a.txt").isFile(), require("./lib.cjs"));
    try { process.chdir("a.txt"); } catch (error) { say(error.code === "ENOENT" || error.code === "ENOTDIR"); }
    try { process.chdir("none"); } catch (error) { say(error.code === "ENOENT" || error.code === "ENOTDIR"); }
    try { fs.writeFileSync("b.txt", ""); } catch (error) { say(error.code); }
    say(pwd() === start);
    process.chdir("..");
    say(process.cwd() === __dirname);
    process.chdir(process.env.ELSEWHERE);
    say(process.cwd() === process.env.ELSEWHERE, pwd() === process.env.ELSEWHERE, fs.existsSync("views"));
  `;
  const { path } = await builder.build("main.cjs", source, {
    files: { "app/views/a.txt": "a", "app/lib.cjs": "module.exports = 'lib';" },
    meta: { place: "app/main.cjs" },
  });
  const elsewhere = await realpath(await scratchFolder());
  const { stdout, stderr } = await run(path, [], { env: { ELSEWHERE: elsewhere } });
  expect(stderr).toBe("");
  expect(stdout.trimEnd().split("\n")).toEqual([
    "true true",
    "a false true",
    "views true lib",
    "true",
    "true",
    "EROFS",
    "true",
    "true",
    "true true false",
  ]);
});
