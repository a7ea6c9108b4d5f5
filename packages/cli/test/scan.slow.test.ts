import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { verifyProvenance } from "../../../tools/cosign.ts";
import { dockerRegistry } from "../../oci/test/docker-registry.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, jsonLines, sbp, sharedCache } from "./sbp.ts";

/*
 * Apps with real packages that have real faults, built and scanned: the examples of docs/scan.md. What a level says is what a reader
 * of the code finds: lodash/pick calls baseSet, which has the one fault, and none of the other two.
 */

const run = promisify(execFile);
// Each builds, and one all targets.
vi.setConfig({ testTimeout: 600_000 });
const database = join(import.meta.dirname, "../../plugin-scan/test/fixtures/advisories");
let registry: RegistryProxy;
let env: Record<string, string>;

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = {
    SBP_CACHE_DIR: sharedCache,
    DOCKER_CONFIG: await folder(),
    npm_config_registry: registry.url,
    SOURCE_DATE_EPOCH: "1780300800", // 2026-06-01
  };
});
afterAll(() => registry.close());

interface Example {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly code: string;
  readonly targets?: readonly string[];
  readonly steps?: readonly object[];
  readonly runtime?: string | object;
}

/** An app with packages from the registry. Names are those of the example. */
async function project(name: string, example: Example): Promise<string> {
  const {
    dependencies = {},
    devDependencies = {},
    code,
    targets = ["linux-x64"],
    steps = [],
    runtime = "node@26.10.0",
  } = example;
  const dir = await folder({
    "package.json": JSON.stringify({
      name,
      version: "1.0.0",
      type: "module",
      license: "MIT",
      dependencies,
      devDependencies,
    }),
    "main.ts": code,
    "sbp.config.json": JSON.stringify({
      pipeline: [
        { use: "bundle", entry: "main.ts" },
        { use: "cross-target", targets, runtime },
        { use: "strip" },
        { use: "embed-runtime" },
        ...steps,
      ],
    }),
  });
  if (Object.keys({ ...dependencies, ...devDependencies }).length > 0)
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: dir,
      env: { ...process.env, ...env },
    });
  return dir;
}

async function build(dir: string, code = 0): Promise<string> {
  const ended = await sbp(["build"], { cwd: dir, env });
  expect(ended, ended.stderr).toMatchObject({ code });
  return ended.stderr + ended.stdout;
}

/** What a scan tells, line by line, and how it ends. */
async function scanned(dir: string, words: readonly string[]) {
  const { code, stdout, stderr } = await sbp(["scan", ...words, "--db", database, "--json"], {
    cwd: dir,
    env,
  });
  expect(stderr).not.toContain("error");
  return { code, lines: jsonLines(stdout) };
}

/** Of each finding in a package, its level. */
function levelsIn(lines: readonly Record<string, unknown>[]): Record<string, string> {
  return Object.fromEntries(
    lines
      .filter(({ type }) => type === "finding")
      .map(({ id, level, component }) => [`${(component as { name: string }).name} ${id}`, level as string]),
  );
}

async function levels(dir: string, words: readonly string[]): Promise<Record<string, string>> {
  return levelsIn((await scanned(dir, words)).lines);
}

async function vex(dir: string, words: readonly string[]): Promise<Record<string, string>> {
  const { stdout } = await sbp(["scan", ...words, "--db", database, "--format", "openvex"], {
    cwd: dir,
    env,
  });
  const { statements } = JSON.parse(stdout) as {
    statements: { vulnerability: { name: string }; status: string; justification?: string }[];
  };
  return Object.fromEntries(
    statements.map(({ vulnerability: { name }, status, justification }) => [
      name,
      justification ? `${status}: ${justification}` : status,
    ]),
  );
}

describe("examples", () => {
  test("one function of lodash: the fault that it has, and not the two others", async () => {
    const dir = await project("pick", {
      dependencies: { lodash: "4.17.15" },
      devDependencies: { minimist: "1.2.5" },
      code: 'import pick from "lodash/pick.js";\nconsole.log(pick({ a: 1 }, ["a"]));',
    });
    await build(dir);
    const file = "dist/linux-x64/pick";
    expect(await levels(dir, [file])).toEqual({
      "lodash GHSA-p6mc-m468-83gw": "code",
      "lodash GHSA-35jh-r3h4-6jhm": "removed",
      "lodash GHSA-29mw-wpgm-hmr9": "removed",
    });
    // Cut short it is an error, and never a scan of what is left.
    const whole = await readFile(join(dir, file));
    for (const length of [0, 100, 5000, whole.length >> 1, whole.length - 10_000, whole.length - 1]) {
      await writeFile(join(dir, "cut"), whole.subarray(0, length));
      const { stdout, stderr } = await sbp(["scan", "cut", "--db", database], { cwd: dir, env });
      expect({ length, stdout, stderr }).toEqual({
        length,
        stdout: "",
        stderr: expect.stringMatching(/^error SBP_SCAN_(FILE|MANIFEST): (?![\s\S]*\n\s+at )/),
      });
    }
    // A package that only development needs is not in it; with the lock file, the scan says so.
    expect(await levels(dir, [file, "--lockfile", "package-lock.json"])).toMatchObject({
      "minimist GHSA-xvch-5gv4-984h": "lockfile",
    });
    expect(await vex(dir, [file, "--lockfile", "package-lock.json"])).toEqual({
      "GHSA-p6mc-m468-83gw": "affected",
      "GHSA-35jh-r3h4-6jhm": "not_affected: vulnerable_code_not_present",
      "GHSA-29mw-wpgm-hmr9": "not_affected: vulnerable_code_not_present",
      "GHSA-xvch-5gv4-984h": "not_affected: component_not_present",
    });
  });

  test("all of lodash: all of its faults; lodash-es with one function: what the bundler left of it", async () => {
    const dir = await project("all", {
      dependencies: { lodash: "4.17.15", "lodash-es": "4.17.15" },
      code: 'import _ from "lodash";\nimport { camelCase } from "lodash-es";\nconsole.log(_.pick({ a: 1 }, ["a"]), camelCase("a b"));',
    });
    await build(dir);
    const found = await levels(dir, ["dist/linux-x64/all"]);
    expect(Object.entries(found).filter(([name]) => name.startsWith("lodash "))).toEqual([
      ["lodash GHSA-35jh-r3h4-6jhm", "code"],
      ["lodash GHSA-p6mc-m468-83gw", "code"],
      ["lodash GHSA-29mw-wpgm-hmr9", "code"],
    ]);
    expect(found).toMatchObject({
      "lodash-es GHSA-35jh-r3h4-6jhm": "removed",
      "lodash-es GHSA-p6mc-m468-83gw": "removed",
      "lodash-es GHSA-29mw-wpgm-hmr9": "removed",
    });
  });

  test("express 4.17: its own faults, and those of what it needs", async () => {
    const dir = await project("web", {
      dependencies: { express: "4.17.1" },
      code: 'import express from "express";\nexpress().get("/", (_, response) => response.send("ok"));',
    });
    await build(dir);
    expect(await levels(dir, ["dist/linux-x64/web"])).toMatchObject({
      "express GHSA-qw6h-vgh9-j6wx": "code",
      "express GHSA-rv95-896h-c2vc": "code",
      "qs GHSA-hrpp-h998-j3pp": "code",
      "body-parser GHSA-qwcr-r2fm-qrc7": "code",
      "path-to-regexp GHSA-9wv6-86v2-598j": "package",
      "send GHSA-m6fv-jmcg-4jfg": "package",
      "serve-static GHSA-cm22-4g7w-348p": "package",
      "cookie GHSA-pxg6-pf52-xh8x": "package",
    });
    const { stdout, code } = await sbp(["scan", "dist/linux-x64/web", "--db", database], { cwd: dir, env });
    expect(code).toBe(3);
    expect(stdout).toContain("fix  npm install express@4.20.0");
    expect(stdout).toContain("fix  npm update qs");
  });

  test("a build that the policy refuses ends with 3 and leaves what was there; accepted, it has its documents", async () => {
    const dir = await project("refused", {
      dependencies: { lodash: "4.17.15" },
      code: 'import pick from "lodash/pick.js";\nconsole.log(pick({ a: 1 }, ["a"]));',
      steps: [{ use: "scan", database }],
    });
    expect(await build(dir, 3)).toMatch(
      /SBP_SCAN_REFUSED[\s\S]*GHSA-p6mc-m468-83gw[\s\S]*npm install lodash@4\.17\.19/,
    );
    const configFile = join(dir, "sbp.config.json");
    const config = JSON.parse(await readFile(configFile, "utf8"));
    await run("openssl", [
      "ecparam",
      "-name",
      "prime256v1",
      "-genkey",
      "-noout",
      "-out",
      join(dir, "key.pem"),
    ]);
    Object.assign(config.pipeline.at(-1), {
      ignore: [{ id: "CVE-2020-8203", reason: "keys are our own" }],
      sbom: ["cyclonedx", "spdx"],
      reports: ["json", "sarif", "openvex", "cyclonedx-vex", "html"],
      provenance: true,
      key: "key.pem",
    });
    await writeFile(configFile, JSON.stringify(config));
    await build(dir);
    const names = [
      "cdx.json",
      "spdx.json",
      "scan.json",
      "scan.html",
      "sarif",
      "openvex.json",
      "vex.cdx.json",
      "intoto.jsonl",
    ];
    const contents = () =>
      Promise.all(names.map((name) => readFile(join(dir, `dist/linux-x64/refused.${name}`), "utf8")));
    const first = await contents();
    // The same again, byte for byte, signature included.
    expect(await sbp(["build", "--force"], { cwd: dir, env })).toMatchObject({ code: 0 });
    expect(await contents()).toEqual(first);
    await run("openssl", ["ec", "-in", "key.pem", "-pubout", "-out", "key.pub"], { cwd: dir });
    const file = join(dir, "dist/linux-x64/refused");
    expect(await verifyProvenance(file, `${file}.intoto.jsonl`, join(dir, "key.pub"), dir)).toContain(
      "Verified OK",
    );
  });
});

test("files of all six targets, and images: layout, tar, registry; nothing in them is run", async () => {
  const dir = await project("six", {
    dependencies: { minimist: "1.2.5" },
    code: 'import parse from "minimist";\nconsole.log(parse(process.argv));',
    targets: ["all"],
    runtime: { default: "node@26.10.0", "win32-arm64": "node@26.7.0" },
    steps: [{ use: "scratch-image", archive: true, repository: "localhost/acme/six" }],
  });
  const configFile = join(dir, "sbp.config.json");
  await writeFile(configFile, (await readFile(configFile, "utf8")).replace('["all"]', '"all"'));
  await build(dir);
  const expected = { "minimist GHSA-xvch-5gv4-984h": "package" };
  for (const target of [
    "linux-x64",
    "linux-arm64",
    "darwin-x64",
    "darwin-arm64",
    "win32-x64",
    "win32-arm64",
  ]) {
    const file = `dist/${target}/six${target.startsWith("win32") ? ".exe" : ""}`;
    const { code, lines } = await scanned(dir, [file]);
    expect(code, target).toBe(3);
    expect(lines.at(-1), target).toMatchObject({
      subject: { target, maker: "sbp", name: "six", version: "1.0.0" },
    });
    expect(levelsIn(lines), target).toMatchObject(expected);
    // Linux brings its libraries; the others have no signature of a certificate.
    const checks = lines.filter(({ type }) => type === "check").map(({ rule }) => rule);
    expect(checks, target).toEqual(target.startsWith("linux") ? [] : ["hardening/no-signature"]);
  }
  const name = `${await dockerRegistry()}/acme/six:1`;
  expect(await sbp(["push", name], { cwd: dir, env })).toMatchObject({ code: 0 });
  for (const words of [
    ["dist/six.oci"],
    ["dist/six.tar", "--target", "linux-arm64"],
    [name],
    [name, "--target", "linux-arm64"],
  ]) {
    const { lines } = await scanned(dir, words);
    expect(lines.at(-1), words[0]).toMatchObject({
      exitCode: 3,
      subject: {
        kind: "image",
        name: "six",
        target: words.join().includes("arm64") ? "linux-arm64" : "linux-x64",
      },
    });
    expect(levelsIn(lines), words[0]).toMatchObject(expected);
    expect(
      lines.filter(({ type }) => type === "check"),
      words[0],
    ).toEqual([]);
  }
});
