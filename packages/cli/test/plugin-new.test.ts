import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, jsonLines, sbp } from "./sbp.ts";

/* That what it makes passes its own test is tried outside of the repository: tools/outside/tutorials.test.ts. */

const files = [
  ".gitignore",
  "README.md",
  "package.json",
  "src/index.ts",
  "src/options.ts",
  "test/plugin.test.ts",
  "tsconfig.json",
];

describe("sbp plugin new", () => {
  test("makes a package", async () => {
    const cwd = await folder();
    const { code, stdout, stderr } = await sbp(["plugin", "new", "sbp-licenses"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("wrote sbp-licenses/src/index.ts\n");
    expect(stdout).toContain("next: cd sbp-licenses && npm install && npm test\n");
    expect(readdirSync(cwd)).toEqual(["sbp-licenses"]);
    const made = readdirSync(join(cwd, "sbp-licenses"), { recursive: true, withFileTypes: true });
    expect(made.filter((entry) => entry.isFile())).toHaveLength(files.length);
    for (const file of files) {
      const text = readFileSync(join(cwd, "sbp-licenses", file), "utf8");
      expect(text, file).not.toContain("{{");
    }
    expect(JSON.parse(readFileSync(join(cwd, "sbp-licenses/package.json"), "utf8"))).toMatchObject({
      name: "sbp-licenses",
      peerDependencies: { "@sbp/core": "^0.1.0" },
    });
  });

  test("works in a build at once, by its path", async () => {
    const cwd = await folder({
      "package.json": '{"name":"demo"}',
      "main.js": 'console.log("hello");\n',
      "sbp.config.json": JSON.stringify({
        pipeline: [
          { use: "bundle", entry: "main.js" },
          { use: "./tools/sizes/src/index.ts", warnAbove: 20 },
        ],
      }),
    });
    expect(await sbp(["plugin", "new", "@acme/sizes", "--dir", "tools/sizes"], { cwd })).toMatchObject({
      code: 0,
    });
    const { code, stdout, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(0);
    expect(stdout + stderr).toMatch(/FILE_LARGE.*: demo\.c?js has \d+ bytes/);
    expect(readFileSync(join(cwd, "dist/sizes.txt"), "utf8")).toMatch(/^\d+\t\S+\n/);
  });

  test("--json lists what it has made", async () => {
    const cwd = await folder();
    const { stdout } = await sbp(["plugin", "new", "sizes", "--json"], { cwd });
    expect(jsonLines(stdout)).toMatchObject([{ command: "plugin new", dir: join(cwd, "sizes"), files }]);
  });

  test.each([
    ["Sizes", '"Sizes" is no name for a package'],
    ["../sizes", '"../sizes" is no name for a package'],
    ["bundle", '"bundle" is the name of a built-in plugin'],
  ])("refuses the name %s", async (name, message) => {
    const cwd = await folder();
    const { code, stderr } = await sbp(["plugin", "new", name], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(`error SBP_PLUGIN_NAME: ${message}`);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("leaves a folder with files as it is", async () => {
    const cwd = await folder({ "sizes/mine.txt": "mine" });
    const { code, stderr } = await sbp(["plugin", "new", "sizes"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("error SBP_PLUGIN_EXISTS");
    expect(stderr).toContain("--dir");
    expect(readdirSync(join(cwd, "sizes"))).toEqual(["mine.txt"]);
  });

  test("without a name says how", async () => {
    const { code, stderr } = await sbp(["plugin", "new"], { cwd: await folder() });
    expect(code).toBe(2);
    expect(stderr).toContain("sbp plugin new sbp-licenses");
  });

  test("that cannot write leaves nothing", async () => {
    const cwd = await folder({ file: "no folder" });
    const { code, stderr } = await sbp(["plugin", "new", "sizes", "--dir", "file/sizes"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("error SBP_WRITE");
    expect(existsSync(join(cwd, "file/sizes"))).toBe(false);
  });
});
