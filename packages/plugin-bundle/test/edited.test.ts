import { chmodSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { JsonObject } from "@sbp/core";
import { expect, onTestFinished, test } from "vitest";
import type { State } from "./edit-spots.ts";
import { outcome, put } from "./edits.ts";

interface Case {
  readonly options?: JsonObject;
  /** Below the folder that holds the app's, besides the usual. */
  readonly files: Readonly<Record<string, State>>;
  /** What changes then; a number is a file's mode. */
  readonly edit: Readonly<Record<string, State | number>>;
}

const usual = {
  "app/package.json": '{"name":"app","type":"module"}',
  "app/src/main.ts": "console.log(1);",
};
const reads = 'import { readdirSync } from "node:fs"; readdirSync(import.meta.dirname + "/data");';

/** Carries a package that lies above the project. */
const carrying = {
  "app/src/main.ts": 'import "reader";',
  "node_modules/reader/index.js": 'require("fs").readFileSync(__dirname + "/data.txt");',
  "node_modules/reader/data.txt": "data",
};

const cases: Readonly<Record<string, Case>> = {
  "an asset may be run by its owner": {
    options: { assets: ["assets/*"] },
    files: { "app/assets/run.sh": "true" },
    edit: { "app/assets/run.sh": 0o755 },
  },
  "a folder of assets comes": {
    options: { assets: ["assets"] },
    files: {},
    edit: { "app/assets/a.txt": "a" },
  },
  "a link among carried files leads to a file at last": {
    files: { "app/src/main.ts": reads, "app/src/data/link": { link: "../late.txt" } },
    edit: { "app/src/late.txt": "late" },
  },
  "a link among carried files leads to a folder at last": {
    files: { "app/src/main.ts": reads, "app/src/data/link": { link: "../late" } },
    edit: { "app/src/late/a.txt": "late" },
  },
  "a source is a link, and leads to another file of the same text": {
    files: {
      "app/src/main.ts": 'import "./a.ts";',
      "app/src/b.ts": "console.log(1);",
      "app/src/c.ts": "console.log(1);",
      "app/src/a.ts": { link: "b.ts" },
    },
    edit: { "app/src/a.ts": { link: "c.ts" } },
  },
  "the folder of the sources becomes a link to one with the same files": {
    files: { "app/other/main.ts": "console.log(1);" },
    edit: { "app/src": { link: "other" } },
  },
  "a package that only # names comes nearer": {
    files: {
      "app/package.json": '{"name":"app","type":"module","imports":{"#pkg/*":{"default":"pkg/*.js"}}}',
      "app/src/main.ts": 'import "#pkg/a";',
      "node_modules/pkg/a.js": "console.log(1);",
    },
    edit: { "app/node_modules/pkg/a.js": "console.log(2);" },
  },
  "a folder comes that a name in the project's folder leads to": {
    files: {
      "app/tsconfig.json": '{"compilerOptions":{"baseUrl":"."}}',
      "app/src/main.ts": 'try { require("later"); } catch {}',
    },
    edit: { "app/later/index.ts": "console.log(2);" },
  },
  "a folder above becomes a workspace by its package.json": {
    files: carrying,
    edit: { "package.json": '{"workspaces":["app"]}' },
  },
  "a folder above becomes a workspace of pnpm": {
    files: carrying,
    edit: { "pnpm-workspace.yaml": "packages: [app]" },
  },
  "a folder above becomes a repository": {
    files: carrying,
    edit: { ".git/HEAD": "ref: refs/heads/main" },
  },
  "what is excluded is reached by another link": {
    options: { assets: ["assets/*"], exclude: ["out/*"] },
    files: {
      "app/assets/a.txt": "a",
      "app/assets/b.txt": "b",
      "app/out/x": { link: "../assets/a.txt" },
    },
    edit: { "app/out/x": { link: "../assets/b.txt" } },
  },
};

test.each(Object.entries(cases))("%s, and the bundle is what a first build makes", async (_, {
  options = {},
  ...of
}) => {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), "sbp-edited-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const top = path.join(folder, "top");
  const app = path.join(top, "app");
  for (const [name, state] of Object.entries({ ...usual, ...of.files })) put(path.join(top, name), state);
  const warm = path.join(folder, "warm");
  const build = async (cache: string) => {
    const made = await outcome(app, cache, path.join(folder, "out"), options);
    await rm(path.join(folder, "out"), { recursive: true });
    return made;
  };
  const before = await build(warm);
  for (const [name, state] of Object.entries(of.edit)) {
    if (typeof state === "number") chmodSync(path.join(top, name), state);
    else put(path.join(top, name), state);
  }
  const after = await build(warm);
  expect(after).not.toEqual(before);
  expect(after).toEqual(await build(path.join(folder, "empty")));
});
