import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build, definePlugin, openStore } from "@sbp/core";
import { expect, onTestFinished, test } from "vitest";
import plugin from "../src/index.ts";
import { addFiles, makeApp } from "./app.ts";

/*
 * Builds one app again and again. What packages carry is traced once and kept; each time a build in an empty store, which
 * has nothing to keep, says what is right.
 */

const files = {
  "package.json": '{"name":"app","type":"module"}',
  "node_modules/reader/package.json": '{"name":"reader","version":"1.0.0","main":"index.js"}',
  "node_modules/reader/index.js": `
    exports.text = require("fs").readFileSync(require("path").join(__dirname, "a.txt"), "utf8");
    exports.part = require("./part");
    try { exports.helper = require("helper"); } catch {}`,
  "node_modules/reader/a.txt": "a",
  "node_modules/reader/part.js": "",
  "node_modules/reader/other.js": "",
};

/** Says what the bundle carries. */
const listing = definePlugin({
  name: "listing",
  consumes: ["bundle"],
  produces: ["report"],
  scope: "project",
  async run({ artifacts, write }) {
    const { bundle } = artifacts;
    const carried = bundle!.files.filter(({ path }) => path.startsWith("files/"));
    const lines = carried.map(({ path, sha256 }) => `${path.slice("files/node_modules/".length)} ${sha256}`);
    await write("report", {}, (out) => out.file("carried", lines.join("\n")));
  },
});

const empty = createHash("sha256").update("").digest("hex");

async function temporary(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "sbp-kept-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface Rebuilt {
  readonly app: string;
  readonly cache: string;
  /** Changes the app's code, builds, and returns the carried files of packages with their hashes. */
  again(options?: { readonly force?: boolean; readonly cache?: string }): Promise<readonly string[]>;
  /** The same, and checks it by a build in an empty store. */
  checked(): Promise<readonly string[]>;
}

async function rebuilt(options = {}): Promise<Rebuilt> {
  const app = await makeApp(files);
  const cache = await temporary();
  let count = 0;
  const again: Rebuilt["again"] = async ({ cache: folder = cache, force = false } = {}) => {
    await writeFile(
      path.join(app, "main.ts"),
      `import { text } from "reader";\nconsole.log(text, ${count++});`,
    );
    const bundle = { format: "auto", minify: false, keepNames: true, sourcemap: true, entry: "main.ts" };
    const steps = [plugin, listing].map((plugin) => ({
      id: plugin.name,
      use: plugin.name,
      plugin,
      pluginDigest: "1",
      options: plugin === listing ? {} : { ...bundle, ...options },
    }));
    const { outcome } = await build({
      project: {
        dir: app,
        app: { name: "app", version: "1.0.0" },
        outDir: path.join(app, "dist"),
        steps,
        config: {},
        files: [],
      },
      store: await openStore(folder),
      force,
    });
    expect(outcome).toBe("done");
    return (await readFile(path.join(app, "dist/carried"), "utf8")).split("\n");
  };
  const checked = async () => {
    const kept = await again();
    const fresh = await again({ cache: await temporary() });
    expect(kept).toEqual(fresh);
    return kept;
  };
  return { app, cache, again, checked };
}

async function keptFiles(cache: string): Promise<string[]> {
  const projects = path.join(cache, "v1/projects");
  const [project] = await readdir(projects);
  const memos = path.join(projects, project!, "memos");
  return (await readdir(memos)).map((name) => path.join(memos, name));
}

test("what was traced is taken for the next build, and not for a forced one", async () => {
  const { app, cache, again } = await rebuilt();
  const before = await again();
  const other = path.join(app, "node_modules/reader/other.js");
  for (const file of await keptFiles(cache)) {
    const { inputs, value } = JSON.parse(await readFile(file, "utf8"));
    value.files = [...value.files, other].sort();
    const fingerprint = path.basename(file, ".json");
    const check = createHash("sha256")
      .update(JSON.stringify([fingerprint, inputs, value]))
      .digest("hex");
    await writeFile(file, JSON.stringify({ check, inputs, value }));
  }
  expect(await again()).toEqual([...before, `reader/other.js ${empty}`].sort());
  expect(await again({ force: true })).toEqual(before);
});

test("what is no list of files is traced again", async () => {
  const { cache, again } = await rebuilt();
  const before = await again();
  for (const file of await keptFiles(cache)) {
    const { inputs } = JSON.parse(await readFile(file, "utf8"));
    const value = { files: ["../outside"], excluded: [] };
    const fingerprint = path.basename(file, ".json");
    const check = createHash("sha256")
      .update(JSON.stringify([fingerprint, inputs, value]))
      .digest("hex");
    await writeFile(file, JSON.stringify({ check, inputs, value }));
  }
  expect(await again()).toEqual(before);
});

const changes: Record<string, (modules: string) => Promise<unknown>> = {
  "a file has other code": (modules) =>
    writeFile(path.join(modules, "reader/part.js"), 'require("./other");'),
  "a data file has other bytes": (modules) => writeFile(path.join(modules, "reader/a.txt"), "b"),
  "a file of the name appears": (modules) => addFiles(modules, { "reader/part": "" }),
  "a file becomes a folder": async (modules) => {
    await rm(path.join(modules, "reader/part.js"));
    await addFiles(modules, { "reader/part/index.js": 'require("../other");' });
  },
  "a package has another main file": (modules) =>
    addFiles(modules, {
      "reader/package.json": '{"name":"reader","version":"1.0.0","main":"lib/main.js"}',
      "reader/lib/main.js": `exports.text = require("fs").readFileSync(require("path").join(__dirname, "../a.txt"))`,
    }),
  "a package that was not there is installed": (modules) =>
    addFiles(modules, {
      "helper/package.json": '{"name":"helper","version":"1.0.0"}',
      "helper/index.js": "",
    }),
  "a package is installed nearer": (modules) =>
    addFiles(modules, {
      "reader/node_modules/helper/package.json": '{"name":"helper","version":"2.0.0"}',
      "reader/node_modules/helper/index.js": "",
    }),
};

test.each(Object.entries(changes))("%s", async (_, change) => {
  const { app, checked } = await rebuilt();
  const before = await checked();
  await change(path.join(app, "node_modules"));
  expect(await checked()).not.toEqual(before);
});

test("a link leads to the same package with other neighbours", async () => {
  const { app, checked } = await rebuilt();
  const modules = path.join(app, "node_modules");
  // As pnpm lays them out.
  for (const version of ["1", "2"]) {
    const own = path.join(modules, `.pnpm/reader@1_helper@${version}/node_modules`);
    await mkdir(own, { recursive: true });
    for (const [name, text] of Object.entries(files))
      if (name.startsWith("node_modules/reader/"))
        await addFiles(own, { [name.slice("node_modules/".length)]: text });
    await addFiles(own, {
      "helper/package.json": `{"name":"helper","version":"${version}.0.0"}`,
      "helper/index.js": `// ${version}`,
    });
  }
  await rename(path.join(modules, "reader"), path.join(app, "moved"));
  const link = path.join(modules, "reader");
  await symlink(".pnpm/reader@1_helper@1/node_modules/reader", link);
  const before = await checked();
  expect(before.join()).toContain("reader@1_helper@1");
  await rm(link);
  await symlink(".pnpm/reader@1_helper@2/node_modules/reader", link);
  expect((await checked()).join()).not.toContain("reader@1_helper@1");
});

test("what is excluded stays out", async () => {
  const { checked } = await rebuilt({ exclude: ["node_modules/reader/*.txt"] });
  for (let time = 0; time < 2; time++) expect((await checked()).join()).not.toContain("reader/a.txt");
});
