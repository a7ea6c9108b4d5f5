import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, jsonLines, sbp } from "./sbp.ts";

const config = (cwd: string) => readFileSync(join(cwd, "sbp.config.json"), "utf8");
/** The config without its comments. */
const parsed = (cwd: string) => JSON.parse(config(cwd).replace(/^\s*\/\/.*$/gm, ""));

describe("sbp init", () => {
  test("writes a commented config from package.json and tells what comes next", async () => {
    const cwd = await folder({
      "package.json": JSON.stringify({ name: "@acme/health", main: "dist/main.js" }),
      "src/main.ts": "",
    });
    const { code, stdout, stderr } = await sbp(["init"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("wrote sbp.config.json for src/main.ts\n");
    expect(stdout).toContain("add dist/ to .gitignore");
    expect(stdout).toContain("next: npx sbp build\n");
    expect(config(cwd)).toContain("// ");
    const { $schema, name, pipeline } = parsed(cwd);
    expect($schema).toBe("./node_modules/@sbp/cli/sbp.schema.json");
    expect(name).toBe("health");
    expect(pipeline[0]).toEqual({ use: "bundle", entry: "src/main.ts" });
    expect(pipeline[1].targets).toContain("linux-x64");
  });

  test("never overwrites a config, unless told to", async () => {
    const cwd = await folder({ "package.json": "{}", "index.js": "", "sbp.config.json": "mine" });
    const { code, stderr } = await sbp(["init"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("error SBP_INIT_EXISTS");
    expect(stderr).toContain("sbp init --force");
    expect(config(cwd)).toBe("mine");
    expect(await sbp(["init", "--force"], { cwd })).toMatchObject({ code: 0 });
    expect(parsed(cwd).pipeline[0].entry).toBe("index.js");
  });

  test("takes the entry that is named, and asks for one that is not found", async () => {
    const cwd = await folder({ "package.json": "{}", "lib/service.ts": "" });
    const missing = await sbp(["init"], { cwd });
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toContain("error SBP_ENTRY_MISSING");
    expect(existsSync(join(cwd, "sbp.config.json"))).toBe(false);
    expect(await sbp(["init", "lib/nothing.ts"], { cwd })).toMatchObject({ code: 2 });
    expect(await sbp(["init", "lib/service.ts"], { cwd })).toMatchObject({ code: 0 });
    expect(parsed(cwd).pipeline[0].entry).toBe("lib/service.ts");
  });

  test("in a workspace names the schema further up, and knows its .gitignore", async () => {
    const top = await folder({
      "node_modules/@sbp/cli/sbp.schema.json": "{}",
      ".gitignore": "node_modules/\ndist/\n",
      "packages/app/package.json": JSON.stringify({ bin: { app: "./src/cli.ts" } }),
      "packages/app/src/cli.ts": "",
    });
    const cwd = join(top, "packages/app");
    const { stdout } = await sbp(["init", "--json"], { cwd });
    expect(jsonLines(stdout)).toEqual([
      {
        type: "result",
        command: "init",
        exitCode: 0,
        file: join(cwd, "sbp.config.json"),
        entry: "src/cli.ts",
        ignoresOutputs: true,
      },
    ]);
    expect(parsed(cwd).$schema).toBe("../../node_modules/@sbp/cli/sbp.schema.json");
  });

  test("writes what sbp accepts", async () => {
    const cwd = await folder({ "package.json": JSON.stringify({ name: "x" }), "src/index.ts": "" });
    await sbp(["init"], { cwd });
    // The config is read and wired; nothing is fetched.
    const { code, stderr } = await sbp(["explain"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    writeFileSync(join(cwd, "sbp.config.json"), config(cwd).replace('"strip"', '"stripe"'));
    expect(await sbp(["explain"], { cwd })).toMatchObject({ code: 2 });
  });
});
