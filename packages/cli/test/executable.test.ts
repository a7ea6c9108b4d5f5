import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, cp, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { arm64Sysroot } from "../../../tools/arm64-sysroot.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

/*
 * The main job: the examples become executables for both Linux targets, which run where nothing else is. The arm64
 * ones run under qemu-user, with arm64 libraries from Debian.
 */

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../../..");
let registry: RegistryProxy;
let env: Record<string, string>;
let service: string;
let tool: string;

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: await folder(), npm_config_registry: registry.url };
  // Away from the repository, so that nothing of it can be found by accident.
  const top = await folder();
  service = join(top, "service");
  await cp(join(repository, "examples/health-service"), service, {
    recursive: true,
    filter: (path) => !/node_modules|dist/.test(path.slice(repository.length)),
  });
  const built = await sbp(["build"], { cwd: service, env });
  expect(built.stderr).not.toContain("error");
  expect(built.code).toBe(0);
  tool = join(repository, "examples/cli-tool");
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

/** The service's answers from an executable that is alone in an empty folder with next to no environment. */
async function askService(command: readonly string[], cwd: string, more: Record<string, string> = {}) {
  const [program, ...words] = command;
  const child = spawn(program!, words, {
    cwd,
    env: { PORT: "0", HOST: "127.0.0.1", ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), "line", {
      signal: AbortSignal.timeout(30_000),
    });
    const port = /port (\d+)/.exec(line)?.[1];
    const ask = async (path: string, init?: RequestInit) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      return `${response.status} ${(await response.text()).trim()}`;
    };
    const answers = [await ask("/health"), await ask("/other"), await ask("/health", { method: "POST" })];
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    return { answers, exited: await exited, errors };
  } finally {
    child.kill("SIGKILL");
  }
}

const healthy = {
  answers: ["200 Service is operational", expect.stringMatching(/^404 /), expect.stringMatching(/^405 /)],
  exited: [0, null],
  errors: "",
};

test("the service runs in an empty folder, with its sources moved away", async () => {
  const empty = await folder();
  await copyFile(join(service, "dist/linux-x64/health"), join(empty, "health"));
  await rename(service, `${service}-away`);
  try {
    expect(await askService([join(empty, "health")], empty)).toEqual(healthy);
  } finally {
    await rename(`${service}-away`, service);
  }
});

test("the user's NODE_OPTIONS neither change nor break the app", async () => {
  const more = { NODE_OPTIONS: "--no-such-option --require=/no/such/file.js --max-http-header-size=1" };
  expect(await askService([join(service, "dist/linux-x64/health")], service, more)).toEqual(healthy);
});

test("the service for arm64, built on x64, runs under qemu", async () => {
  const sysroot = await arm64Sysroot();
  const built = join(service, "dist/linux-arm64/health");
  const result = await askService(["qemu-aarch64-static", "-L", sysroot, built], await folder());
  expect(result).toEqual({ ...healthy, errors: expect.any(String) });
}, 120_000);

test("the manifest tells versions, sizes and digests", async () => {
  const manifest = JSON.parse(await readFile(join(service, "dist/sbp-manifest.json"), "utf8"));
  expect(manifest).toMatchObject({ name: "health", version: "1.0.0", targets: ["linux-x64", "linux-arm64"] });
  for (const output of manifest.outputs) {
    const { stdout } = await run("sha256sum", [join(service, "dist", output.path)]);
    expect(stdout.slice(0, 64)).toBe(output.sha256);
  }
});

test("the runtime's licence comes along", async () => {
  const executable = await readFile(join(service, "dist/linux-arm64/health"));
  const name = executable.lastIndexOf("LICENSE.gz") + "LICENSE.gz".length;
  // Behind the asset's name stand its length and its bytes.
  const length = Number(executable.readBigUInt64LE(name));
  const licence = gunzipSync(executable.subarray(name + 8, name + 8 + length)).toString();
  expect(licence).toContain("Node.js is licensed for use as follows");
});

test("one changed line runs what depends on it, and explain leads back to it", async () => {
  const words = ["build", "--json"];
  const ran = (stdout: string) =>
    jsonLines(stdout).flatMap((line) => (line["type"] === "action-started" ? [line["action"]] : []));
  expect(ran((await sbp(words, { cwd: service, env })).stdout)).toEqual([]);
  const source = join(service, "src/answer.ts");
  const text = await readFile(source, "utf8");
  await writeFile(source, text.replace("operational", "fully operational"));
  const changed = await sbp(words, { cwd: service, env });
  expect(ran(changed.stdout).sort()).toEqual([
    "bundle",
    "linux-arm64/embed-runtime:executable",
    "linux-x64/embed-runtime:executable",
    "strip:javascript",
  ]);
  const { stdout } = await sbp(["explain", "linux-x64/embed-runtime"], { cwd: service, env });
  expect(stdout).toMatch(/artifact bundle changed: \w+ → \w+/);
  expect(stdout).toMatch(/strip:javascript: artifact bundle changed: \w+ → \w+/);
  expect(stdout).toContain("bundle: src/answer.ts changed");
  await writeFile(source, text);
  expect(ran((await sbp(words, { cwd: service, env })).stdout)).toEqual([]);
});

test("the command-line tool, with its npm packages inside, works on the folder it is started in", async () => {
  const built = await sbp(["build", "--target", "linux-x64", "--json"], { cwd: tool, env });
  expect(built.code).toBe(0);
  const output = jsonLines(built.stdout).find(({ type }) => type === "output-published") as { path: string };
  const empty = await folder({ "a.ts": "let a;\n\nlet b;\n", "b/c.py": "x = 1\n" });
  const { stdout } = await run(output.path, ["--json"], { cwd: empty, env: {} });
  expect(JSON.parse(stdout)).toHaveLength(2);
  const failed = await run(output.path, ["--nope"], { cwd: empty, env: {} }).catch((error) => error);
  expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining("--nope") });
});

test("a code cache is made where it pays, by a runtime of the target or not at all", async () => {
  const cached = async (dir: string) =>
    JSON.parse(await readFile(join(dir, "dist/sbp-manifest.json"), "utf8")).outputs.map(
      ({ target, meta }: { target: string; meta: { codeCache: boolean } }) => [target, meta.codeCache],
    );
  expect(await cached(service)).toEqual([
    ["linux-x64", false],
    ["linux-arm64", false],
  ]);
  expect(await cached(tool)).toEqual([["linux-x64", true]]);
});

test("what npm packages a bundle holds is part of the artifact", async () => {
  const { stdout } = await sbp(["cache", "ls", "--json"], { env });
  const result = jsonLines(stdout).at(-1) as { entries: { kind: string; files: { path: string }[] }[] };
  const bundles = result.entries.filter(({ kind }) => kind === "bundle");
  expect(bundles.length).toBeGreaterThan(0);
  for (const { files } of bundles) {
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(["metafile.json", "packages.json"]));
  }
});
