import { execFile } from "node:child_process";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { arm64Sysroot } from "../../../tools/arm64-sysroot.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

/*
 * From the command line: a large app for linux-arm64 has a code cache where QEMU runs the target's runtime, and has none
 * where it does not; builds and rebases agree.
 */

const run = promisify(execFile);
let registry: RegistryProxy;
let env: Record<string, string>;
/** The same, with no program on PATH. */
let bare: Record<string, string>;

async function makeApp(runtime: string): Promise<string> {
  const functions = Array.from(
    { length: 4000 },
    (_, nr) =>
      `table.push((a: string, b: string) => [a, b, "text ${nr}", ${nr}, table.length].join("-${nr}-"));`,
  );
  return folder({
    "package.json": '{ "name": "large", "version": "1.0.0", "type": "module" }',
    "src/main.ts": `const table: ((a: string, b: string) => string)[] = [];\n${functions.join("\n")}\nconsole.log(process.arch, table.length);\n`,
    "sbp.config.json": JSON.stringify({
      pipeline: [
        { use: "bundle" },
        { use: "cross-target", targets: ["linux-arm64"], runtime },
        { use: "strip" },
        { use: "embed-runtime" },
      ],
    }),
  });
}

/** Builds; gives the executable, what the summary says of it, and the actions that ran. */
async function build(app: string, environment: Record<string, string>) {
  const { code, stdout, stderr } = await sbp(["build", "--json"], { cwd: app, env: environment });
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  const lines = jsonLines(stdout);
  const { outputs } = lines.at(-1) as { outputs: { meta: { codeCache: boolean }; sha256: string }[] };
  const ran = lines.filter(({ type, outcome }) => type === "action-finished" && outcome === "ran");
  return { ...outputs[0]!, ran: ran.map(({ action }) => action) };
}

beforeAll(async () => {
  registry = await RegistryProxy.start();
  const sysroot = await arm64Sysroot();
  env = { SBP_CACHE_DIR: await folder(), npm_config_registry: registry.url, QEMU_LD_PREFIX: sysroot };
  bare = { ...env, PATH: await folder() };
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

test("a large app has one where QEMU is, and the summary says so", async () => {
  const app = await makeApp("node@26.10.0");
  const without = await build(app, bare);
  expect(without.meta.codeCache).toBe(false);
  // That the program was missing is known: now it is there.
  const emulated = await build(app, env);
  expect(emulated.meta.codeCache).toBe(true);
  expect(emulated.ran).toEqual([
    "linux-arm64/embed-runtime:template",
    "linux-arm64/embed-runtime:executable",
  ]);
  expect((await build(app, env)).ran).toEqual([]);
  expect(await build(app, bare)).toEqual({ ...without, ran: [] });
  const { stdout } = await sbp(["build", "--force"], { cwd: app, env });
  expect(stdout).toMatch(/linux-arm64 .* code cache/);
  expect((await build(app, env)).sha256).toBe(emulated.sha256);
  const executable = join(app, "dist/linux-arm64/large");
  const printed = await run("qemu-aarch64-static", ["-L", env["QEMU_LD_PREFIX"]!, executable]);
  expect(printed.stdout).toBe("arm64 4000\n");
}, 120_000);

test("a rebase makes the same as a build", async () => {
  const [old, wanted] = [await makeApp("node@22.23.2"), await makeApp("node@26.10.0")];
  await build(old, env);
  const { meta, sha256 } = await build(wanted, env);
  expect(meta.codeCache).toBe(true);
  const file = join(await folder(), "large");
  await copyFile(join(old, "dist/linux-arm64/large"), file);
  const { stdout } = await sbp(["rebase", file, "--runtime", "node@26.10.0", "--json"], { env });
  expect(jsonLines(stdout).at(-1)).toMatchObject({
    sha256,
    before: { codeCache: true },
    after: { codeCache: true },
  });
  // Back on a machine without QEMU.
  const back = await sbp(["rebase", file, "--runtime", "node@22.23.2", "--json"], { env: bare });
  expect(jsonLines(back.stdout).at(-1)).toMatchObject({ after: { codeCache: false } });
}, 120_000);
