import { copyFile, open, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, jsonLines, sbp } from "./sbp.ts";

/* What inspect says of executables that others made, and of what is none. Those of sbp: inspect.slow.test.ts. */

describe("inspect", () => {
  test("tells the version of Node, for people and for programs", async () => {
    const dir = await folder();
    await copyFile(process.execPath, join(dir, "node"));
    const { stdout, code } = await sbp(["inspect", "node"], { cwd: dir });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^node {2}Node\.js, without an app {2}\w+-\w+ {2}\d+\.\d MB\n {2}runtime {6}\d+\.\d+\.\d+\n$/,
    );
    expect(stdout).toContain(process.versions.node);
    const { stdout: json } = await sbp(["inspect", "node", "--json"], { cwd: dir });
    expect(jsonLines(json).at(-1)).toMatchObject({
      outcome: "done",
      file: "node",
      what: "node",
      runtimeVersion: process.versions.node,
    });
  });

  test("refuses what is no executable, and says so", async () => {
    const dir = await folder({ "app.js": "1", empty: "" });
    for (const file of ["app.js", "empty", "missing", "."]) {
      const { stdout, stderr, code } = await sbp(["inspect", file], { cwd: dir });
      expect(stderr, file).toContain("SBP_INSPECT_FILE");
      expect(code).toBe(2);
      expect(stdout).toBe("");
    }
    const { stderr, code } = await sbp(["inspect"], { cwd: dir });
    expect(stderr).toContain("SBP_USAGE");
    expect(code).toBe(2);
  });

  test("refuses a damaged executable without a stack trace", async () => {
    const dir = await folder();
    for (const length of [20, 100, 3000]) {
      await copyFile(process.execPath, join(dir, "short"));
      await truncate(join(dir, "short"), length);
      const { stderr, code } = await sbp(["inspect", "short"], { cwd: dir });
      expect(stderr, `${length}`).toMatch(/SBP_INSPECT_DAMAGED/);
      expect(stderr).not.toContain("    at ");
      expect(code).toBe(1);
    }
  });

  test("never changes the file", async () => {
    const dir = await folder();
    await copyFile("/bin/ls", join(dir, "ls"));
    const file = await open(join(dir, "ls"));
    const before = (await file.stat()).mtimeMs;
    await sbp(["inspect", "ls"], { cwd: dir });
    expect((await file.stat()).mtimeMs).toBe(before);
    await file.close();
    expect(Buffer.compare(await readFile("/bin/ls"), await readFile(join(dir, "ls")))).toBe(0);
  });
});
