import { execFile } from "node:child_process";
import { chmod, copyFile, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { arm64Sysroot } from "../../../tools/arm64-sysroot.ts";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { runOnWine } from "../../../tools/wine.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

/*
 * An app is built on one runtime and rebased to another, without its sources: the result is what a build on that other
 * runtime makes, byte for byte.
 */

const run = promisify(execFile);
const targets = ["linux-x64", "linux-arm64", "darwin-arm64", "win32-x64"] as const;
let registry: RegistryProxy;
let env: Record<string, string>;
/** Folders of outputs by runtime. */
let old: string;
let wanted: string;

/** The same app on a runtime: an ES module with a package's name, stripped as much as can be. */
async function buildOn(runtime: string): Promise<string> {
  const app = await folder({
    "package.json": '{ "name": "@acme/hello", "version": "1.2.3", "type": "module" }',
    "src/main.ts":
      'import { basename } from "node:path";\nconst when: string = await Promise.resolve("now");\nconsole.log(process.version, process.arch, when, basename(import.meta.url), process.argv.slice(2).join());\n',
    "sbp.config.json": JSON.stringify({
      pipeline: [
        { use: "bundle" },
        { use: "cross-target", targets, runtime },
        { use: "strip", locales: ["en", "de"], encodings: "none" },
        { use: "embed-runtime", codeCache: true },
      ],
    }),
  });
  const { code, stderr } = await sbp(["build"], { cwd: app, env });
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  return join(app, "dist");
}

function fileOf(target: string): string {
  return `${target}/${target.startsWith("win32-") ? "hello.exe" : "hello"}`;
}

/** A copy of an output, alone in a folder. */
async function copyOf(target: string): Promise<{ dir: string; file: string }> {
  const dir = await folder();
  const file = join(dir, "app");
  await copyFile(join(old, fileOf(target)), file);
  return { dir, file };
}

async function sha256(file: string): Promise<string> {
  return (await run("sha256sum", [file])).stdout.slice(0, 64);
}

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: await folder(), npm_config_registry: registry.url };
  old = await buildOn("node@22.23.2");
  // In a store of its own, so that every rebase below makes its templates itself.
  const cold = env;
  env = { ...env, SBP_CACHE_DIR: await folder() };
  wanted = await buildOn("node@26.10.0");
  env = cold;
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

describe("a rebased executable", () => {
  test.each(targets)("for %s is what a build on the other runtime makes", async (target) => {
    const { dir, file } = await copyOf(target);
    const { code, stderr, stdout } = await sbp(["rebase", "app", "--runtime", "node@26.10.0"], {
      cwd: dir,
      env,
    });
    expect(stderr).not.toMatch(/error|warning/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Node 22\.23\.2 → 26\.10\.0/);
    expect(await sha256(file)).toBe(await sha256(join(wanted, fileOf(target))));
    // Nothing else is left beside it.
    expect(await readdir(dir)).toEqual(["app"]);
  });

  test("runs in an empty folder, with a code cache", async () => {
    const { dir, file } = await copyOf("linux-x64");
    const { stdout } = await sbp(["rebase", file, "--runtime", "node@26.10.0", "--json"], { cwd: dir, env });
    const lines = jsonLines(stdout);
    expect(lines.map(({ type }) => type)).not.toContain("lock-changed");
    expect(lines.at(0)).toMatchObject({ type: "build-started", name: "hello", targets: ["linux-x64"] });
    const sides = {
      before: { runtime: "22.23.2", codeCache: true },
      after: { runtime: "26.10.0", codeCache: true },
    };
    expect(lines.at(-1)).toMatchObject({
      type: "result",
      command: "rebase",
      exitCode: 0,
      file,
      output: file,
      ...sides,
    });
    expect(lines).toContainEqual(expect.objectContaining({ type: "output-published", path: file }));
    expect((lines.at(-1) as { sha256: string }).sha256).toBe(await sha256(file));
    const printed = await run(file, ["a", "b"], { cwd: await folder(), env: {} });
    expect(printed.stdout).toBe("v26.10.0 x64 now main.ts a,b\n");
  });

  test("for arm64 runs under qemu", async () => {
    const { file } = await copyOf("linux-arm64");
    expect((await sbp(["rebase", file, "--runtime", "node@26.10.0"], { env })).code).toBe(0);
    const sysroot = await arm64Sysroot();
    const { stdout } = await run("qemu-aarch64-static", ["-L", sysroot, file], {
      cwd: await folder(),
      env: {},
    });
    expect(stdout).toMatch(/^v26\.10\.0 arm64 now /);
  }, 120_000);

  test("can be rebased again, back to what it was", async () => {
    const { file } = await copyOf("linux-x64");
    expect((await sbp(["rebase", file, "--runtime", "node@26.10.0"], { env })).code).toBe(0);
    const { code, stderr } = await sbp(["rebase", file, "--runtime", "node@22.23.2"], { env });
    expect(code).toBe(0);
    expect(stderr).toContain("warning SBP_REBASE_OLDER: Node 22.23.2 is older than the Node 26.10.0");
    expect(await sha256(file)).toBe(await sha256(join(old, fileOf("linux-x64"))));
  });

  test("is made for the newest runtime of the same line, and offline from what is known by then", async () => {
    const { file } = await copyOf("linux-x64");
    const { code, stdout } = await sbp(["rebase", file, "--json"], { env });
    expect(code).toBe(0);
    const { after } = jsonLines(stdout).at(-1) as { after: { runtime: string } };
    expect(after.runtime).toMatch(/^22\.(2[3-9]|[3-9]\d)\./);
    const again = await copyOf("linux-x64");
    const before = registry.requests.length;
    expect((await sbp(["rebase", again.file, "--offline"], { env })).code).toBe(0);
    expect(registry.requests.length).toBe(before);
    expect(await sha256(again.file)).toBe(await sha256(file));
    const unknown = await sbp(["rebase", file, "--offline", "--runtime", "node@24"], { env });
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain("error SBP_OFFLINE: No earlier rebase has found out");
  });

  test("gets the libraries of this sbp, and keeps its version of Node, with --libs", async () => {
    const { dir, file } = await copyOf("linux-x64");
    const bytes = await readFile(file);
    const note = bytes.indexOf('{"distribution":"Debian', bytes.indexOf("sbp-libraries\0"));
    const version = bytes.indexOf('"version":"2.36', note) + '"version":"2.'.length;
    expect(bytes.subarray(version, version + 2).toString()).toBe("36");
    bytes.write("35", version);
    await writeFile(file, bytes);
    const { code, stderr, stdout } = await sbp(["rebase", "app", "--libs"], { cwd: dir, env });
    expect(stderr).not.toMatch(/error|warning/);
    expect(code).toBe(0);
    expect(stdout).toContain("Node 22.23.2 as before");
    expect(await sha256(file)).toBe(await sha256(join(old, fileOf("linux-x64"))));
  });

  test("goes where it is told, with the permissions of the old one, which stays", async () => {
    const { dir, file } = await copyOf("linux-x64");
    await chmod(file, 0o750);
    await symlink("app", join(dir, "link"));
    const words = ["rebase", "link", "--runtime", "node@26.10.0"];
    expect((await sbp([...words, "--output", "new"], { cwd: dir, env })).code).toBe(0);
    expect(await sha256(file)).toBe(await sha256(join(old, fileOf("linux-x64"))));
    expect((await stat(join(dir, "new"))).mode & 0o777).toBe(0o750);
    // In place, a link stays one.
    expect((await sbp(words, { cwd: dir, env })).code).toBe(0);
    expect(await sha256(file)).toBe(await sha256(join(dir, "new")));
    expect((await stat(file)).mode & 0o777).toBe(0o750);
    expect((await readdir(dir)).sort()).toEqual(["app", "link", "new"]);
  });

  test("may get a runtime of one's own, and then tells that it has", async () => {
    const { dir, file } = await copyOf("linux-x64");
    const node = await testRuntime("26.10.0", "linux-x64");
    await symlink(node, join(dir, "node"));
    const { code, stdout } = await sbp(["rebase", "app", "--runtime", "./node"], { cwd: dir, env });
    expect(stdout).toContain("22.23.2 → 26.10.0");
    expect(code).toBe(0);
    expect((await run(file, [], { env: {} })).stdout).toMatch(/^v26\.10\.0 /);
    const next = await sbp(["rebase", "app"], { cwd: dir, env });
    expect(next.code).toBe(2);
    expect(next.stderr).toContain("error SBP_REBASE_RUNTIME");
  });

  test("for Windows runs under wine", async () => {
    const { dir, file } = await copyOf("win32-x64");
    expect(
      (await sbp(["rebase", file, "--runtime", "node@22.23.3", "-o", join(dir, "app.exe")], { env })).code,
    ).toBe(0);
    expect((await runOnWine(join(dir, "app.exe"))).stdout).toMatch(/^v22\.23\.3 x64 now /);
  }, 120_000);
});

describe("a certificate's signature", () => {
  test("is lost, and sbp says so", async () => {
    const { dir, file } = await copyOf("win32-x64");
    const { key, certificate } = await selfSigned(dir);
    const signed = join(dir, "signed.exe");
    await run("osslsigncode", ["sign", "-key", key, "-certs", certificate, "-in", file, "-out", signed]);
    const { code, stderr } = await sbp(["rebase", signed, "--runtime", "node@26.10.0"], { env });
    expect(stderr).toContain("warning SBP_REBASE_SIGNATURE");
    expect(code).toBe(0);
    expect(await sha256(signed)).toBe(await sha256(join(wanted, fileOf("win32-x64"))));
  });
});

describe("a rebase that is refused leaves everything as it was", () => {
  const refused = async (words: readonly string[], code: string, exitCode: number) => {
    const { dir, file } = await copyOf("linux-x64");
    const before = await sha256(file);
    const result = await sbp(["rebase", "app", ...words], { cwd: dir, env });
    expect(result.stderr).toContain(`error ${code}`);
    expect(result.code).toBe(exitCode);
    expect(await sha256(file)).toBe(before);
    expect(await readdir(dir)).toEqual(["app"]);
  };

  test("for a runtime that there is not", () =>
    refused(["--runtime", "node@22.99.0"], "SBP_RUNTIME_VERSION", 2));
  test("for what is no runtime", () => refused(["--runtime", "deno@2"], "SBP_RUNTIME_UNKNOWN", 2));
  test("for a runtime's path without a file", () =>
    refused(["--runtime", "./none"], "SBP_RUNTIME_PATH_MISSING", 2));
  test("for a runtime that is too old", () => refused(["--runtime", "node@20"], "SBP_RUNTIME_OLD", 2));
  test("for a version that belongs to nothing", () =>
    refused(["--runtime-version", "26.10.0"], "SBP_USAGE", 2));
  test("for another runtime and the same one", () =>
    refused(["--libs", "--runtime", "node@26.10.0"], "SBP_USAGE", 2));
  test("for libraries in what carries none", async () => {
    const { file } = await copyOf("win32-x64");
    const result = await sbp(["rebase", file, "--libs"], { env });
    expect(result.stderr).toContain("error SBP_REBASE_LIBS");
    expect(result.code).toBe(2);
  });
  test("for a folder as output", () => refused(["--output", "."], "SBP_USAGE", 2));
  test("for an output in no folder", () => refused(["--output", "no/app"], "SBP_OUTPUT_NOT_WRITABLE", 1));

  test("for another program", async () => {
    const result = await sbp(["rebase", "/bin/ls", "--json"], { env });
    expect(result.code).toBe(2);
    expect(jsonLines(result.stdout)).toMatchObject([
      { type: "error", code: "SBP_REBASE_NO_APP" },
      { type: "result", command: "rebase", outcome: "failed" },
    ]);
    expect((await sbp(["rebase"], { env })).stderr).toContain(
      "error SBP_USAGE: sbp rebase needs an executable",
    );
    expect((await sbp(["rebase", "/no/such/file"], { env })).stderr).toContain("error SBP_REBASE_FILE");
  });

  test("when the app needs what the runtime lacks", async () => {
    const app = await folder({
      "package.json": '{ "name": "needy", "version": "1.0.0", "type": "module" }',
      "src/main.ts": 'import { dlopen } from "node:ffi";\nconsole.log(typeof dlopen);\n',
    });
    await writeFile(
      join(app, "sbp.config.json"),
      JSON.stringify({
        pipeline: [
          { use: "bundle" },
          { use: "cross-target", targets: ["linux-x64"], runtime: "node@26.10.0" },
          { use: "strip", locales: ["en", "de"], encodings: "none" },
          { use: "embed-runtime" },
        ],
      }),
    );
    const built = await sbp(["build"], { cwd: app, env });
    expect(built.stderr).not.toContain("error");
    const { code, stderr } = await sbp(["rebase", "dist/linux-x64/needy", "--runtime", "node@22.23.2"], {
      cwd: app,
      env,
    });
    expect(stderr).toMatch(
      /error SBP_BUNDLE_BUILTIN: Node 22\.23\.2 does not have what the app imports: node:ffi/,
    );
    expect(code).toBe(1);
  });
});

async function selfSigned(dir: string): Promise<{ key: string; certificate: string }> {
  const [key, certificate] = [join(dir, "key.pem"), join(dir, "certificate.pem")];
  const subject = ["-subj", "/CN=Test", "-addext", "extendedKeyUsage=codeSigning"];
  const words = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    key,
    "-out",
    certificate,
    "-days",
    "30",
  ];
  await run("openssl", [...words, ...subject]);
  return { key, certificate };
}
