import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { alternate, type Subject, table } from "./measure.ts";

export interface Setting {
  /** An empty folder. */
  readonly dir: string;
  /** The command sbp, as words. */
  readonly sbp: readonly string[];
  /** The Node of all subjects. */
  readonly node: string;
  readonly env: NodeJS.ProcessEnv;
  readonly rounds: number;
}

/** An app that starts, does next to nothing and ends. */
interface App {
  readonly name: string;
  /** One CommonJS file of code. */
  readonly code: string;
  readonly args?: readonly string[];
  /** What it reads, by name: beside the code under node, carried by sbp. */
  readonly files?: ReadonlyMap<string, string>;
  /** Carries nothing at all, not even the package.json that its code speaks of. */
  readonly isOneFile?: boolean;
}

const modules = join(import.meta.dirname, "node_modules");

/** How long executables take from start to exit, beside node on the same code and beside plain single executables. */
export async function startUp(setting: Setting): Promise<void> {
  const tsc = await bundled('require("typescript/lib/_tsc.js");');
  const libraries = new Map(
    readdirSync(join(modules, "typescript/lib"))
      .filter((name) => /^lib.*\.d\.ts$/.test(name))
      .map((name) => [name, readFileSync(join(modules, "typescript/lib", name), "utf8")]),
  );
  const hello: App = { name: "hello", code: 'console.log("hello");\n' };
  const single: App = { name: "tsc", code: tsc, args: ["--version"], isOneFile: true };
  const carrying: App = { ...single, name: "tsc-carrying", files: libraries, isOneFile: false };
  const express: App = {
    name: "express",
    code: await bundled(views),
    files: new Map([["views/index.ejs", "<h1><%= title %></h1>\n"]]),
  };
  const [one, many] = [withFiles(1), withFiles(5000)];

  const { rounds } = setting;
  const tell = async (title: string, subjects: readonly Subject[], floor: string) =>
    console.log(`${title}\n\n${table(await alternate(subjects, rounds), floor)}\n`);
  await tell(
    "hello",
    [onNode(hello, setting), plain(hello, setting), await ours(hello, setting)],
    "plain SEA, code cache",
  );
  await tell(
    "tsc --version, one file",
    [onNode(single, setting), plain(single, setting), await ours(single, setting)],
    "plain SEA, code cache",
  );
  await tell(
    `tsc --version, ${libraries.size} files carried`,
    [onNode(carrying, setting), await ours(carrying, setting)],
    "node",
  );
  await tell(
    "express with a view, one page asked for",
    [onNode(express, setting), await ours(express, setting)],
    "node",
  );
  const few = { ...(await ours(one, setting)), name: "sbp, 1 file carried" };
  const lots = { ...(await ours(many, setting)), name: "sbp, 5,000 files carried" };
  await tell("Many files", [few, lots], few.name);
}

const withFiles = (count: number): App => ({
  name: `files-${count}`,
  code: readsFile,
  files: new Map(Array.from({ length: count }, (_, index) => [`data/${index}.txt`, `number ${index}\n`])),
});

const readsFile = `const { readFileSync } = require("node:fs");
const path = require("node:path");
console.log(readFileSync(path.join(__dirname, "data/0.txt"), "utf8"));
`;

const views = `const { get } = require("node:http");
const path = require("node:path");
const express = require("express");
const app = express();
app.engine("ejs", require("ejs").renderFile);
app.set("views", path.join(__dirname, "views"));
app.set("view engine", "ejs");
app.get("/", (_request, response) => response.render("index", { title: "Orders" }));
const server = app.listen(0, "127.0.0.1", () =>
  get({ port: server.address().port, agent: false }, (answer) =>
    answer.resume().on("end", () => server.close()),
  ),
);
`;

/** Code with the packages it requires, in one file. */
async function bundled(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    platform: "node",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}

function write(app: App, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "main.cjs"), app.code);
  for (const [name, text] of app.files ?? []) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function onNode(app: App, { dir, node }: Setting): Subject {
  const folder = join(dir, app.name, "node");
  write(app, folder);
  return { name: "node", cwd: folder, run: [node, "main.cjs", ...(app.args ?? [])] };
}

/** What Node itself makes of the code. */
function plain(app: App, { dir, node }: Setting): Subject {
  const folder = join(dir, app.name, "plain");
  write(app, folder);
  const config = { main: "main.cjs", output: "app", executable: node, disableExperimentalSEAWarning: true };
  writeFileSync(join(folder, "sea.json"), JSON.stringify({ ...config, useCodeCache: true }));
  execFileSync(node, ["--build-sea", "sea.json"], { cwd: folder, stdio: "ignore" });
  return {
    name: "plain SEA, code cache",
    cwd: folder,
    run: [copyOf(join(folder, "app")), ...(app.args ?? [])],
  };
}

async function ours(app: App, { dir, node, sbp, env }: Setting): Promise<Subject> {
  const folder = join(dir, app.name, "sbp");
  write(app, folder);
  cpSync(node, join(dir, "node"), { force: false });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: app.name }));
  const config = {
    pipeline: [
      {
        use: "bundle",
        entry: "main.cjs",
        assets: [...(app.files?.keys() ?? [])].map(topOf).filter(isNew),
        ...(app.isOneFile && { exclude: ["package.json"] }),
      },
      { use: "cross-target", targets: "host", runtime: { path: "../../node" } },
      { use: "strip" },
      { use: "embed-runtime" },
    ],
  };
  writeFileSync(join(folder, "sbp.config.json"), JSON.stringify(config));
  execFileSync(sbp[0]!, [...sbp.slice(1), "build", "--quiet"], { cwd: folder, env, stdio: "inherit" });
  const executable = copyOf(join(folder, "dist/linux-x64", app.name));
  return { name: "sbp", cwd: dir, run: [executable, ...(app.args ?? [])] };
}

/** How a file was written decides how the system keeps it in memory, and that shows: all are written alike. */
function copyOf(file: string): string {
  execFileSync("cp", [file, `${file}-copy`]);
  return `${file}-copy`;
}

const topOf = (name: string) => name.split("/")[0]!;
const isNew = (name: string, index: number, all: readonly string[]) => all.indexOf(name) === index;
