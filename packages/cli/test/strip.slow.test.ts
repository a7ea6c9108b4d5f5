import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { JsonObject } from "@sbp/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { host } from "./projects.ts";
import { folder, jsonLines, sbp, sharedCache } from "./sbp.ts";

/* What strip does to an app, seen from outside: stack traces, files beside the executable, and what was saved. */

const run = promisify(execFile);
let registry: RegistryProxy;
let env: Record<string, string>;
let project: string;

const source = `declare const VERSION: string;
function fails(input: { readonly name: string }): never {
  throw new Error(\`\${input.name} \${VERSION}\`);
}
fails({ name: "on purpose" });
`;

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: sharedCache, npm_config_registry: registry.url };
  project = await folder({
    "package.json": JSON.stringify({ name: "failing", version: "1.0.0", type: "module" }),
    "src/main.ts": source,
  });
});
afterAll(() => registry.close());

/** Builds with these options of strip, or without the step; gives the files, the error and the lines of --json. */
async function build(strip?: JsonObject) {
  const define = { VERSION: '"1.2.3"' };
  const pipeline = [
    { use: "bundle", entry: "src/main.ts", ...(!strip && { define }) },
    { use: "cross-target", targets: [host], runtime: "node@26" },
    ...(strip ? [{ use: "strip", define, ...strip }] : []),
    { use: "embed-runtime" },
  ];
  await writeFile(join(project, "sbp.config.json"), JSON.stringify({ pipeline }));
  const built = await sbp(["build", "--json"], { cwd: project, env });
  expect(built.code).toBe(0);
  const result = jsonLines(built.stdout).at(-1) as {
    outputs: { kind: string; path: string; meta: JsonObject }[];
  };
  const elsewhere = join(await folder(), "empty");
  await mkdir(elsewhere);
  const executable = join(project, "dist", host, "failing");
  const failed = await run(executable, [], { cwd: elsewhere, env: {} }).catch((error) => error);
  expect(failed.code).toBe(1);
  return { outputs: result.outputs, stderr: failed.stderr as string };
}

test("stack traces name the sources, and the executable holds none of them", async () => {
  const { outputs, stderr } = await build({});
  expect(stderr).toContain("\nError: on purpose 1.2.3\n    at fails (src/main.ts:3:9)\n");
  expect(stderr).not.toContain(project);
  expect(outputs.map(({ kind }) => kind)).toEqual(["executable"]);
  expect(outputs[0]!.meta).toMatchObject({ sourceMap: "embedded" });
  const executable = await readFile(outputs[0]!.path);
  expect(executable.includes("readonly name: string")).toBe(false);
});

test("without strip as well, with the line that threw", async () => {
  const { stderr } = await build();
  expect(stderr).toContain(`src/main.ts:3\n${source.split("\n")[2]}\n        ^\n`);
  expect(stderr).toContain("    at fails (src/main.ts:3:9)\n");
});

test("an external source map stands beside the executable", async () => {
  const { outputs, stderr } = await build({ sourceMap: "external" });
  expect(outputs.map(({ kind }) => kind)).toEqual(["executable", "source-map"]);
  expect(await readdir(join(project, "dist", host))).toEqual(["failing", "failing.mjs.map"]);
  expect(stderr).toMatch(/\/sys\/sbp\/0\/src\/main\.ts:\d+:\d+/);
  const ran = await sbp(["run"], { cwd: project, env });
  expect(ran.stderr).toContain("Error: on purpose 1.2.3");
});

test("what strip saved is told, from the cache too", async () => {
  await build({});
  for (const words of [["build", "--force"], ["build"]]) {
    const { stdout } = await sbp(words, { cwd: project, env });
    expect(stdout).toMatch(/^ {2}stripped: JavaScript \d+ B → \d+ B, runtime [\d.]+ MB → [\d.]+ MB$/m);
  }
  const { outputs } = await build({});
  const { javascript, runtime } = outputs[0]!.meta["stripped"] as Record<
    string,
    { before: number; after: number }
  >;
  expect(javascript!.after).toBeLessThan(javascript!.before);
  expect(runtime!.after).toBeLessThan(runtime!.before - 10_000_000);
  const manifest = JSON.parse(await readFile(join(project, "dist/sbp-manifest.json"), "utf8"));
  expect(manifest.outputs[0].meta.stripped).toEqual({ javascript, runtime });
});

test("a mistake in define names the option", async () => {
  await writeFile(
    join(project, "sbp.config.json"),
    JSON.stringify({
      pipeline: [
        { use: "bundle", entry: "src/main.ts" },
        { use: "strip", define: { VERSION: "1.2.3" } },
      ],
    }),
  );
  const { code, stderr } = await sbp(["build"], { cwd: project, env });
  expect(code).toBe(2);
  expect(stderr).toContain(
    'error SBP_STRIP_DEFINE: `define` of the step strip gives "VERSION" the value 1.2.3, which is no constant',
  );
});
