import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { nativeSample } from "../../executable/test/native-sample.ts";
import { integrityOf, RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { makeTarball } from "../../plugin-cross-target/test/tarball.ts";
import { host } from "./projects.ts";
import { addBytes, folder, sbp } from "./sbp.ts";

/*
 * What the real command says of addons and of files for single platforms, each with a small app: its code, the package with the
 * place, and the cure.
 */

interface Finding {
  /** Of the package `dep`, which the app imports; relative to it. */
  readonly dep: Readonly<Record<string, string | Buffer>>;
  /** Relative to the app. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly dependencies?: object;
  /** Links of folders, relative to the app. */
  readonly links?: Readonly<Record<string, string>>;
  /** Steps in this order; default: bundle, cross-target, embed-runtime. */
  readonly steps?: readonly string[];
  readonly severity?: "warning";
  readonly code: string;
  readonly exit: number;
  readonly says: readonly string[];
}

const target = "linux-x64";
const loads = (file: string) => `module.exports = require("./${file}");`;
const manifest = (more: object = {}) => JSON.stringify({ name: "dep", version: "1.0.0", ...more });
const platformPackage = (name: string, os: string, cpu: string) => ({
  [`node_modules/@p/${name}/package.json`]: JSON.stringify({
    name: `@p/${name}`,
    version: "1.0.0",
    main: "p.node",
    os: [os],
    cpu: [cpu],
  }),
});
const byPlatform = 'module.exports = require("@p/" + process.platform + "-" + process.arch);';
const bothPlatforms = (range: string) => ({ "@p/linux-x64": range, "@p/win32-x64": range });
const lacksVersion = (version: string) => ({
  "package.json": manifest({ optionalDependencies: bothPlatforms(version) }),
  "index.js": byPlatform,
});
const lacking = lacksVersion("1.0.0");
const locked = (version: string, integrity = integrityOf(Buffer.from("what the lock file has"))) =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: {
      "node_modules/dep": { version: "1.0.0", optionalDependencies: { "@p/linux-x64": version } },
      "node_modules/@p/linux-x64": {
        version,
        optional: true,
        os: ["linux"],
        cpu: ["x64"],
        integrity,
      },
    },
  });

/** What the registry has of @p/linux-x64; each finding is of another version, for what was fetched once is kept. */
const published = {
  "2.0.0": makeTarball([{ path: "package/package.json", content: Buffer.from("{}") }]),
  "3.0.0": makeTarball([{ path: "package/../../../evil", content: Buffer.from("evil") }]),
};

const findings: Record<string, Finding> = {
  "an addon for another version of Node": {
    dep: {
      "package.json": manifest(),
      "index.js": loads("build/Release/dep.node"),
      "build/Release/dep.node": nativeSample(target, "node_register_module_v115"),
    },
    code: "SBP_ADDON_ABI",
    exit: 1,
    says: [
      'node_modules/dep/build/Release/dep.node of "dep" 1.0.0',
      "is built for Node 20 (NODE_MODULE_VERSION 115), and the runtime for linux-x64 is Node 26 (NODE_MODULE_VERSION 147)",
      "npm rebuild dep",
    ],
  },
  "a package without an addon for a target": {
    dep: {
      "package.json": manifest(),
      "index.js":
        'module.exports = require("./prebuilds/" + process.platform + "-" + process.arch + "/dep.node");',
      "prebuilds/win32-x64/dep.node": nativeSample("win32-x64"),
      "prebuilds/darwin-arm64/dep.node": nativeSample("darwin-arm64"),
    },
    code: "SBP_ADDON_MISSING",
    exit: 1,
    says: ['"dep" 1.0.0 has nothing for linux-x64, only ', "win32-x64", '"exclude": ["node_modules/dep/**'],
  },
  "one that has JavaScript in place of it": {
    dep: {
      "package.json": manifest(),
      "index.js":
        'try { module.exports = require("./prebuilds/dep.node"); } catch { module.exports = require("./plain.js"); }',
      "plain.js": "module.exports = 1;",
      "prebuilds/dep.node": nativeSample("win32-x64"),
    },
    severity: "warning",
    code: "SBP_ADDON_MISSING",
    exit: 0,
    says: ['"dep" 1.0.0 has nothing for linux-x64, only win32-x64'],
  },
  "an addon of another system in a package for the target": {
    dep: lacking,
    files: {
      ...platformPackage("linux-x64", "linux", "x64"),
      "node_modules/@p/linux-x64/p.node": nativeSample("win32-x64"),
    },
    code: "SBP_ADDON_FORMAT",
    exit: 1,
    says: ["node_modules/@p/linux-x64/p.node", "it is for win32-x64", "install it again"],
  },
  "a package for the target whose version nobody knows": {
    dep: {
      ...lacking,
      "package.json": manifest({ optionalDependencies: bothPlatforms("^1.0.0") }),
    },
    code: "SBP_PACKAGE_VERSION",
    exit: 2,
    says: ["@p/linux-x64", "lock file"],
  },
  "a package for the target that the registry does not have": {
    dep: lacking,
    files: { "package-lock.json": locked("1.0.0") },
    code: "SBP_PACKAGE_NOT_FOUND",
    exit: 1,
    says: ["@p/linux-x64"],
  },
  "a package for the target with other bytes than the lock file has": {
    dep: lacksVersion("2.0.0"),
    files: { "package-lock.json": locked("2.0.0") },
    code: "SBP_PACKAGE_INTEGRITY",
    exit: 1,
    says: ["@p/linux-x64@2.0.0", integrityOf(published["2.0.0"]), "Nothing of it was kept"],
  },
  "a package for the target that leads out of itself": {
    dep: lacksVersion("3.0.0"),
    files: { "package-lock.json": locked("3.0.0", integrityOf(published["3.0.0"])) },
    code: "SBP_PACKAGE_MALFORMED",
    exit: 1,
    says: ["@p/linux-x64@3.0.0", "is no path in a package", "Nothing of it was kept"],
  },
  "a lock file that cannot be read": {
    dep: lacking,
    files: { "package-lock.json": "<<<<<<< ours" },
    code: "SBP_BUNDLE_LOCK",
    exit: 2,
    says: ["package-lock.json", "Restore"],
  },
  "files for each platform that no step has chosen": {
    dep: {
      "package.json": manifest(),
      "index.js": loads("dep.node"),
      "dep.node": nativeSample(target),
    },
    steps: ["cross-target", "bundle", "embed-runtime"],
    code: "SBP_BUNDLE_PLATFORM",
    exit: 2,
    says: ["files for each platform", "cross-target"],
  },
  "two packages that would lie at one place": {
    dep: {},
    files: {
      "lib/x.js": 'export { at as other } from "p";',
      "lib/package.json": '{"type":"module"}',
    },
    links: { "node_modules/p": "1/node_modules/p", "lib/node_modules/p": "2/node_modules/p" },
    code: "SBP_BUNDLE_PLACE",
    exit: 2,
    says: ["Two files would lie at node_modules/p/", "enableGlobalVirtualStore"],
  },
  "a bundle of a plugin that keeps to no contract": {
    dep: {},
    files: {
      "plugin.mjs": `export default { name: "mine", consumes: [], produces: ["bundle"], scope: "project",
        async run({ write }) { await write("bundle", { format: "esm" }, async (out) => out.file("a.mjs", Buffer.from(""))); } };`,
    },
    steps: ["./plugin.mjs", "cross-target", "embed-runtime"],
    code: "SBP_BUNDLE_INVALID",
    exit: 1,
    says: ["the bundle does not name its main file"],
  },
};

let runtime: string;
let registry: RegistryProxy;
let env: Record<string, string>;
beforeAll(async () => {
  runtime = await testRuntime("26.10.0", host);
  registry = await RegistryProxy.start();
  registry.own("@p/linux-x64");
  for (const [version, tarball] of Object.entries(published))
    registry.publish("@p/linux-x64", version, tarball);
  env = { npm_config_registry: registry.url };
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

async function makeApp({ dep, files = {}, dependencies, links = {}, steps }: Finding): Promise<string> {
  const own: Record<string, object> = {
    bundle: { entry: "src/main.mjs" },
    "cross-target": { targets: [target], runtime: { path: runtime, version: "26.10.0" } },
    "embed-runtime": { codeCache: false },
  };
  const isLinked = Object.keys(links).length > 0;
  const cwd = await folder({
    "package.json": JSON.stringify({
      name: "app",
      version: "1.0.0",
      dependencies: dependencies ?? { dep: "1.0.0" },
    }),
    "src/main.mjs": isLinked
      ? 'import { at } from "p"; import { other } from "../lib/x.js"; console.log(at, other);'
      : 'import dep from "dep"; console.log(typeof dep);',
    "sbp.config.json": JSON.stringify({
      pipeline: (steps ?? Object.keys(own)).map((use) => ({ use, ...own[use] })),
    }),
  });
  const inDep = Object.entries(dep).map(([path, content]) => [`node_modules/dep/${path}`, content] as const);
  for (const [path, content] of [...inDep, ...Object.entries(files)])
    await addBytes(cwd, path, Buffer.from(content));
  if (isLinked) await linkPackages(cwd, links);
  return cwd;
}

/** Links to versions of a package in a store elsewhere. */
async function linkPackages(cwd: string, links: Readonly<Record<string, string>>): Promise<void> {
  const store = await folder();
  for (const [link, place] of Object.entries(links)) {
    await addBytes(store, `${place}/package.json`, Buffer.from('{"name":"p","version":"1.0.0"}'));
    await addBytes(
      store,
      `${place}/index.js`,
      Buffer.from('exports.at = require("fs").readFileSync(__dirname + "/a.txt", "utf8");'),
    );
    await addBytes(store, `${place}/a.txt`, Buffer.from(place));
    await mkdir(dirname(join(cwd, link)), { recursive: true });
    await symlink(join(store, place), join(cwd, link));
  }
}

describe("sbp build tells of", () => {
  test.each(Object.entries(findings))("%s", async (_, finding) => {
    const cwd = await makeApp(finding);
    const { code, stdout, stderr } = await sbp(["build", "--target", target], { cwd, env });
    const printed = stdout + stderr;
    expect(printed).toContain(`${finding.severity ?? "error"} ${finding.code}: `);
    for (const part of finding.says) expect(printed).toContain(part);
    expect(printed).not.toMatch(/^\s+at /m);
    expect(code).toBe(finding.exit);
    if (finding.severity !== "warning") return;
    const strict = await sbp(["build", "--target", target, "--strict"], { cwd, env });
    expect(strict.stderr).toContain("error SBP_STRICT: ");
    expect(strict.stderr).toContain(finding.code);
    expect(strict.code).toBe(1);
  });
});
