import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Fault, RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, type RunOptions, sbp } from "./sbp.ts";

/*
 * What users get wrong, and what goes wrong around them: each through the real command and the real plugins, with its
 * code, its exit code, a place where there is one, and never a stack trace.
 */

let registry: RegistryProxy;
beforeAll(async () => {
  registry = await RegistryProxy.start();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

interface Case {
  readonly files?: Readonly<Record<string, string>>;
  /** Default: `build`. */
  readonly words?: readonly string[];
  readonly code: string;
  readonly exit: number;
  /** Parts of what is printed. */
  readonly says?: readonly string[];
  readonly fault?: RegistryProxy["fault"];
  readonly env?: RunOptions["env"];
}

const app = {
  "package.json": '{ "name": "app", "version": "1.0.0" }',
  "src/main.ts": 'console.log("hello");\n',
};
const config = (text: string) => ({ ...app, "sbp.config.json": text });
const pipeline = (...steps: object[]) => config(JSON.stringify({ pipeline: steps }));
const bundle = { use: "bundle", entry: "src/main.ts" };
const broken: Fault = { change: (bytes) => Buffer.from(bytes).fill(0, bytes.length - 5000) };

const cases: Record<string, Case> = {
  "a config that is missing": {
    words: ["build", "--config", "other.json"],
    code: "SBP_CONFIG_MISSING",
    exit: 2,
    says: ["other.json"],
  },
  "a config that is not JSON": {
    files: config('{\n  "name": health\n}\n'),
    code: "SBP_CONFIG_INVALID",
    exit: 2,
    says: ["sbp.config.json:2:11", '  "name": health', "~~~~~~"],
  },
  "a package.json that is not JSON": {
    files: { ...app, "package.json": '{\n  "name": "app",\n  version: "1.0.0"\n}\n' },
    code: "SBP_PACKAGE_INVALID",
    exit: 2,
    says: ["package.json:3:3", '  version: "1.0.0"', "~~~~~~~"],
  },
  "the same, to a command that makes a config of it": {
    files: { ...app, "package.json": '{ "name": "app" ' },
    words: ["init"],
    code: "SBP_PACKAGE_INVALID",
    exit: 2,
    says: ["package.json cannot be read"],
  },
  "an unknown key": {
    files: config('{ "pipeline": [{ "use": "bundle", "entri": "src/main.ts" }] }'),
    code: "SBP_CONFIG_INVALID",
    exit: 2,
    says: ["sbp.config.json:1:35", "entri", 'Did you mean "entry"?'],
  },
  "a wrong type": {
    files: config('{\n  "pipeline": [{ "use": "bundle", "minify": "yes" }]\n}'),
    code: "SBP_CONFIG_INVALID",
    exit: 2,
    says: ["sbp.config.json:2:45", "true or false", "yes"],
  },
  "an unknown plugin": {
    files: pipeline({ use: "bundel" }),
    code: "SBP_PLUGIN_UNKNOWN",
    exit: 2,
    says: ["bundel", 'Did you mean "bundle"?'],
  },
  "a pipeline that cannot be wired": {
    files: pipeline({ use: "cross-target" }, { use: "embed-runtime" }),
    code: "SBP_PLAN_IMPOSSIBLE",
    exit: 2,
    says: ['Step "embed-runtime" needs "bundle"', 'Put a "bundle" step before it.', "sbp.config.json:1:"],
  },
  "an entry that is missing": {
    files: { "package.json": '{ "name": "app" }' },
    code: "SBP_ENTRY_MISSING",
    exit: 2,
    says: ["src/main.{ts,", '"sbp build FILE"'],
  },
  "an entry that is named and missing": {
    files: pipeline({ use: "bundle", entry: "src/mian.ts" }),
    code: "SBP_ENTRY_MISSING",
    exit: 2,
    says: ["src/mian.ts", 'Did you mean "src/main.ts"?'],
  },
  "a syntax error in the source": {
    files: { ...pipeline(bundle), "src/main.ts": "const a = 1;\nconst b = = 2;\n" },
    code: "SBP_BUNDLE_SYNTAX",
    exit: 1,
    says: ["src/main.ts:2:11", "const b = = 2;", "^"],
  },
  "an import that cannot be resolved": {
    files: { ...pipeline(bundle), "src/main.ts": 'import chalk from "chalk";\nconsole.log(chalk);\n' },
    code: "SBP_BUNDLE_UNRESOLVED",
    exit: 1,
    says: ["src/main.ts:1:19", 'import chalk from "chalk";', "npm install chalk"],
  },
  "an unknown target": {
    words: ["build", "--target", "linux-amd64"],
    code: "SBP_TARGET_UNKNOWN",
    exit: 2,
    says: ["linux-amd64", "linux-arm64", "darwin-arm64"],
  },
  "an unknown target in the config": {
    files: pipeline(bundle, { use: "cross-target", targets: ["linux-amd64"] }),
    code: "SBP_CONFIG_INVALID",
    exit: 2,
    says: ["linux-amd64", "linux-x64"],
  },
  "an unknown runtime version": {
    files: pipeline(bundle, { use: "cross-target", runtime: "node@99" }, { use: "embed-runtime" }),
    code: "SBP_RUNTIME_VERSION",
    exit: 2,
    says: ["node@99"],
  },
  "a registry that is down": {
    code: "SBP_REGISTRY_UNREACHABLE",
    exit: 1,
    // A port that nothing listens on.
    env: { npm_config_registry: "http://127.0.0.1:9/" },
    says: ["http://127.0.0.1:9/", "--offline"],
  },
  "a registry that refuses": {
    code: "SBP_REGISTRY_REFUSED",
    exit: 1,
    fault: () => ({ status: 401 }),
    says: ["npm login"],
  },
  "a download that was tampered with": {
    code: "SBP_RUNTIME_INTEGRITY",
    exit: 1,
    fault: ({ kind }) => (kind === "tarball" ? broken : undefined),
    says: ["sha512-"],
  },
  "no network, and no lock": {
    words: ["build", "--offline"],
    code: "SBP_OFFLINE",
    exit: 1,
    says: ["node@26"],
  },
  "a lock that would have to change, though it is frozen": {
    words: ["build", "--frozen-lock"],
    code: "SBP_LOCK_OUTDATED",
    exit: 2,
    says: ["sbp.lock.json"],
  },
  "a lock that is damaged": {
    files: { ...app, "sbp.lock.json": '{ "lockfileVersion": 1, "steps": ' },
    code: "SBP_LOCK_INVALID",
    exit: 2,
    says: ["sbp.lock.json"],
  },
  "an output folder that is a file": {
    files: { ...pipeline(bundle), dist: "precious" },
    code: "SBP_OUTPUT_NOT_WRITABLE",
    exit: 1,
    says: ["dist"],
  },
  "a plugin that throws": {
    files: {
      ...pipeline(bundle, { use: "./tools/broken.ts" }),
      "tools/broken.ts": `export default { name: "broken", consumes: ["bundle"], produces: ["report"], scope: "project",
        async run() { throw new TypeError("no such thing: " + (1 as number)); } };`,
    },
    code: "SBP_PLUGIN_THREW",
    exit: 1,
    says: ['"broken" failed: no such thing: 1', "--verbose"],
  },
  "a plugin that does not compile": {
    files: { ...pipeline({ use: "./tools/odd.ts" }), "tools/odd.ts": "export default {\n  name: = 1 }" },
    code: "SBP_PLUGIN_FAILED_TO_LOAD",
    exit: 2,
    says: ["tools/odd.ts:2:"],
  },
  "a plugin that is none": {
    files: { ...pipeline({ use: "./tools/none.ts" }), "tools/none.ts": "export default 1;" },
    code: "SBP_PLUGIN_INVALID",
    exit: 2,
    says: ["tools/none.ts"],
  },
};

test.each(Object.entries(cases))("%s", async (_, {
  files = app,
  words = ["build"],
  fault,
  env,
  ...wanted
}) => {
  registry.fault = fault ?? (() => undefined);
  const cwd = await folder(files);
  const cache = await folder();
  const { code, stdout, stderr } = await sbp(words, {
    cwd,
    env: { SBP_CACHE_DIR: cache, npm_config_registry: registry.url, npm_config_fetch_retries: "0", ...env },
  });
  const printed = stdout + stderr;
  expect(printed).toContain(wanted.code);
  for (const text of wanted.says ?? []) expect(printed).toContain(text);
  expect(printed).not.toMatch(/^\s+at .*[:(]\d+:\d+/m);
  expect(code).toBe(wanted.exit);
  // Nothing half-made is left: neither in the store nor beside the sources.
  expect(await readdir(join(cache, "v1/tmp")).catch(() => [])).toEqual([]);
  expect((await readdir(cwd, { recursive: true })).filter((name) => name.includes(".tmp"))).toEqual([]);
});

test("--json tells the same as data", async () => {
  const cwd = await folder({ ...pipeline(bundle), "src/main.ts": "const b = = 2;\n" });
  const { code, stdout } = await sbp(["build", "--json"], { cwd, env: { SBP_CACHE_DIR: await folder() } });
  const lines = stdout.trim().split("\n");
  const failed = lines.map((line) => JSON.parse(line)).find(({ type }) => type === "action-failed");
  expect(failed.error.code).toBe("SBP_BUNDLE_SYNTAX");
  expect(code).toBe(1);
});
