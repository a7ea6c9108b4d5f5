import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type BundleManifest, readBundleManifest } from "@sbp/manifest";
import { describe, expect, test } from "vitest";
import { addFiles, bundleApp, makeApp } from "./app.ts";

const run = promisify(execFile);
const integrity = (name: string) => `sha512-${Buffer.from(name.repeat(16)).toString("base64")}`;

/** A package of these files. */
const packageOf = (place: string, fields: object, files: Readonly<Record<string, string>>) =>
  Object.fromEntries<string>([
    [`${place}/package.json`, JSON.stringify({ main: "index.js", license: "MIT", ...fields })],
    ...Object.entries(files).map(([file, text]): [string, string] => [`${place}/${file}`, text]),
  ]);

const files = {
  "package.json": '{ "name": "demo", "version": "1.0.0", "type": "module" }',
  "src/main.ts":
    'import { used } from "barrel";\nimport once from "cjs";\nimport { never } from "never";\nconsole.log(used(), once);\nif (false) console.log(never);\n',
  // A barrel: of its index nothing is left.
  ...packageOf(
    "node_modules/barrel",
    { name: "barrel", version: "1.0.0", type: "module", sideEffects: false, license: "ISC" },
    {
      "index.js":
        'export * from "./used.js";\nexport * from "./unused.js";\nexport { inner } from "@scope/inner";\n',
      "used.js": 'import { inner } from "@scope/inner";\nexport const used = () => inner(1);\n',
      "unused.js": "export const unused = () => 2;\n",
    },
  ),
  ...packageOf(
    "node_modules/@scope/inner",
    { name: "@scope/inner", version: "2.0.0", type: "module", sideEffects: false },
    { "index.js": "export const inner = (x) => x + 1;\n" },
  ),
  ...packageOf(
    "node_modules/cjs",
    { name: "cjs", version: "3.1.0", license: undefined },
    {
      "index.js": 'module.exports = require("./lib/a") + require("dep");\n',
      "lib/a.js": "module.exports = 3;\n",
    },
  ),
  // One inside of another, in another version than the app's would be.
  ...packageOf(
    "node_modules/cjs/node_modules/dep",
    { name: "dep", version: "0.1.0" },
    { "index.js": "module.exports = 4;\n" },
  ),
  ...packageOf(
    "node_modules/never",
    { name: "never", version: "5.0.0", type: "module", sideEffects: false },
    { "index.js": "export const never = 1;\n" },
  ),
};

async function manifestOf(app: string, options = {}): Promise<BundleManifest> {
  return readBundleManifest(JSON.parse(await (await bundleApp(app, options)).text("manifest.json")));
}

describe("the manifest of a bundle", () => {
  test("tells what is left of each package, and which imports which", async () => {
    const { packages, dependencies, shaken } = await manifestOf(await makeApp(files));
    expect(packages.map(({ name, version, license }) => `${name} ${version} ${license}`)).toEqual([
      "@scope/inner 2.0.0 MIT",
      "barrel 1.0.0 ISC",
      "cjs 3.1.0 undefined",
      "dep 0.1.0 MIT",
    ]);
    expect(packages.map((one) => one.files?.map(({ path }) => path))).toEqual([
      ["index.js"],
      ["used.js"],
      ["index.js", "lib/a.js"],
      ["index.js"],
    ]);
    expect(packages[1]!.removedFiles).toEqual(["index.js", "unused.js"]);
    for (const { bundled, files } of packages) {
      expect(bundled!.files).toBe(files!.length);
      expect(bundled!.bytes).toBe(files!.reduce((sum, { bytes }) => sum + bytes, 0));
      expect(bundled!.bytes).toBeGreaterThan(10);
    }
    // Through the barrel's index, of which nothing is left, leads one of the app's imports to @scope/inner.
    expect(dependencies).toEqual([0, 1, 2]);
    expect(packages.map((one) => one.dependencies)).toEqual([undefined, [0], [3], undefined]);
    expect(shaken).toEqual([{ name: "never", version: "5.0.0" }]);
  });

  test("names the exports of bundled modules of which nothing is left", async () => {
    const app = await makeApp({
      ...files,
      "src/main.ts":
        'import { one, renamed, Kept } from "many";\nimport cjs from "cjs";\nconsole.log(one(), renamed, new Kept(), cjs);\n',
      ...packageOf(
        "node_modules/many",
        { name: "many", version: "1.0.0", type: "module", sideEffects: false },
        {
          "index.js": [
            "import { inner } from '@scope/inner';",
            "export function one() {\n  return helper();\n}",
            "export function two() {\n  return helper() + 2;\n}",
            "export const three = () => 3;",
            "export async function four() {}",
            "export class Kept {}",
            "export class Gone {}",
            "function helper() { return 1; }",
            "const local = [1, 2];",
            "const unused = [3, 4];",
            "export { local as renamed, unused as alias, inner };",
            "export * from './other.js';",
            "export default function five() {}",
            "/*\nexport function inComment() {}\n*/",
            "const text = `\nexport function inText() {}\n`;",
          ].join("\n"),
          "other.js": "export const other = 1;\n",
        },
      ),
    });
    for (const minify of [false, true]) {
      const { packages } = await manifestOf(app, { minify });
      const many = packages.find(({ name }) => name === "many")!;
      expect(many.removedExports).toEqual({
        "index.js": ["Gone", "alias", "default", "four", "three", "two"],
      });
      // No module of this kind, hence nothing is said.
      expect(packages.find(({ name }) => name === "cjs")!.removedExports).toBeUndefined();
    }
  });

  const locks: Readonly<Record<string, string>> = {
    "package-lock.json": JSON.stringify({
      lockfileVersion: 3,
      packages: {
        "node_modules/barrel": { version: "1.0.0", integrity: integrity("barrel") },
        "node_modules/cjs": { version: "3.1.0", integrity: integrity("cjs") },
        "node_modules/@scope/inner": { version: "2.0.0", integrity: integrity("inner") },
        // Not what is installed.
        "node_modules/cjs/node_modules/dep": { version: "9.9.9", integrity: integrity("other") },
      },
    }),
    "pnpm-lock.yaml": `lockfileVersion: '9.0'

packages:

  '@scope/inner@2.0.0':
    resolution: {integrity: ${integrity("inner")}}

  barrel@1.0.0:
    resolution: {integrity: ${integrity("barrel")}}
    engines: {node: '>=12'}

  cjs@3.1.0:
    resolution: {integrity: ${integrity("cjs")}}

  dep@9.9.9:
    resolution: {integrity: ${integrity("other")}}

snapshots:

  cjs@3.1.0:
    dependencies:
      dep: 9.9.9
`,
    "yarn.lock": `# yarn lockfile v1

"@scope/inner@^2.0.0":
  version "2.0.0"
  resolved "http://127.0.0.1/inner.tgz#abc"
  integrity ${integrity("inner")}

barrel@^1.0.0, barrel@^1.0.1:
  version "1.0.0"
  resolved "http://127.0.0.1/barrel.tgz#abc"
  integrity ${integrity("barrel")}

cjs@3:
  version "3.1.0"
  integrity ${integrity("cjs")}
  dependencies:
    dep "9.9.9"

dep@9.9.9:
  version "9.9.9"
  integrity ${integrity("other")}
`,
  };
  test.each(Object.keys(locks))("has the hashes of %s, and of what is installed alone", async (name) => {
    const app = await makeApp({ ...files, [name]: locks[name]! });
    const bundled = await bundleApp(app);
    const { packages } = readBundleManifest(JSON.parse(await bundled.text("manifest.json")));
    expect(packages.map((one) => one.integrity)).toEqual([
      integrity("inner"),
      integrity("barrel"),
      integrity("cjs"),
      undefined,
    ]);
    expect(bundled.dependencies).toContainEqual({ file: name });
  });

  test("does without a lock file that cannot be read", async () => {
    const { packages } = await manifestOf(await makeApp({ ...files, "package-lock.json": "{" }));
    expect(packages.every((one) => one.integrity === undefined)).toBe(true);
  });

  test("knows where carried packages will be", async () => {
    const app = await makeApp({
      ...files,
      "src/main.ts": 'import view from "view";\nconsole.log(view);\n',
      ...packageOf(
        "node_modules/view",
        { name: "view", version: "1.0.0", dependencies: { dep: "*" } },
        {
          "index.js":
            'module.exports = require("fs").readFileSync(__dirname + "/text.txt", "utf8") + require("dep");\n',
          "text.txt": "text",
        },
      ),
      ...packageOf(
        "node_modules/dep",
        { name: "dep", version: "7.0.0" },
        { "index.js": "module.exports = 1;\n" },
      ),
    });
    const { packages, dependencies } = await manifestOf(app);
    expect(packages.map(({ name, folders }) => [name, folders])).toEqual([
      ["dep", ["node_modules/dep"]],
      ["view", ["node_modules/view"]],
    ]);
    expect(packages[1]!.dependencies).toEqual([0]);
    expect(dependencies).toEqual([1]);
  });
});

describe("the revision of the sources", () => {
  const git = (cwd: string, ...words: string[]) =>
    run(
      "git",
      ["-c", "user.name=t", "-c", "user.email=t@example.test", "-c", "commit.gpgsign=false", ...words],
      {
        cwd,
      },
    );
  const committed = async (more = {}) => {
    const app = await makeApp({ ...files, ".gitignore": "node_modules\n", ...more });
    await git(app, "init", "--quiet");
    await git(app, "add", ".");
    await git(app, "commit", "--quiet", "-m", "first");
    return { app, head: (await git(app, "rev-parse", "HEAD")).stdout.trim() };
  };
  const sourceOf = async (app: string, options: { revision?: boolean } = { revision: true }) =>
    (await manifestOf(app, options)).source;

  test("is the commit, as long as nothing of the bundle is changed", async () => {
    const { app, head } = await committed({ "notes.txt": "no source" });
    expect(await sourceOf(app)).toEqual({ revision: head });
    await addFiles(app, { "notes.txt": "changed", "src/other.ts": "export {};\n" });
    expect(await sourceOf(app)).toEqual({ revision: head });
    await addFiles(app, { "src/main.ts": 'import "./other.ts";\n' });
    expect(await sourceOf(app)).toEqual({ revision: head, dirty: true });
    await git(app, "add", "src/main.ts");
    await git(app, "commit", "--quiet", "-m", "second");
    // A source that nobody has committed.
    expect(await sourceOf(app)).toMatchObject({ dirty: true });
  });

  test("is found in packed references, detached, and in a linked working tree", async () => {
    const { app, head } = await committed();
    await git(app, "pack-refs", "--all");
    expect(await sourceOf(app)).toEqual({ revision: head });
    await git(app, "checkout", "--quiet", "--detach");
    expect(await sourceOf(app)).toEqual({ revision: head });
    const tree = `${app}/tree`;
    await git(app, "worktree", "add", "--quiet", tree);
    await addFiles(
      tree,
      Object.fromEntries(Object.entries(files).filter(([file]) => file.startsWith("node_modules"))),
    );
    expect(await sourceOf(tree)).toEqual({ revision: head });
  });

  test("is left out where there is none, or nobody wants it", async () => {
    const { app } = await committed();
    expect(await sourceOf(app, { revision: false })).toBeUndefined();
    expect(await sourceOf(await makeApp(files))).toBeUndefined();
    const empty = await makeApp(files);
    await git(empty, "init", "--quiet");
    expect(await sourceOf(empty)).toBeUndefined();
  });

  test("is that of a project's own repository: in a larger one others commit, too", async () => {
    const { app, head } = await committed({
      "apps/one/package.json": "{}",
      "apps/one/src/main.ts": "export {};\n",
    });
    expect(await sourceOf(app, {})).toEqual({ revision: head });
    expect(await sourceOf(`${app}/apps/one`, {})).toBeUndefined();
    expect(await sourceOf(`${app}/apps/one`)).toEqual({ revision: head });
  });

  test("makes the commit an input, and writes nothing into the repository", async () => {
    const { app } = await committed();
    const before = (
      await run("find", [".git", "-newermt", "1970-01-01", "-printf", "%p %T@\n"], { cwd: app })
    ).stdout;
    const { dependencies } = await bundleApp(app, { revision: true });
    const inputs = dependencies.flatMap((one) => ("file" in one ? one.file : []));
    expect(inputs).toContain(".git/HEAD");
    expect(inputs.filter((file) => file.startsWith(".git/refs/heads/")).length).toBe(1);
    const after = (await run("find", [".git", "-newermt", "1970-01-01", "-printf", "%p %T@\n"], { cwd: app }))
      .stdout;
    expect(after).toBe(before);
  });
});
