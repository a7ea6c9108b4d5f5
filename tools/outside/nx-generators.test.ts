import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/* The generators of @sbp/nx-plugin, run by Nx itself out of the packed tarballs, in a workspace of a stranger's. */

const tarballs = join(import.meta.dirname, "../../dist/npm");
const exec = promisify(execFile);

const env: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:npm_|nx_|NODE_OPTIONS$|FORCE_COLOR$)/i.test(name)),
  ),
  PATH: (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .join(delimiter),
  CI: "true",
  NO_COLOR: "1",
  NX_DAEMON: "false",
  NX_NO_CLOUD: "true",
};

let dir: string;
beforeAll(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), "sbp-generators-")));
  await write("package.json", JSON.stringify({ name: "acme", private: true, workspaces: ["apps/*"] }));
  const packed = (await readdir(tarballs)).map((name) => join(tarballs, name));
  await npm("install", "--save-dev", ...packed, "typescript@7.0.2", "@types/node@24.19.2");
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), text);
}

const read = (path: string) => readFile(join(dir, path), "utf8");
const manifest = async () => JSON.parse(await read("package.json"));

function npm(...words: string[]): Promise<unknown> {
  return exec("npm", [...words, "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: dir, env });
}

/** Standard output and error together; of a run that fails as well. */
async function nx(...words: string[]): Promise<{ failed: boolean; text: string }> {
  const all = ["--no-install", "nx", ...words];
  const { code, stdout, stderr } = await exec("npx", all, { cwd: dir, env }).catch((error) => error);
  return { failed: code !== undefined, text: stdout + stderr };
}

describe.each(["23.2.1", "24.0.6"])("Nx %s", (version) => {
  beforeAll(async () => {
    await npm("install", "--save-dev", `nx@${version}`);
    const { devDependencies, ...rest } = await manifest();
    const { "@sbp/cli": _, ...others } = devDependencies;
    await write("package.json", JSON.stringify({ ...rest, workspaces: ["apps/*"], devDependencies: others }));
    await write("nx.json", '{\n  // ours\n  "analytics": false,\n  "neverConnectToCloud": true\n}\n');
    await rm(join(dir, "packages"), { recursive: true, force: true });
  });

  test("init adds plugin and command, and keeps what is there", async () => {
    expect(await nx("g", "@sbp/nx-plugin:init")).toMatchObject({ failed: false });
    expect(await read("nx.json")).toBe(
      '{\n  // ours\n  "analytics": false,\n  "neverConnectToCloud": true,\n  "plugins": [\n    "@sbp/nx-plugin"\n  ]\n}\n',
    );
    const { devDependencies } = await manifest();
    expect(devDependencies["@sbp/cli"]).toMatch(/^\d+\.\d+\.\d+$/);
    expect(devDependencies["@sbp/nx-plugin"]).toMatch(/^file:/);
    expect(devDependencies.nx).toContain(version);
    const before = [await read("nx.json"), await read("package.json")];
    expect(await nx("g", "@sbp/nx-plugin:init", "--prefix=ship:")).toMatchObject({ failed: false });
    expect([await read("nx.json"), await read("package.json")]).toEqual(before);
  });

  test("plugin makes a package of the workspace whose test passes, and which builds use", async () => {
    const { failed, text } = await nx("g", "@sbp/nx-plugin:plugin", "@acme/sizes");
    expect({ failed, text }).toMatchObject({ failed: false });
    expect(text).toContain("CREATE packages/sizes/src/index.ts");
    expect(text).toContain("nx test @acme/sizes");
    expect((await manifest()).workspaces).toEqual(["apps/*", "packages/sizes"]);
    const shown = await nx("show", "project", "@acme/sizes", "--json");
    expect(Object.keys(JSON.parse(shown.text).targets)).toEqual(expect.arrayContaining(["build", "test"]));
    expect(await nx("test", "@acme/sizes")).toMatchObject({ failed: false });

    await write("apps/demo/package.json", '{ "name": "demo", "version": "1.0.0" }');
    await write("apps/demo/main.js", 'console.log("hello");\n');
    await write(
      "apps/demo/sbp.config.json",
      JSON.stringify({
        pipeline: [{ use: "bundle", entry: "main.js" }, { use: "../../packages/sizes/src/index.ts" }],
      }),
    );
    expect(await nx("run", "demo:sbp:build")).toMatchObject({ failed: false });
    expect(await read("apps/demo/dist/sizes.txt")).toMatch(/^\d+\tdemo\.cjs$/m);
  });

  test("plugin goes where it is told, once, and refuses what is no name or place", async () => {
    const generate = (...words: string[]) => nx("g", "@sbp/nx-plugin:plugin", ...words);
    expect(await generate("sbp-two", "--dir=apps/two")).toMatchObject({ failed: false });
    expect((await manifest()).workspaces).not.toContain("apps/two");
    const again = await generate("sbp-two", "--directory=apps/two");
    expect(again).toMatchObject({ failed: true, text: expect.stringContaining("SBP_PLUGIN_EXISTS") });
    const bad = await generate("bundle");
    expect(bad).toMatchObject({ failed: true, text: expect.stringContaining("SBP_PLUGIN_NAME") });
    const outside = await generate("sbp-three", "--dir=../three");
    expect(outside).toMatchObject({ failed: true, text: expect.stringContaining("within the workspace") });
    expect(again.text + bad.text + outside.text).not.toMatch(/^\s+at /m);
    await rm(join(dir, "apps/two"), { recursive: true });
  });
});
