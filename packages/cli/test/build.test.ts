import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { foreign, host, scriptProject, stepProject } from "./projects.ts";
import { folder, sbp } from "./sbp.ts";

/** Without the times, which differ. */
const timeless = (text: string) => text.replace(/\d+(\.\d+)? s\b/g, "T");

describe("sbp build", () => {
  test("ends with the files, their sizes and what ran", async () => {
    const cwd = await scriptProject();
    const { code, stdout, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(0);
    const width = Math.max(host.length, foreign.length);
    const row = (target: string) =>
      `  ${target.padEnd(width)}  ${`dist/${target}/demo`.padEnd(width + 10)}  2.0 kB${target === host ? "  code cache" : ""}`;
    expect(timeless(stdout)).toBe(`${row(host)}\n${row(foreign)}\n  done in T: 2 steps ran\n`);
    expect(stderr).toMatch(/^ {2}✓ lanes +\d/m);
    expect(stderr).toMatch(/^ {2}✓ pack +\d/m);
    expect(stderr).not.toContain("\u001b");
    expect(readFileSync(join(cwd, "dist", host, "demo"), "utf8")).toContain("echo hello");
  });

  test("says unchanged when nothing had to be done, and what ran after a change", async () => {
    const cwd = await scriptProject();
    await sbp(["build"], { cwd });
    const again = await sbp(["build"], { cwd });
    expect(timeless(again.stdout)).toMatch(/\n {2}unchanged in T: 2 steps\n$/);
    expect(again.stderr).toContain("✓ pack   unchanged");
    writeFileSync(join(cwd, "app.sh"), "#!/bin/sh\necho other\n");
    const changed = await sbp(["build"], { cwd });
    expect(timeless(changed.stdout)).toMatch(/\n {2}done in T: 1 step ran, 1 unchanged\n$/);
    expect(changed.stderr).toContain("app.sh");
  });

  test("finds the project from a folder within it, and with --cwd and --config from outside", async () => {
    const cwd = await scriptProject(undefined, { "src/x.ts": "" });
    const inside = await sbp(["build"], { cwd: join(cwd, "src") });
    expect(inside).toMatchObject({ code: 0 });
    expect(inside.stdout).toContain(`${cwd}/dist/${host}/demo`);
    const elsewhere = await folder();
    expect(await sbp(["--cwd", cwd, "build"], { cwd: elsewhere })).toMatchObject({ code: 0 });
    expect(await sbp(["build", `--config=${cwd}/sbp.config.json`], { cwd: elsewhere })).toMatchObject({
      code: 0,
    });
  });

  test("--target takes names, lists, host and all", async () => {
    const cwd = await scriptProject();
    const built = async (...words: string[]) => {
      const { code, stdout } = await sbp(["build", ...words], { cwd });
      expect(code).toBe(0);
      return [...stdout.matchAll(/^ {2}(\S+-\S+) /gm)].map((match) => match[1]);
    };
    expect(await built("--target", "host")).toEqual([host]);
    expect(await built("--target", "win32-x64,darwin-arm64", "--target", "linux-x64")).toEqual([
      "linux-x64",
      "darwin-arm64",
      "win32-x64",
    ]);
    expect(await built("--target", "all")).toHaveLength(6);
  });

  test("--force runs everything, --sizes adds compressed sizes", async () => {
    const cwd = await scriptProject();
    await sbp(["build"], { cwd });
    const { stdout } = await sbp(["build", "--force", "--sizes"], { cwd });
    expect(timeless(stdout)).toContain("done in T: 2 steps ran");
    expect(stdout).toMatch(/2\.0 kB +\d\d B gzip/);
  });

  test("--quiet prints nothing unless it fails", async () => {
    const cwd = await scriptProject();
    expect(await sbp(["build", "--quiet"], { cwd })).toMatchObject({ code: 0, stdout: "", stderr: "" });
    const broken = await stepProject(`throw new Error("broken");`);
    const { code, stdout, stderr } = await sbp(["build", "--quiet"], { cwd: broken });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("broken");
  });

  test("shows messages of steps, debug ones with --verbose only", async () => {
    const cwd = await stepProject(`
      log.info("three files\\u001b[31m"); log.debug("details");
      await write("report", {}, (out) => out.file("report.txt", "x"));`);
    const { stderr } = await sbp(["build"], { cwd });
    expect(stderr).toContain("  step: three files\\u001b[31m\n");
    expect(stderr).not.toContain("details");
    const verbose = await sbp(["build", "--verbose", "--force"], { cwd });
    expect(verbose.stderr).toContain("  step: details\n");
    expect(verbose.stderr).toContain("step started");
  });
});
