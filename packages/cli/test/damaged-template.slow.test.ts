import { execFile } from "node:child_process";
import { readdir, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, sbp } from "./sbp.ts";

let registry: RegistryProxy;
beforeAll(async () => {
  registry = await RegistryProxy.start();
});
afterAll(() => registry.close());

/** The files of a folder and those below that are as large as a runtime. */
async function largeFiles(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return files.filter((_, index) => sizes[index]! > 100_000_000);
}

test("a template that is cut short is made again, and no executable is made of it", async () => {
  const cache = await folder();
  const app = await folder({
    "package.json": '{"name":"hello"}',
    "main.cjs": "console.log(1);",
    "sbp.config.json": JSON.stringify({
      pipeline: [
        { use: "bundle", entry: "main.cjs" },
        { use: "cross-target", targets: ["linux-x64"], runtime: "node@26.10.0" },
        { use: "strip" },
        { use: "embed-runtime" },
      ],
    }),
  });
  const build = () =>
    sbp(["build"], { cwd: app, env: { SBP_CACHE_DIR: cache, npm_config_registry: registry.url } });
  expect((await build()).code).toBe(0);
  // The runtime as it came, the stripped one, and the template.
  const large = await largeFiles(cache);
  expect(large).toHaveLength(3);
  for (const file of large) await truncate(file, 50_000_000);
  await writeFile(join(app, "main.cjs"), "console.log(2);");
  const { code, stderr } = await build();
  expect([code, stderr]).toEqual([0, expect.stringContaining("its stored result is gone or damaged")]);
  expect((await promisify(execFile)(join(app, "dist/linux-x64/hello"))).stdout).toBe("2\n");
});
