import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { addFiles, type Bundled, bundleApp, makeApp, runCarried, runSources } from "./app.ts";

/** Where packages lie, by their names and versions, as package managers lay them out. */
const template = (name: string, version: string, dependencies = "{}", code = "") => ({
  "package.json": `{"name":"${name}","version":"${version}","dependencies":${dependencies}}`,
  "index.js": `const fs = require("fs"), path = require("path");
    const data = fs.readFileSync(path.join(__dirname, "data.txt"), "utf8");
    exports.at = "${name} ${version} " + data;\n${code}`,
  "data.txt": `data of ${version}`,
});

function inFolder(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}

/** Makes a link to a folder, both relative to the app. */
async function link(app: string, from: string, to: string): Promise<void> {
  await mkdir(path.dirname(path.join(app, from)), { recursive: true });
  await symlink(path.relative(path.dirname(path.join(app, from)), path.join(app, to)), path.join(app, from));
}

const main = `
  const first = require("first"), shared = require("shared");
  console.log([first.at, first.shared.at, first.scoped.at, shared.at].join("\\n"));
  console.log(first.shared === require("./other.cjs"), first.scoped.load("shared").at);`;
const first = template(
  "first",
  "1.0.0",
  '{"shared":"1","@s/scoped":"1"}',
  'exports.shared = require("shared"); exports.scoped = require("@s/scoped");',
);
const scoped = template("@s/scoped", "1.0.0", '{"shared":"1"}', "exports.load = (name) => require(name);");
const sources = {
  "package.json": '{"name":"app","dependencies":{"first":"1","shared":"2"}}',
  "src/main.cjs": main,
  "src/other.cjs": 'module.exports = require("shared");',
};

async function asUnderNode(app: string): Promise<Bundled> {
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.cjs"));
  return bundled;
}

describe("carried packages are found where the package manager has put them", () => {
  test("hoisted and nested, as npm and yarn do", async () => {
    const app = await makeApp({
      ...sources,
      ...inFolder("node_modules/first", first),
      ...inFolder("node_modules/first/node_modules/shared", template("shared", "1.0.0")),
      ...inFolder("node_modules/@s/scoped", scoped),
      ...inFolder("node_modules/@s/scoped/node_modules/shared", template("shared", "1.5.0")),
      ...inFolder("node_modules/shared", template("shared", "2.0.0")),
    });
    const { packages, meta } = await asUnderNode(app);
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      "@s/scoped 1.0.0",
      "first 1.0.0",
      "shared 1.0.0",
      "shared 1.5.0",
      "shared 2.0.0",
    ]);
    expect(meta).not.toHaveProperty("links");
  });

  test("linked, as pnpm does", async () => {
    const store = "node_modules/.pnpm";
    const app = await makeApp({
      ...sources,
      ...inFolder(`${store}/first@1.0.0/node_modules/first`, first),
      ...inFolder(`${store}/@s+scoped@1.0.0/node_modules/@s/scoped`, scoped),
      ...inFolder(`${store}/shared@1.0.0/node_modules/shared`, template("shared", "1.0.0")),
      ...inFolder(`${store}/shared@2.0.0/node_modules/shared`, template("shared", "2.0.0")),
      ...inFolder(`${store}/unused@1.0.0/node_modules/unused`, template("unused", "1.0.0")),
    });
    await link(app, "node_modules/first", `${store}/first@1.0.0/node_modules/first`);
    await link(app, "node_modules/shared", `${store}/shared@2.0.0/node_modules/shared`);
    await link(app, `${store}/first@1.0.0/node_modules/shared`, `${store}/shared@1.0.0/node_modules/shared`);
    await link(
      app,
      `${store}/first@1.0.0/node_modules/@s/scoped`,
      `${store}/@s+scoped@1.0.0/node_modules/@s/scoped`,
    );
    await link(app, `${store}/node_modules/shared`, `${store}/shared@1.0.0/node_modules/shared`);
    await link(app, "node_modules/unused", `${store}/unused@1.0.0/node_modules/unused`);
    const { meta, dependencies } = await asUnderNode(app);
    expect(meta["links"]).toEqual({
      "node_modules/first": `${store}/first@1.0.0/node_modules/first`,
      "node_modules/shared": `${store}/shared@2.0.0/node_modules/shared`,
      [`${store}/first@1.0.0/node_modules/@s/scoped`]: `${store}/@s+scoped@1.0.0/node_modules/@s/scoped`,
      [`${store}/first@1.0.0/node_modules/shared`]: `${store}/shared@1.0.0/node_modules/shared`,
      [`${store}/node_modules/shared`]: `${store}/shared@1.0.0/node_modules/shared`,
    });
    expect(dependencies).toContainEqual({ directory: `${store}/first@1.0.0/node_modules` });
  });

  test("through the links of a workspace", async () => {
    const workspace = await makeApp({
      "package.json": '{"workspaces":["packages/*"]}',
      ...inFolder("packages/app", {
        ...sources,
        "src/main.cjs": 'console.log(require("./plugin.cjs"), require("shared").at);',
        "src/plugin.cjs": 'module.exports = require(require("path").join(__dirname, "../plugins/one.cjs"));',
        "plugins/one.cjs": 'module.exports = require("member").text;',
      }),
      "packages/member/package.json": '{"name":"member","version":"1.0.0","main":"./lib/index.js"}',
      "packages/member/lib/index.js":
        'const fs = require("fs"); exports.text = fs.readFileSync(__dirname + "/../text.txt", "utf8") + require("shared").at;',
      "packages/member/text.txt": "member ",
      ...inFolder("packages/member/node_modules/shared", template("shared", "1.0.0")),
      ...inFolder("node_modules/shared", template("shared", "2.0.0")),
    });
    await link(workspace, "node_modules/member", "packages/member");
    const { meta } = await asUnderNode(path.join(workspace, "packages/app"));
    expect(meta["links"]).toEqual({ "node_modules/member": "packages/member" });
  });
});

test("what the options name of packages holds through pnpm's links, too", async () => {
  const store = "node_modules/.pnpm";
  const app = await makeApp({
    "package.json": '{"dependencies":{"shared":"1"}}',
    "src/main.cjs": 'console.log(require("shared").at, require("shared").deep);',
    ...inFolder(
      `${store}/shared@1.0.0/node_modules/shared`,
      template("shared", "1.0.0", '{"deep":"1"}', 'exports.deep = require("deep").deep;'),
    ),
    [`${store}/shared@1.0.0/node_modules/shared/more/a.txt`]: "a",
    [`${store}/shared@1.0.0/node_modules/shared/more/b.txt`]: "b",
    [`${store}/deep@1.0.0/node_modules/deep/package.json`]: '{"name":"deep","version":"1.0.0"}',
    [`${store}/deep@1.0.0/node_modules/deep/index.js`]: "exports.deep = 1;",
  });
  await link(app, "node_modules/shared", `${store}/shared@1.0.0/node_modules/shared`);
  await link(app, `${store}/shared@1.0.0/node_modules/deep`, `${store}/deep@1.0.0/node_modules/deep`);
  await link(app, `${store}/node_modules/deep`, `${store}/deep@1.0.0/node_modules/deep`);
  const bundled = await bundleApp(app, {
    entry: "src/main.cjs",
    external: ["deep"],
    include: ["node_modules/shared/more/**"],
    exclude: ["node_modules/shared/more/b.txt"],
  });
  expect(bundled.packages).toMatchObject([
    { name: "deep", carried: { because: '"external" names it' } },
    { name: "shared", carried: {} },
  ]);
  const inPackage = bundled.carried.filter((file) => file.includes("shared/more"));
  expect(inPackage).toEqual([`${store}/shared@1.0.0/node_modules/shared/more/a.txt`]);
  expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.cjs"));
});

describe("exclude", () => {
  const app = () =>
    makeApp({
      "src/main.cjs": `
        const { a } = require("carried");
        let b = "none", c = "none";
        try { b = require("bundled").b; } catch (error) { b = error.code; }
        try { c = require("@s/one").c; } catch (error) { c = error.code; }
        console.log(a, b, c);`,
      "node_modules/carried/package.json":
        '{"name":"carried","version":"1.0.0","dependencies":{"optional":"1"}}',
      "node_modules/carried/index.js":
        'let found; try { found = require("optional"); } catch {} exports.a = require("fs").readFileSync(__dirname + "/a.txt", "utf8") + found;',
      "node_modules/carried/a.txt": "a",
      "node_modules/optional/package.json": '{"name":"optional","version":"1.0.0"}',
      "node_modules/optional/index.js": 'module.exports = "optional";',
      "node_modules/bundled/package.json": '{"name":"bundled","version":"1.0.0"}',
      "node_modules/bundled/index.js": 'exports.b = "b";',
      "node_modules/@s/one/package.json": '{"name":"@s/one","version":"1.0.0"}',
      "node_modules/@s/one/index.js": 'exports.c = "c";',
    });

  test("leaves out whole packages by name, whether they would be bundled or carried", async () => {
    const bundled = await bundleApp(await app(), {
      entry: "src/main.cjs",
      exclude: ["optional", "bundled", "@s/*"],
    });
    expect(bundled.packages.map(({ name }) => name)).toEqual(["carried"]);
    expect(bundled.carried.filter((file) => file.includes("optional"))).toEqual([]);
    expect(await runCarried(bundled)).toBe("aundefined MODULE_NOT_FOUND MODULE_NOT_FOUND\n");
    expect(bundled.diagnostics).toMatchObject([
      {
        severity: "info",
        code: "SBP_BUNDLE_EXTERNAL",
        message: '"bundled" stays outside the bundle, as "exclude" says',
        location: { file: "src/main.cjs", line: 4 },
      },
      { severity: "info", code: "SBP_BUNDLE_EXTERNAL", message: expect.stringContaining("@s/one") },
    ]);
  });

  test("by globs takes files of packages that are carried, and nothing out of the bundle", async () => {
    const bundled = await bundleApp(await app(), {
      entry: "src/main.cjs",
      exclude: ["node_modules/optional/**", "node_modules/bundled/**"],
    });
    expect(await runCarried(bundled)).toBe("aundefined b c\n");
  });
});

test("versions of a package outside of the project are never mixed up", async () => {
  const store = await makeApp({
    ...inFolder("1/node_modules/p", template("p", "1.0.0")),
    ...inFolder("2/node_modules/p", template("p", "2.0.0")),
  });
  const app = await makeApp({
    "src/main.cjs": 'console.log(require("p").at, require("../lib/x.cjs"));',
    "lib/x.cjs": 'module.exports = require("p").at;',
  });
  await mkdir(path.join(app, "lib/node_modules"));
  await mkdir(path.join(app, "node_modules"));
  await symlink(path.join(store, "1/node_modules/p"), path.join(app, "node_modules/p"));
  await symlink(path.join(store, "2/node_modules/p"), path.join(app, "lib/node_modules/p"));
  await expect(bundleApp(app, { entry: "src/main.cjs" })).rejects.toMatchObject({
    code: "SBP_BUNDLE_PLACE",
    exitCode: 2,
    message: expect.stringContaining("node_modules/p/"),
  });
});

test("Yarn's archives are refused with advice", async () => {
  const app = await makeApp({
    "package.json": '{"name":"app","dependencies":{"p":"1"}}',
    "src/main.ts": 'import "p";',
    ".pnp.cjs": "",
  });
  await expect(bundleApp(app)).rejects.toMatchObject({
    code: "SBP_BUNDLE_PNP",
    exitCode: 2,
    location: { file: path.join(app, ".pnp.cjs") },
    hint: expect.stringContaining("nodeLinker: node-modules"),
  });
  await addFiles(app, { "node_modules/p/index.js": "" });
  expect((await bundleApp(app)).packages).toMatchObject([]);
});
