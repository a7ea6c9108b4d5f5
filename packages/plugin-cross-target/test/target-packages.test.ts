import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PlatformAlternative, PlatformPackage, RunContext, Target } from "@sbp/core";
import { nativeFacts } from "@sbp/executable";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { nativeSample } from "../../executable/test/native-sample.ts";
import plugin from "../src/index.ts";
import type { Options } from "../src/options.ts";
import { failure, Run, temporaryFolder } from "./contexts.ts";
import { integrityOf, RegistryProxy } from "./registry-proxy.ts";
import { makeTarball, type TarEntry } from "./tarball.ts";

let registry: RegistryProxy;
beforeEach(async () => {
  registry = await RegistryProxy.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

const transform = plugin.transforms.find(({ name }) => name === "packages")!;
const name = "@fast/linux-arm64";
const place = `node_modules/fast/node_modules/${name}`;
const manifest = { path: "package/package.json", content: Buffer.from('{"os":["linux"],"cpu":["arm64"]}') };
const addon = { path: "package/lib/fast.node", content: nativeSample("linux-arm64") };
const entries: readonly TarEntry[] = [
  manifest,
  addon,
  { path: "package/README.md", content: Buffer.from("not needed") },
  { path: "package/bin", type: "Directory" },
];

/** The transform's run for a package that brings one for the target. */
function runOf(
  more: Partial<PlatformAlternative>,
  context: Partial<RunContext<Options>> & {
    readonly of?: Partial<PlatformPackage>;
    readonly strict?: boolean;
  } = {},
) {
  const { of, strict, ...rest } = context;
  const one: PlatformAlternative = { name, place, version: "1.2.3", os: ["linux"], cpu: ["arm64"], ...more };
  const packages = [
    { name: "fast", version: "1.2.3", required: true, binaries: [], alternatives: [one], ...of },
  ];
  const installed = { kind: "platform-packages", meta: { packages, ...(strict && { strict }) }, files: [] };
  const run = new Run(
    { abi: 147 },
    {
      target: "linux-arm64",
      artifacts: { "platform-packages": installed } as unknown as RunContext["artifacts"],
      projectDir: temporaryFolder(),
      ...rest,
    },
  );
  return { run, ended: transform.run(run.context as unknown as RunContext) };
}

test("an app without such packages asks nobody, and loads nothing", async () => {
  const installed = { kind: "platform-packages", meta: { packages: [] }, files: [] };
  const artifacts = { "platform-packages": installed } as unknown as RunContext["artifacts"];
  const run = new Run({}, { target: "linux-arm64", artifacts });
  await transform.run(run.context as unknown as RunContext);
  expect(run.artifacts[0]).toMatchObject({ kind: "target-packages", files: [], meta: {} });
  expect(registry.requests).toEqual([]);
});

test("what is not installed comes from the registry, with what code can look for", async () => {
  const { integrity } = registry.publish(name, "1.2.3", makeTarball(entries));
  const { run, ended } = runOf({ integrity });
  await ended;
  expect(run.artifacts[0]?.meta).toEqual({ fetched: [{ name, version: "1.2.3", place, integrity }] });
  expect(run.artifacts[0]?.files.map(({ path }) => path)).toEqual([
    `${place}/lib/fast.node`,
    `${place}/package.json`,
  ]);
  expect((await run.artifacts[0]?.read(`${place}/lib/fast.node`))?.equals(addon.content)).toBe(true);
  expect(run.found.size).toBe(0);
  expect(registry.requests.map(({ path }) => path)).toEqual([
    "/@fast%2flinux-arm64",
    "/@fast/linux-arm64/-/1.2.3.tgz",
  ]);
});

test("a scope's own registry is asked", async () => {
  const { integrity } = registry.publish(name, "1.2.3", makeTarball(entries));
  vi.stubEnv("npm_config_@fast:registry", registry.url);
  vi.stubEnv("npm_config_registry", "http://127.0.0.1:9/");
  await runOf({ integrity }).ended;
  expect(registry.requests.length).toBe(2);
});

describe("without a digest in the project's lock file", () => {
  test("it is pinned", async () => {
    const { integrity } = registry.publish(name, "1.2.3", makeTarball(entries));
    const { run, ended } = runOf({});
    await ended;
    expect([...run.found]).toEqual([[`${name}@1.2.3`, integrity]]);
  });

  test("what was pinned counts", async () => {
    registry.publish(name, "1.2.3", makeTarball(entries));
    const pinned = () => integrityOf(Buffer.from("other"));
    const error = await failure(runOf({}, { pinned }).ended);
    expect(error.code).toBe("SBP_PACKAGE_INTEGRITY");
    expect((await failure(runOf({}, { pinned: () => "md5-abc" }).ended)).code).toBe("SBP_LOCK_INVALID");
  });

  test("and without a version nothing can be fetched", async () => {
    const { version: _, ...without } = { version: undefined, os: ["linux"], cpu: ["arm64"] };
    const error = await failure(runOf({ ...without, version: undefined as never }).ended);
    expect(error.code).toBe("SBP_PACKAGE_VERSION");
    expect(error.message).toContain(`${name} is needed for linux-arm64`);
  });
});

describe("where only its name is known", () => {
  const named = { os: undefined as never, cpu: undefined as never };

  test("the package itself says for whom it is", async () => {
    registry.publish(name, "1.2.3", makeTarball(entries));
    const { run, ended } = runOf(named);
    await ended;
    expect(run.artifacts[0]?.files.length).toBe(2);
  });

  test("and is not taken where that is somebody else", async () => {
    const other = { ...manifest, content: Buffer.from('{"os":["linux"],"cpu":["arm64"],"libc":["musl"]}') };
    registry.publish(name, "1.2.3", makeTarball([other, addon]));
    const error = await failure(runOf(named).ended);
    expect(error.code).toBe("SBP_ADDON_MISSING");
  });
});

describe("is refused:", () => {
  test("offline, with the names", async () => {
    const error = await failure(runOf({}, { offline: true }).ended);
    expect(error.code).toBe("SBP_OFFLINE");
    expect(error.message).toContain(`${name}@1.2.3`);
    expect(registry.requests).toEqual([]);
  });

  test("a package that the registry does not have", async () => {
    registry.own(name);
    expect((await failure(runOf({}).ended)).code).toBe("SBP_PACKAGE_NOT_FOUND");
    registry.fault = () => ({ status: 404 });
    expect((await failure(runOf({}).ended)).code).toBe("SBP_PACKAGE_NOT_FOUND");
  });

  test("but an optional one is absent, as it is to npm", async () => {
    registry.own(name);
    const { run, ended } = runOf({}, { of: { required: false } });
    await ended;
    expect(run.artifacts[0]?.files).toEqual([]);
    expect(run.diagnostics).toMatchObject([{ severity: "warning", code: "SBP_PACKAGE_NOT_FOUND" }]);
    expect(run.diagnostics[0]!.message).toContain("missing for linux-arm64");
    const locked = runOf(
      { integrity: integrityOf(Buffer.from("it was there")) },
      { of: { required: false } },
    );
    expect((await failure(locked.ended)).code).toBe("SBP_PACKAGE_NOT_FOUND");
    const strict = runOf({}, { of: { required: false }, strict: true });
    expect((await failure(strict.ended)).code).toBe("SBP_PACKAGE_NOT_FOUND");
  });

  test("other bytes than the lock file has", async () => {
    const { integrity } = registry.publish(name, "1.2.3", makeTarball(entries));
    registry.fault = ({ kind }) => (kind === "tarball" ? { change: () => Buffer.from("other") } : undefined);
    const error = await failure(runOf({ integrity }).ended);
    expect(error.code).toBe("SBP_PACKAGE_INTEGRITY");
    expect(error.message).toContain(integrity);
  });

  test("an addon for another processor", async () => {
    registry.publish(
      name,
      "1.2.3",
      makeTarball([manifest, { ...addon, content: nativeSample("linux-x64") }]),
    );
    const error = await failure(runOf({}).ended);
    expect(error.code).toBe("SBP_ADDON_FORMAT");
    expect(error.message).toContain('"@fast/linux-arm64" 1.2.3 brings lib/fast.node');
  });

  test("an addon for another version of Node", async () => {
    const content = nativeSample("linux-arm64", "node_register_module_v137");
    registry.publish(name, "1.2.3", makeTarball([manifest, { ...addon, content }]));
    expect((await failure(runOf({}).ended)).code).toBe("SBP_ADDON_ABI");
  });

  test("a warning, where the project is strict", async () => {
    const of: Partial<PlatformPackage> = {
      required: false,
      alternatives: [],
      binaries: [{ file: "a.node", targets: ["linux-x64"] }],
    };
    const reported: string[] = [];
    await runOf({}, { of, report: ({ code }) => void reported.push(code) }).ended;
    expect(reported).toEqual(["SBP_ADDON_MISSING"]);
    expect((await failure(runOf({}, { of, strict: true }).ended)).code).toBe("SBP_ADDON_MISSING");
  });

  test.each<[string, readonly TarEntry[]]>([
    ["is no path in a package", [{ path: "package/../../evil", content: Buffer.from("x") }]],
    ["is no path in a package", [{ path: "package//evil", content: Buffer.from("x") }]],
    ["is no path in a package", [{ path: "package/a\\..\\evil", content: Buffer.from("x") }]],
    ["is no path in a package", [{ path: "package/c:evil", content: Buffer.from("x") }]],
    ["is no path in a package", [{ path: "evil", content: Buffer.from("x") }]],
    ["is no file but SymbolicLink", [{ path: "package/a", type: "SymbolicLink", linkpath: "/etc/passwd" }]],
    ["is no file but Link", [{ path: "package/a", type: "Link", linkpath: "package/package.json" }]],
    ["is there twice", [{ path: "package/a" }, { path: "package/a" }]],
    ["is there twice", [{ path: "package/a" }, { path: "package/A" }]],
    ["damaged archive", [{ path: "package/a", content: Buffer.from("x"), size: 100_000 }]],
  ])("an archive with a name or a kind that %s", async (why, more) => {
    registry.publish(name, "1.2.3", makeTarball([manifest, ...more]));
    const { run, ended } = runOf({});
    const error = await failure(ended);
    expect(error.code).toBe("SBP_PACKAGE_MALFORMED");
    expect(error.message).toContain(why);
    expect(run.artifacts).toEqual([]);
  });
});

describe("real packages", () => {
  const lock = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../../compatibility/package-lock.json"), "utf8"),
  ) as { packages: Readonly<Record<string, PlatformAlternative>> };

  /** The folder of what a lane has of a package that the lock file names. */
  async function fetched(name: string, target: Target): Promise<string> {
    const { os, cpu, version, integrity } = lock.packages[`node_modules/${name}`]!;
    const more = { name, place: "p", os: os!, cpu: cpu!, version: version!, integrity: integrity! };
    const { run, ended } = runOf(more, { target });
    await ended;
    return join(run.folder, "target-packages/p");
  }

  test.each([
    ["@parcel/watcher-linux-arm64-glibc", "linux-arm64"],
    ["@parcel/watcher-darwin-arm64", "darwin-arm64"],
    ["@parcel/watcher-win32-x64", "win32-x64"],
  ] as const)("%s has an addon for %s", async (name, target) => {
    const folder = await fetched(name, target);
    expect(await nativeFacts(join(folder, "watcher.node"), true)).toEqual({ targets: [target] });
  });

  test("a program runs on its target", async () => {
    const folder = await fetched("@esbuild/linux-arm64", "linux-arm64");
    const program = join(folder, "bin/esbuild");
    expect(statSync(program).mode & 0o777).toBe(0o755);
    const { stdout } = await promisify(execFile)("/usr/bin/qemu-aarch64-static", [program, "--version"]);
    expect(stdout.trim()).toBe(lock.packages["node_modules/@esbuild/linux-arm64"]!.version);
  });
});
