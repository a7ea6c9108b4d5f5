import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { sharedCache } from "../packages/cli/test/sbp.ts";
import { RegistryProxy } from "../packages/plugin-cross-target/test/registry-proxy.ts";
import { testRuntime } from "../tools/test-runtimes.ts";
import { type App, type RunnableTarget, readApps, runnableTargets } from "./app.ts";
import { buildApp, copyApp } from "./build-app.ts";
import { difference } from "./difference.ts";
import { installPackages } from "./install-packages.ts";
import { appsFolder, buildsFolder, nodeVersions, table } from "./places.ts";
import type { Ended } from "./program.ts";
import { runAlone } from "./run-alone.ts";
import { runPlain } from "./run-plain.ts";
import { type Results, readResults, shortened, works, writeResults } from "./table.ts";

/*
 * Whatever runs under node runs in the executable: every app prints the same and ends the same, under plain node in
 * its folder and as an executable that is alone. docs/compatibility.md tells where that holds; this fails where the
 * document says more than is true. APP=koa,grpc and TARGET=linux-x64 choose; UPDATE=1 writes the document.
 */

const { APP, TARGET, UPDATE } = process.env;
const modules = join(import.meta.dirname, "node_modules");
const all = readApps(appsFolder);
const chosen = APP ? all.filter(({ name }) => APP.split(",").includes(name)) : all;
const targets = runnableTargets.filter((target) => !TARGET || TARGET.split(",").includes(target));
const committed = readResults(table);
const found: Results = new Map();
let registry: RegistryProxy;
let env: Record<string, string>;

beforeAll(async () => {
  await installPackages();
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: sharedCache, npm_config_registry: registry.url };
});

afterAll(async () => {
  if (UPDATE) writeResults(table, all, merged(), modules);
  vi.unstubAllEnvs();
  await registry.close();
});

test("the document tells of every app, and of no other", () => {
  expect(UPDATE ? [] : [...committed.keys()].sort()).toEqual(UPDATE ? [] : all.map(({ name }) => name));
});

test("a run does not see the repository", async () => {
  const script = `test -e '${appsFolder}' && echo seen; echo *; command -v node || echo "no node"`;
  const { stdout } = await runAlone("/bin/sh", "linux-x64", {
    ...all[0]!,
    args: ["-c", script],
    stdin: "",
  });
  expect(stdout).toBe("sh\nno node\n");
});

test("nor does one on Windows", async () => {
  const script = `[${JSON.stringify(appsFolder)}, "C:/app"].map((folder) => fs.existsSync(folder) && fs.readdirSync(folder))`;
  const node = await testRuntime(nodeVersions["win32-x64"], "win32-x64");
  const { stdout } = await runAlone(node, "win32-x64", { ...all[0]!, args: ["-p", script], stdin: "" });
  expect(stdout).toBe("[ false, [ 'node.exe' ] ]\n");
});

// As many apps at once as the config allows; an app's own tests, which build in one folder, one after the other.
describe.concurrent.each(chosen)("$name", (app) => {
  const tried = app.targets.filter((target) => targets.includes(target));
  const expected = new Map<string, Ended>();
  let copy: string;

  beforeAll(async () => {
    for (const version of new Set(tried.map((target) => nodeVersions[target])))
      expected.set(version, await runPlain(app, await testRuntime(version, "linux-x64")));
    copy = await copyApp(app);
  });

  afterAll(() => rmSync(join(buildsFolder, app.name), { recursive: true, force: true }));

  test("node", { concurrent: false }, () => {
    for (const [version, { code, stdout, stderr }] of expected) {
      expect(code, `${version}: ${stderr}`).toBe(app.exitCode);
      expect(stdout, version).not.toBe("");
    }
  });

  test.each(tried)("%s", { concurrent: false }, async (target) => {
    const { reason, detail } = await tryTarget(app, target, expected.get(nodeVersions[target])!, copy);
    const results = found.get(app.name) ?? new Map<RunnableTarget, string>();
    found.set(app.name, results.set(target, reason ? shortened(reason) : works));
    if (!UPDATE && committed.get(app.name)?.get(target) === works) expect(reason, detail).toBeUndefined();
  });
});

/** Builds and runs an app; `reason` tells why it is not as it is under node. */
async function tryTarget(app: App, target: RunnableTarget, expected: Ended, copy: string) {
  const built = await buildApp(copy, target, env);
  if (!("executable" in built)) return { reason: built.failure, detail: built.printed };
  const actual = await runAlone(built.executable, target, app);
  return { reason: difference(expected, actual), detail: `${actual.stdout}\n${actual.stderr}` };
}

/** The document's results, with those of this run in their place. */
function merged(): Results {
  return new Map(
    all.map(
      ({ name }) => [name, new Map([...(committed.get(name) ?? []), ...(found.get(name) ?? [])])] as const,
    ),
  );
}
