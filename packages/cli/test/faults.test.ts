import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { environment, folder, printed, sbp, sbpCommand, start } from "./sbp.ts";

/*
 * What can go wrong with the machine: full disks, folders that cannot be written, a kill. Mounts are made in a mount
 * namespace of the command's own, so they are gone when it ends.
 */

let runtime: string;
beforeAll(async () => {
  runtime = await testRuntime("26.10.0", "linux-x64");
});

function app(): Promise<string> {
  return folder({
    "package.json": '{ "name": "app", "version": "1.0.0" }',
    "src/main.ts": 'console.log("hello");\n',
    "sbp.config.json": JSON.stringify({
      pipeline: [
        { use: "bundle" },
        { use: "cross-target", targets: ["linux-x64"], runtime: { path: runtime } },
        { use: "strip" },
        { use: "embed-runtime" },
      ],
    }),
  });
}

/** Runs `sbp build` after a script has mounted something over folders, in a namespace of its own. */
async function buildWith(script: string, cwd: string, cache: string) {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const command = `set -e; ${script}; shift 0; exec "$@"`;
  const words = [...user, "--mount", "sh", "-c", command, "sh", ...sbpCommand, "build"];
  return promisify(execFile)("unshare", words, { cwd, env: environment({ SBP_CACHE_DIR: cache }) })
    .then(({ stdout, stderr }) => ({ code: 0, printed: stdout + stderr }))
    .catch(({ code, stdout, stderr }) => ({ code: code as number, printed: `${stdout}${stderr}` }));
}

test("a store on a full disk: told as such, and the outputs stay as they were", async () => {
  const [cwd, cache] = [await app(), await folder()];
  const { code, printed } = await buildWith(`mount -t tmpfs -o size=60m tmpfs '${cache}'`, cwd, cache);
  expect(printed).toContain("SBP_DISK_FULL");
  expect(printed).toContain("SBP_CACHE_DIR");
  expect(code).toBe(1);
  await expect(stat(join(cwd, "dist"))).rejects.toThrow("ENOENT");
});

test("an output folder on a full disk: what was there before is there after", async () => {
  const [cwd, cache] = [await app(), await folder()];
  const dist = join(cwd, "dist");
  const { code, printed } = await buildWith(
    `mkdir -p '${dist}/linux-x64'; mount -t tmpfs -o size=20m tmpfs '${dist}'; mkdir '${dist}/linux-x64'; echo old > '${dist}/linux-x64/app';
     "$@" || code=$?; cat '${dist}/linux-x64/app'; ls -A '${dist}/linux-x64'; exit $code`,
    cwd,
    cache,
  );
  expect(printed).toContain("SBP_DISK_FULL");
  expect(printed).toMatch(/old\napp\n/);
  expect(printed).toContain(`The disk is full: ${dist}/`);
  expect(code).toBe(1);
});

test("an output folder that is read-only", async () => {
  const [cwd, cache] = [await app(), await folder()];
  const { code, printed } = await buildWith(
    `mkdir '${cwd}/dist'; mount --bind '${cwd}/dist' '${cwd}/dist'; mount -o remount,ro,bind '${cwd}/dist'`,
    cwd,
    cache,
  );
  expect(printed).toContain("SBP_OUTPUT_NOT_WRITABLE");
  expect(printed).toContain("outDir");
  expect(code).toBe(1);
});

test("a file size limit", async () => {
  const [cwd, cache] = [await app(), await folder()];
  const { code, printed } = await buildWith("ulimit -f 50000", cwd, cache);
  expect(printed).toContain("SBP_DISK_FULL");
  expect(code).toBe(1);
});

test("a kill in the middle leaves nothing that the next build trips over", async () => {
  const [cwd, cache] = [await app(), await folder()];
  const env = { SBP_CACHE_DIR: cache };
  for (const moment of [
    "cross-target:runtime started",
    "embed-runtime:template started",
    "embed-runtime:executable started",
  ]) {
    const child = start(["build", "--verbose"], { cwd, env });
    await printed(child, moment);
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
    await expect(stat(join(cwd, "dist/linux-x64/app"))).rejects.toThrow("ENOENT");
  }
  const { code, stderr } = await sbp(["build"], { cwd, env });
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  expect((await readdir(join(cwd, "dist/linux-x64"))).sort()).toEqual(["app"]);
  const { stdout } = await promisify(execFile)(join(cwd, "dist/linux-x64/app"), { env: {} });
  expect(stdout).toBe("hello\n");
  // Work folders of the killed ones go with the next collection.
  await sbp(["cache", "gc"], { env });
  expect(await readdir(join(cache, "v1/tmp"))).toEqual([]);
});

test("two builds at once of one project", async () => {
  const [cwd, cache] = [await app(), await folder()];
  const env = { SBP_CACHE_DIR: cache };
  const results = await Promise.all([sbp(["build"], { cwd, env }), sbp(["build"], { cwd, env })]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  const { stdout } = await promisify(execFile)(join(cwd, "dist/linux-x64/app"), { env: {} });
  expect(stdout).toBe("hello\n");
});

test("Ctrl-C while a runtime is prepared: exit code 130, nothing left, and the next build works", async () => {
  const [cwd, cache] = [await app(), await folder()];
  const child = spawn(sbpCommand[0]!, [...sbpCommand.slice(1), "build", "--verbose"], {
    cwd,
    env: environment({ SBP_CACHE_DIR: cache }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  await printed(child, "strip:runtime started");
  const closed = once(child, "close");
  child.kill("SIGINT");
  expect(await closed).toEqual([130, null]);
  expect(await readdir(join(cache, "v1/tmp"))).toEqual([]);
  expect((await readdir(cwd)).sort()).toEqual(["package.json", "sbp.config.json", "sbp.lock.json", "src"]);
  expect((await sbp(["build"], { cwd, env: { SBP_CACHE_DIR: cache } })).code).toBe(0);
  expect((await readFile(join(cwd, "dist/linux-x64/app"))).length).toBeGreaterThan(100_000_000);
});
