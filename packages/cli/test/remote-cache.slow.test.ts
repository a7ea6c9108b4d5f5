import { execFile } from "node:child_process";
import { copyFile, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startCacheServer } from "../../../tools/cache-server.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, sbp } from "./sbp.ts";

const run = promisify(execFile);

const files = {
  ".git/HEAD": "ref: refs/heads/main\n",
  "package.json": '{ "name": "app", "version": "1.0.0", "type": "module" }',
  "src/main.ts": 'import { greeting } from "./greeting.ts";\nconsole.log(greeting);\n',
  "src/greeting.ts": 'export const greeting: string = "hello";\n',
  "sbp.config.json": JSON.stringify({
    pipeline: [
      { use: "bundle" },
      { use: "cross-target", targets: ["linux-x64", "win32-x64"], runtime: "node@26.10.0" },
      { use: "strip" },
      { use: "embed-runtime" },
    ],
  }),
};

test("a second machine builds nothing, fetches no runtime, and has the same bytes", async () => {
  const registry = await RegistryProxy.start();
  const values = await folder();
  const server = await startCacheServer({ folder: values });
  try {
    const clone = async (registryUrl: string) => {
      const cwd = await folder(files);
      const env = {
        SBP_CACHE_DIR: await folder(),
        SBP_REMOTE_CACHE: server.url,
        npm_config_registry: registryUrl,
      };
      return { cwd, env };
    };
    const first = await clone(registry.url);
    const built = await sbp(["build"], first);
    expect(built.code).toBe(0);

    // Nobody answers there: whoever asked for a runtime would fail.
    const second = await clone("http://127.0.0.1:9");
    await copyFile(join(first.cwd, "sbp.lock.json"), join(second.cwd, "sbp.lock.json"));
    const taken = await sbp(["build", "--json", "--frozen-lock"], second);
    expect(taken.code).toBe(0);
    const { actions } = JSON.parse(taken.stdout.trim().split("\n").at(-1)!);
    expect(actions.filter(({ outcome }: { outcome: string }) => outcome !== "cached")).toEqual([]);
    for (const file of ["linux-x64/app", "win32-x64/app.exe"]) {
      const both = [first, second].map(({ cwd }) => readFile(join(cwd, "dist", file)));
      const [mine, theirs] = await Promise.all(both);
      expect(mine!.equals(theirs!)).toBe(true);
    }
    expect((await run(join(second.cwd, "dist/linux-x64/app"))).stdout).toBe("hello\n");

    // Of the runtimes only the templates are sent, once each.
    const sizes = await Promise.all(
      (await readdir(values)).map(async (name) => (await stat(join(values, name))).size),
    );
    expect(sizes.filter((size) => size > 10_000_000)).toHaveLength(2);
  } finally {
    await server.close();
    await registry.close();
  }
});
