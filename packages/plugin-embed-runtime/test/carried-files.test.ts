import { execFile } from "node:child_process";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { testAddon } from "../../../tools/test-addons.ts";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { packedApps } from "../src/index.ts";
import { type AppBuilder, appBuilder, packOf, run, scratchFolder } from "./app.ts";

let builder: AppBuilder;
beforeAll(async () => {
  builder = await appBuilder("26.10.0");
});

type Files = Readonly<Record<string, string>>;

/** An executable of a tree, and the tree on the disk. */
async function both(
  place: string,
  source: string,
  files: Files,
  { executables = [], links = {} }: { executables?: readonly string[]; links?: Files } = {},
) {
  const tree = await scratchFolder();
  for (const [path, content] of Object.entries({ ...files, [place]: source })) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content, { mode: executables.includes(path) ? 0o755 : 0o644 });
  }
  for (const [link, target] of Object.entries(links)) {
    await mkdir(dirname(join(tree, link)), { recursive: true });
    await symlink(join(tree, target), join(tree, link));
  }
  const name = place.slice(place.lastIndexOf("/") + 1);
  const { path } = await builder.build(name, source, { files, executables, meta: { place, links } });
  return { app: path, script: join(tree, place) };
}

const programs = join(import.meta.dirname, "programs");
const program = (name: string) => readFile(join(programs, name), "utf8");
const lines = (text: string) => text.trimEnd().split("\n");

async function underNode(script: string): Promise<string> {
  const node = await testRuntime("26.10.0", "linux-x64");
  const { stdout } = await promisify(execFile)(node, [script], { env: {} });
  return stdout;
}

describe("a carried file", () => {
  let app: string;
  let script: string;
  beforeAll(async () => {
    ({ app, script } = await both(
      "src/main.cjs",
      await program("file-calls.cjs"),
      {
        "views/a.txt": "größe\nzwei\n",
        "views/b.html": "b",
        "views/sub/deep/c.txt": "c",
        "lib/x.cjs": 'module.exports = "ü"\n',
        "bin/tool.sh": "#!/bin/sh\n",
      },
      { executables: ["bin/tool.sh"] },
    ));
  });

  test("is read by all calls as on a disk", async () => {
    const { stdout, stderr } = await run(app);
    expect(stderr).toBe("");
    expect(lines(stdout)).toEqual(lines(await underNode(script)));
  });

  test("cannot be changed", async () => {
    const { stdout } = await run(app, [], { env: { WRITES: "1" } });
    const writes = lines(stdout).filter((line) => line.startsWith("write "));
    const others = writes.filter((line) => !line.endsWith("\tEROFS"));
    expect(writes.length - others.length).toBeGreaterThan(35);
    expect(others).toEqual([
      "write mkdir existing\tEEXIST",
      "write mkdir rec existing\ttrue",
      "write rm force missing\tundefined",
      "write rm missing\tENOENT",
      "write rename out\tEXDEV",
      "write rename in\tENOTDIR",
      "write copy in\tENOTDIR",
      "write mkdirExisting later\tEEXIST",
      "write copyIn later\tENOTDIR",
    ]);
  });
});

test("links are followed as on a disk, and told apart", async () => {
  const source = `
    const fs = require("node:fs");
    const path = require("node:path");
    const here = (file) => path.relative(path.join(__dirname, ".."), file).replaceAll("\\\\", "/");
    const modules = path.join(__dirname, "../node_modules");
    const link = path.join(modules, "b.js");
    const { from, file } = require("b.js");
    console.log(from, here(file), require("b.js/extra"), require("@s/a").from);
    console.log(here(require.resolve("b.js")), here(fs.realpathSync(path.join(link, "index.js"))));
    console.log(fs.lstatSync(link).isSymbolicLink(), fs.statSync(link).isDirectory(), fs.lstatSync(path.join(link, "index.js")).isFile());
    console.log(fs.realpathSync(path.resolve(modules, fs.readlinkSync(link))) === fs.realpathSync(link));
    console.log(fs.readdirSync(modules, { withFileTypes: true }).map((entry) => entry.name + entry.isSymbolicLink()).join());
    console.log(fs.readdirSync(link).join(), fs.existsSync(path.join(link, "none")), fs.readFileSync(path.join(link, "extra.js"), "utf8"));
    import("@s/a").then(({ default: a }) => console.log(a.from));
  `;
  const store = "node_modules/.store";
  const files = {
    [`${store}/a@1/node_modules/@s/a/package.json`]: '{"name":"@s/a","main":"main.js"}',
    [`${store}/a@1/node_modules/@s/a/main.js`]: 'exports.from = "a, " + require("b.js").from;',
    [`${store}/b@1/node_modules/b.js/index.js`]: 'exports.from = "b 1"; exports.file = __filename;',
    [`${store}/b@1/node_modules/b.js/extra.js`]: "module.exports = 1",
    [`${store}/b@2/node_modules/b.js/index.js`]: 'exports.from = "b 2";',
  };
  const links = {
    "node_modules/@s/a": `${store}/a@1/node_modules/@s/a`,
    "node_modules/b.js": `${store}/b@1/node_modules/b.js`,
    [`${store}/a@1/node_modules/b.js`]: `${store}/b@2/node_modules/b.js`,
  };
  const place = "src/main.cjs";
  const { app, script } = await both(place, source, files, { links });
  const { stdout, stderr } = await run(app);
  expect(stderr).toBe("");
  expect(lines(stdout)).toEqual(lines(await underNode(script)));
  expect(stdout).toContain("b 1");
  expect(stdout).toContain("a, b 2");
});

test("a link to what the target does not have is not there, and one that leads outside is refused", async () => {
  const source = 'console.log(require("node:fs").readdirSync(__dirname).join())';
  const build = (links: Files) =>
    builder.build("app.cjs", source, { files: { "x.txt": "" }, meta: { place: "app.cjs", links } });
  const { path } = await build({ a: "node_modules/b" });
  expect((await run(path)).stdout).toBe("app.cjs,x.txt\n");
  await expect(build({ a: "../b" })).rejects.toMatchObject({ code: "SBP_BUNDLE_INVALID" });
});

describe("modules of carried files", () => {
  const files = {
    "package.json": JSON.stringify({
      name: "self",
      exports: "./lib/self.js",
      imports: { "#in": "./lib/in.mjs" },
    }),
    "data.json": '{"a":1}',
    "lib/self.js": "exports.self = 1",
    "lib/in.mjs": "export default import.meta.dirname.endsWith('/lib')",
    "src/lazy.mjs": "export default await 1; export const main = import.meta.main",
    "src/typed.mts": "export const typed: number = 2",
    "node_modules/plain/package.json": '{"main":"lib"}',
    "node_modules/plain/lib/index.js":
      "exports.x = 1; exports.file = __filename.split('/').slice(-3); exports.sub = require('./sub'); // ü",
    "node_modules/plain/lib/sub.js":
      "#!/usr/bin/env node\nexports.parent = module.parent.id === module.parent.filename",
    "node_modules/esm/package.json": '{"type":"module","exports":{"import":"./i.js","require":"./r.cjs"}}',
    "node_modules/esm/i.js": "import plain from 'plain'; export const name = 'esm ' + plain.x",
    "node_modules/esm/r.cjs": "exports.name = 'cjs'; exports.lazy = () => import('./i.js')",
    "node_modules/detected/index.js": "export const found = typeof require",
    "node_modules/broken/index.js": "exports.x = = 1",
  };

  test("are loaded by an ES module as by node's", async () => {
    const source = `
import { createRequire, findPackageJSON } from "node:module";
import { fileURLToPath } from "node:url";
import plain, { x } from "plain";
import * as esm from "esm";
import data from "../data.json" with { type: "json" };
import inside from "#in";
import { self } from "self";
const require = createRequire(import.meta.url);
const root = new URL("..", import.meta.url).href;
const code = (load) => Promise.resolve().then(load).then(() => "loaded", (error) => error.code ?? error.name);
console.log(JSON.stringify([
  plain, x, esm.name, data, inside, self,
  await import("./lazy.mjs"), await import("./typed.mts"), await import("detected"),
  require("esm").name, (await require("esm").lazy()).name, require("detected").found,
  require.resolve("plain").replace(fileURLToPath(root), ""), findPackageJSON("plain", import.meta.url).endsWith("plain/package.json"),
  ["plain", "./x.js", "fs", "esm", "#in", "self"].map((name) => import.meta.resolve(name).replace(root, "")),
  await code(() => import("none")), await code(() => import("./none.mjs")), await code(() => require("none")),
  await code(() => require("broken")), await code(() => import("broken")), await code(() => import.meta.resolve("none")),
  process.argv[1] === import.meta.filename, process.execArgv,
]));`;
    const { app, script } = await both("src/main.mjs", source, files);
    const { stdout, stderr } = await run(app);
    expect(stderr).toBe("");
    expect(stdout).toBe(await underNode(script));
  });

  test("are loaded by a CommonJS file as by node's", async () => {
    const source = `
const plain = require("plain");
const path = require("node:path");
console.log(JSON.stringify([
  plain, require("esm").name, require("../data.json"), require("../lib/self").self, require("#in").default,
  path.basename(__dirname), require.main === module, module.children.length, module.paths.length > 1,
  require.cache[require.resolve("plain")].loaded,
]));
import("./lazy.mjs").then((lazy) => console.log(lazy));
new Promise((resolve) => resolve(require("broken"))).catch((error) => console.log(error.name, error.stack.split("\\n")[0].replace(__dirname, "")));`;
    const { app, script } = await both("src/main.cjs", source, files);
    const { stdout, stderr } = await run(app);
    const root = dirname(dirname(script));
    expect(stderr).toBe("");
    expect(stdout.replaceAll("/dev/null/vfs/0", root)).toBe(await underNode(script));
  });

  test("start with their code caches", async () => {
    const { artifact } = await builder.build("main.cjs", "require('./x.cjs')", {
      files: { "x.cjs": "exports.x = 1", "y.mjs": "export {}" },
    });
    const path = await artifact.path(artifact.files[0]!.path);
    const { pack } = await packOf(path);
    const cached = pack.files.filter(({ codeCache }) => codeCache).map((file) => file.path);
    expect(cached.sort()).toEqual(["main.cjs", "x.cjs"]);
  });
});

describe("an app with carried files", () => {
  test("starts workers and processes as node does, and itself only when it means itself", async () => {
    const { app, script } = await both("src/main.cjs", await program("processes.cjs"), {
      "package.json": "{}",
      "node_modules/dep/index.js": 'exports.dep = "dep"',
      "src/worker.cjs": `
const { isMainThread, parentPort, Worker, workerData } = require("node:worker_threads");
const { basename, join } = require("node:path");
parentPort.postMessage([workerData, isMainThread, require("dep").dep, basename(__filename), basename(process.argv[1]),
  process.argv.slice(2), process.execArgv.map((text) => basename(text)), require("node:fs").existsSync(__filename),
  typeof globalThis.require, globalThis.before, process.env.NODE_OPTIONS?.length > 30]);
if (workerData === "nest") new Worker(join(__dirname, "worker.mjs")).on("message", (text) => parentPort.postMessage(text));
if (workerData === "throw") throw new TypeError("on purpose");`,
      "src/before.cjs":
        'globalThis.before = [require("node:worker_threads").workerData, require("dep").dep];',
      "src/worker.mjs": `
import { parentPort } from "node:worker_threads";
import { dep } from "dep";
parentPort.postMessage([dep, import.meta.url.split("/").pop(), typeof require]);`,
      "src/child.cjs": `
console.log(process.argv.slice(2), require("dep"), process.execArgv, typeof process.send, require.main === module);
process.send?.(process.argv[2]);
process.disconnect?.();`,
      "src/child.mjs": 'import { dep } from "dep"; console.log(dep, process.argv.slice(2), import.meta.main)',
    });
    const { stdout, code } = await run(app, [], { env: { PATH: process.env["PATH"] } });
    expect(lines(stdout)).toEqual(lines(await underNode(script)));
    expect(code).toBe(0);
  });

  test.each([
    [
      "is only a list of modules",
      'console.log(["v8", "worker_threads", "child_process", "zlib"].length);',
      [],
    ],
    ["asks for parts of them alone", 'require("worker_threads").isMainThread;', []],
    ["starts a thread", 'const { Worker: Thread } = require("worker_threads");', ["workers"]],
    ["starts a process", 'const all = ["v8"]; require("node:child_process");', ["children"]],
    [
      "loads modules from a list",
      '["child_process", "worker_threads"].map(require)[1].Worker;',
      ["workers", "children"],
    ],
  ])("whose code %s watches no more than that", async (_, source, uses) => {
    const { path } = await builder.build("watching.cjs", source, { files: { "a.txt": "a" } });
    const { info } = (await packOf(path)).pack;
    expect(info.uses ?? []).toEqual(uses);
  });

  test("loads several native addons, and hands carried programs to the system", async () => {
    const files: Record<string, string | Uint8Array> = {
      "node_modules/tool/tool.sh": '#!/bin/sh\necho "$1" "$(cat "$(dirname "$0")/data.txt")"\n',
      "node_modules/tool/data.txt": "data",
    };
    const prebuild = { bufferutil: "bufferutil.node", "utf-8-validate": "utf-8-validate.node" };
    for (const name of ["bufferutil", "utf-8-validate"] as const)
      files[`node_modules/${name}/addon.node`] = await readFile(
        join(await testAddon(name), "prebuilds/linux-x64", prebuild[name]),
      );
    const source = `
const { execFileSync, execSync } = require("node:child_process");
const { join } = require("node:path");
const { unmask } = require("bufferutil/addon.node");
const isValid = require("utf-8-validate/addon.node");
const bytes = Buffer.from([1, 2]);
unmask(bytes, Buffer.from([1, 1, 1, 1]));
const tool = join(__dirname, "node_modules/tool/tool.sh");
const text = (output) => String(output).trim();
console.log(JSON.stringify([[...bytes], isValid(Buffer.from([0xff])), isValid(Buffer.from("ü")),
  text(execFileSync(tool, ["a"])), text(execSync('"' + tool + '" b')),
  text(execFileSync("cat", [join(__dirname, "node_modules/tool/data.txt")])),
  text(execSync("ls", { cwd: join(__dirname, "node_modules/tool") })).split("\\n")]));`;
    const { path } = await builder.build("main.cjs", source, {
      files,
      executables: ["node_modules/tool/tool.sh"],
    });
    const place = join(await scratchFolder(), "extracted");
    for (let time = 0; time < 2; time++) {
      const ended = await run(path, [], { env: { PATH: process.env["PATH"], SBP_EXTRACT_DIR: place } });
      expect(ended).toMatchObject({ stderr: "", code: 0 });
      const [mask, bad, good, ...outputs] = JSON.parse(ended.stdout);
      expect([mask, Boolean(bad), Boolean(good)]).toEqual([[0, 3], false, true]);
      expect(outputs).toEqual(["a data", "b data", "data", ["data.txt", "tool.sh"]]);
    }
    expect((await stat(place)).mode & 0o777).toBe(0o700);
  });
});

describe("an executable with carried files", () => {
  test("gives them back to be built anew", async () => {
    const files = { "x.cjs": "exports.x = 1", "bin/tool": "#!/bin/sh\n" };
    const { path } = await builder.build("main.cjs", "console.log(require('./x').x)", {
      files,
      executables: ["bin/tool"],
      meta: { place: "src/main.cjs" },
    });
    const app = await (await packedApps()).readPackedApp(path);
    expect(app.meta.main).toBe("src/main.cjs");
    const rebuilt = await builder.rebuild(path);
    expect((await readFile(rebuilt.path)).equals(await readFile(path))).toBe(true);
    const found = app.files.map((file) => [file.path, file.executable]);
    expect(found).toEqual([
      ["x.cjs", false],
      ["bin/tool", true],
      ["src/main.cjs", false],
    ]);
  });

  test("has those of packages for its target among them", async () => {
    const { path } = await builder.build("main.cjs", "console.log(require('p'))", {
      targetFiles: {
        "node_modules/p/index.js": "module.exports = require('./p.json').p;",
        "node_modules/p/p.json": '{"p":7}',
      },
      meta: { place: "src/main.cjs", platformPackages: 1 },
    });
    expect((await promisify(execFile)(path)).stdout).toBe("7\n");
    const rebuilt = await builder.rebuild(path);
    expect((await readFile(rebuilt.path)).equals(await readFile(path))).toBe(true);
  });

  test("is not made where nobody has chosen them", async () => {
    await expect(builder.build("main.cjs", "", { meta: { platformPackages: 1 } })).rejects.toMatchObject({
      code: "SBP_BUNDLE_PLATFORM",
      exitCode: 2,
    });
  });

  test.each([
    ["../x", {}],
    [".sbp/x", {}],
    ["a//b", {}],
    ["src/main.cjs", { place: "src/main.cjs" }],
    ["src", { place: "src/main.cjs" }],
    ["x", { place: "../main.cjs" }],
  ])("is not made with a file at %s", async (path, meta) => {
    await expect(builder.build("main.cjs", "", { files: { [path]: "" }, meta })).rejects.toMatchObject({
      code: "SBP_BUNDLE_INVALID",
    });
  });

  test("is not made of a Node that cannot mount them", async () => {
    const old = await appBuilder("24.21.0");
    const files = { a: "", b: "", c: "", d: "" };
    await expect(old.build("main.cjs", "", { files })).rejects.toMatchObject({
      code: "SBP_RUNTIME_NO_FILES",
      message:
        "Node 24.21.0 for linux-x64 cannot carry files, and the app needs 4 of them: a, b, c and 1 more",
      exitCode: 2,
    });
  });
});
