import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createNodes } from "../src/index.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** The targets that Nx is told of for a project in `apps/one`. */
async function targetsOf(config: object, options = {}) {
  const workspaceRoot = await mkdtemp(join(tmpdir(), "sbp-nx-targets-"));
  folders.push(workspaceRoot);
  const dir = join(workspaceRoot, "apps/one");
  await mkdir(join(dir, "src"), { recursive: true });
  await writeFile(join(dir, "src/main.ts"), "");
  await writeFile(join(dir, "package.json"), '{ "name": "one", "version": "1.0.0", "main": "src/main.ts" }');
  await writeFile(join(dir, "sbp.config.json"), JSON.stringify(config));
  const [, create] = createNodes;
  const nodes = await create(["apps/one/sbp.config.json"], options, {
    workspaceRoot,
    nxJsonConfiguration: {},
  });
  return nodes[0]![1].projects!["apps/one"]!.targets!;
}

const pipeline = [
  { use: "bundle" },
  { use: "cross-target", targets: ["linux-x64", "win32-x64"] },
  { use: "embed-runtime" },
  { use: "scratch-image" },
  { use: "scan" },
];

test("one for the bundle, one for each platform, and one for each step behind", async () => {
  const targets = await targetsOf({ pipeline });
  expect(Object.entries(targets).map(([name, { command, dependsOn }]) => [name, command, dependsOn])).toEqual(
    [
      ["sbp:bundle", "sbp build --until bundle", []],
      ["sbp:linux-x64", "sbp build --target linux-x64 --until embed-runtime", ["sbp:bundle"]],
      ["sbp:win32-x64", "sbp build --target win32-x64 --until embed-runtime", ["sbp:bundle"]],
      ["sbp:image", "sbp build --until scratch-image", ["sbp:linux-x64", "sbp:win32-x64"]],
      ["sbp:scan", "sbp build --until scan", ["sbp:image"]],
      ["sbp:build", "sbp build", ["sbp:scan"]],
      ["sbp:dev", "sbp dev", undefined],
    ],
  );
});

test("each with the outputs that it adds", async () => {
  const targets = await targetsOf({ pipeline, outDir: "out" });
  expect(Object.fromEntries(Object.entries(targets).map(([name, { outputs }]) => [name, outputs]))).toEqual({
    "sbp:bundle": [],
    "sbp:linux-x64": ["{projectRoot}/out/linux-x64"],
    "sbp:win32-x64": ["{projectRoot}/out/win32-x64"],
    "sbp:image": ["{projectRoot}/out/*.*"],
    "sbp:scan": ["{projectRoot}/out/linux-x64/*.*", "{projectRoot}/out/win32-x64/*.*"],
    "sbp:build": ["{projectRoot}/out/sbp-manifest.json"],
    "sbp:dev": undefined,
  });
  expect(targets["sbp:build"]!.inputs).toContain("!{projectRoot}/out/**/*");
});

test("under another prefix, if it is asked for", async () => {
  const targets = await targetsOf({ pipeline }, { prefix: "ship:" });
  expect(Object.keys(targets).every((name) => name.startsWith("ship:"))).toBe(true);
  expect(targets["ship:build"]!.dependsOn).toEqual(["ship:scan"]);
});

test("a config that is wrong has only the build, which tells what is wrong and is never cached", async () => {
  const targets = await targetsOf({ pipeline: [{ use: "bundel" }] });
  expect(targets).toEqual({
    "sbp:build": { command: "sbp build", options: { cwd: "{projectRoot}" }, cache: false },
  });
});
