import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import type { Dependency } from "@sbp/core";
import { describe, expect, test } from "vitest";
import { addFiles, bundleApp, makeApp } from "./app.ts";

/** What the engine would compare: the state of everything that was declared. */
function fingerprint(projectDir: string, dependencies: readonly Dependency[]): string {
  const hash = createHash("sha256");
  for (const dependency of dependencies) {
    let state = "absent";
    try {
      if ("file" in dependency) state = readFileSync(path.resolve(projectDir, dependency.file), "base64");
      if ("directory" in dependency)
        state = readdirSync(path.resolve(projectDir, dependency.directory)).sort().join();
    } catch {}
    hash.update(`${JSON.stringify(dependency)} ${state}\n`);
  }
  return hash.digest("hex");
}

const workspace = {
  "package.json": '{"workspaces":["apps/*","libs/*"]}',
  "node_modules/hoisted/package.json": '{"name":"hoisted"}',
  "node_modules/hoisted/index.js": 'require("./lib/part"); require("@scope/below"); console.log("hoisted");',
  "node_modules/hoisted/lib/part.js": "",
  "node_modules/@scope/below/package.json": '{"name":"@scope/below"}',
  "node_modules/@scope/below/index.js": "",
  "config/base.json": '{"compilerOptions":{}}',
  "libs/shared/package.json": "{}",
  "libs/shared/index.ts": "export const shared = 1;",
  "apps/one/package.json": '{"name":"one"}',
  "apps/one/tsconfig.json": `{
    // comments are fine
    "extends": ["../../config/base", "preset/strict"],
    "compilerOptions": { "paths": { "~/*": ["./src/first/*", "./src/second/*"] } } }`,
  "apps/one/node_modules/preset/strict.json": "{}",
  "apps/one/node_modules/preset/package.json": "{}",
  "apps/one/src/main.ts": `
    import "hoisted";
    import "./part";
    import "../root";
    import "~/aliased";
    import { shared } from "../../../libs/shared";
    import { readFileSync } from "node:fs";
    try { require("optional"); } catch {}
    try { require("./local/optional"); } catch {}
    console.log(shared, readFileSync);`,
  "apps/one/src/part/index.ts": "",
  "apps/one/src/second/aliased.ts": "console.log('second');",
  "apps/one/root.ts": "",
};

describe("a change that could matter changes what was declared", () => {
  test.each([
    ["apps/one/src/part/index.ts", "a source"],
    ["libs/shared/index.ts", "a source of another package"],
    ["node_modules/hoisted/lib/part.js", "a dependency's source"],
    ["node_modules/hoisted/package.json", "a dependency's package.json"],
    ["apps/one/package.json", "the project's package.json"],
    ["package.json", "the workspace's package.json"],
    ["apps/one/tsconfig.json", "tsconfig.json"],
    ["config/base.json", "what tsconfig.json extends"],
    ["apps/one/node_modules/preset/strict.json", "what it extends from a package"],
    ["tsconfig.json", "a tsconfig.json above"],
    ["apps/one/src/tsconfig.json", "a nearer tsconfig.json"],
    ["apps/one/src/package.json", "a nearer package.json"],
    ["apps/one/src/part.ts", "a file that wins over the folder"],
    ["apps/one/src/part/index.tsx", "an extension that comes first"],
    ["apps/one/root.tsx", "an extension that comes first, in the project's folder"],
    ["apps/one/src/first/aliased.ts", "an earlier target of an alias"],
    ["libs/shared.ts", "a file that wins over a package's folder"],
    ["node_modules/hoisted/index.ts", "nothing that wins, but who knows"],
    ["node_modules/hoisted/node_modules/@scope/below/index.js", "a nearer copy of a package"],
    ["apps/one/src/node_modules/hoisted/index.js", "a nearer node_modules"],
    ["apps/one/node_modules/hoisted/index.js", "the package in a nearer node_modules"],
    ["apps/node_modules/hoisted/index.js", "a node_modules in between"],
    ["apps/one/node_modules/optional/index.js", "an optional dependency that is now there"],
    ["node_modules/optional/index.js", "an optional dependency, hoisted"],
    ["apps/one/src/local/optional.ts", "an optional file that is now there"],
    ["apps/one/.pnp.cjs", "Yarn's plug and play"],
  ])("%s: %s", async (file) => {
    const root = await makeApp(workspace);
    const project = path.join(root, "apps/one");
    const { dependencies } = await bundleApp(project);
    const before = fingerprint(project, dependencies);
    expect(fingerprint(project, dependencies)).toBe(before);
    await addFiles(root, { [file]: '{"changed":true}' });
    expect(fingerprint(project, dependencies)).not.toBe(before);
  });

  test("a link that leads to another version", async () => {
    const root = await makeApp({
      "src/main.ts": 'import "linked";',
      "store/linked@1/package.json": '{"name":"linked","version":"1.0.0"}',
      "store/linked@1/index.js": "",
      "store/linked@2/package.json": '{"name":"linked","version":"2.0.0"}',
      "store/linked@2/index.js": "",
    });
    const link = path.join(root, "node_modules/linked");
    await mkdir(path.dirname(link));
    await symlink("../store/linked@1", link);
    const { dependencies } = await bundleApp(root);
    const before = fingerprint(root, dependencies);
    await rm(link);
    await symlink("../store/linked@2", link);
    expect(fingerprint(root, dependencies)).not.toBe(before);
  });

  test("a nearer copy of a package, where nothing marks a workspace", async () => {
    const root = await makeApp({
      "node_modules/far/package.json": '{"name":"far"}',
      "node_modules/far/index.js": "",
      "a/b/src/main.ts": 'import "far";',
    });
    const project = path.join(root, "a/b");
    const { dependencies } = await bundleApp(project);
    const before = fingerprint(project, dependencies);
    await addFiles(root, { "a/node_modules/far/index.js": "" });
    expect(fingerprint(project, dependencies)).not.toBe(before);
  });

  test("baseUrl: a file that wins over a package", async () => {
    const root = await makeApp({
      "tsconfig.json": '{"compilerOptions":{"baseUrl":"."}}',
      "src/main.ts": 'import "pkg";',
      "node_modules/pkg/index.js": "",
    });
    const { dependencies } = await bundleApp(root);
    const before = fingerprint(root, dependencies);
    await addFiles(root, { "pkg.ts": "" });
    expect(fingerprint(root, dependencies)).not.toBe(before);
  });
});

describe("what cannot matter is not declared", () => {
  test.each([
    "README.md",
    "dist/linux-x64/one",
    "apps/one/dist/one",
    "apps/one/coverage.json",
  ])("%s", async (file) => {
    const root = await makeApp(workspace);
    const project = path.join(root, "apps/one");
    const { dependencies } = await bundleApp(project);
    const before = fingerprint(project, dependencies);
    await addFiles(root, { [file]: "new" });
    const names = dependencies.map((dependency) => JSON.stringify(dependency));
    expect(fingerprint(project, dependencies)).toBe(before);
    expect(new Set(names).size).toBe(names.length);
  });
});

test("every source of the bundle is declared, relative to the project", async () => {
  const root = await makeApp(workspace);
  const project = path.join(root, "apps/one");
  const bundled = await bundleApp(project);
  const { inputs } = JSON.parse(await bundled.text("metafile.json")) as { inputs: Record<string, unknown> };
  const declared = new Set(bundled.dependencies.flatMap((one) => ("file" in one ? one.file : [])));
  const sources = Object.keys(inputs);
  expect(sources.length).toBe(8);
  expect(sources.filter((input) => !declared.has(input))).toEqual([]);
});
