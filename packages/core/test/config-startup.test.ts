import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { projectWith } from "./config-rig.ts";

/** Prints the packages that a program of the sources loads. */
const preload = `
  import { registerHooks } from "node:module";
  const packages = new Set();
  registerHooks({
    load(url, context, next) {
      const name = /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(?!.*\\/node_modules\\/)/.exec(url)?.[1];
      if (name) packages.add(name);
      return next(url, context);
    },
  });
  process.on("exit", () => console.log([...packages].sort().join(" ")));
`;

const program = (dir: string): string => `
  import { loadProject } from ${JSON.stringify(new URL("../src/config/index.ts", import.meta.url).href)};
  const plugin = (name) => async () => ({
    name,
    options: { type: "object", properties: { entry: { type: "string" } } },
    transforms: [{ produces: ["report"], scope: "project", async run() {} }],
  });
  const valid = () => true;
  const names = ["bundle", "cross-target", "strip", "embed-runtime"];
  await loadProject({
    cwd: ${JSON.stringify(dir)},
    builtins: Object.fromEntries(names.map((name) => [name, plugin(name)])),
    validators: Object.fromEntries(["config", ...names].map((name) => [name, valid])),
  });
`;

function packagesLoadedFor(files: Readonly<Record<string, unknown>>): string {
  const dir = projectWith({ ...files, "preload.mjs": preload, "src/main.ts": "" });
  const args = [
    "--conditions=@sbp/source",
    "--import",
    `${dir}/preload.mjs`,
    "--input-type=module",
    "-e",
    program(dir),
  ];
  return execFileSync(process.execPath, args, { encoding: "utf8" }).trim();
}

test("built-in plugins alone: neither esbuild nor ajv is loaded", () => {
  const light = "fastest-levenshtein jsonc-parser";
  expect(packagesLoadedFor({})).toBe(light);
  expect(
    packagesLoadedFor({ "sbp.config.json": { name: "a", pipeline: [{ use: "bundle" }, { use: "strip" }] } }),
  ).toBe(light);
});

test("a plugin of one's own brings both", () => {
  const loaded = packagesLoadedFor({
    "sbp.config.json": { pipeline: [{ use: "./p.ts" }] },
    "p.ts":
      'export default { name: "p", produces: [], scope: "project", options: { type: "object" }, run() {} };',
  });
  expect(loaded.split(" ")).toEqual(expect.arrayContaining(["ajv", "esbuild"]));
});
