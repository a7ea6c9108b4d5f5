import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stepProject } from "./projects.ts";
import { ended, jsonLines, printed, start } from "./sbp.ts";

const polite = `
  log.info("ready");
  await new Promise((resolve) => { signal.addEventListener("abort", resolve); const timer = setInterval(() => {}, 1000);
    signal.addEventListener("abort", () => clearInterval(timer)); });
  log.info("cleaned up");
  throw signal.reason;`;
const stubborn = `
  log.info("ready");
  await new Promise(() => { setInterval(() => {}, 1000); });`;

describe("a build that is interrupted", () => {
  test.each([
    "SIGINT",
    "SIGTERM",
    "SIGHUP",
  ] as const)("by %s cleans up and exits with 130", async (signal) => {
    const cwd = await stepProject(polite);
    const child = start(["build"], { cwd });
    const end = ended(child);
    await printed(child, "ready");
    child.kill(signal);
    const { code, stdout, stderr } = await end;
    expect(code).toBe(130);
    expect(stderr).toContain("cancelling; once more to stop at once");
    expect(stderr).toContain("cleaned up");
    expect(stdout).toMatch(/^ {2}cancelled after .*: 1 not run\n$/);
    expect(existsSync(join(cwd, "dist"))).toBe(false);
  });

  test("with --json says so in the result", async () => {
    const cwd = await stepProject(polite);
    const child = start(["build", "--json"], { cwd });
    const end = ended(child);
    await printed(child, "ready");
    child.kill("SIGINT");
    const { code, stdout, stderr } = await end;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: "result", outcome: "cancelled", exitCode: 130 });
  });

  test("a second time ends at once", async () => {
    const cwd = await stepProject(stubborn);
    const child = start(["build"], { cwd });
    const end = ended(child);
    await printed(child, "ready");
    // npm passes every Ctrl-C on a second time: only one that comes later counts.
    child.kill("SIGINT");
    const insisting = setInterval(() => child.kill("SIGINT"), 50);
    const { code, stdout } = await end;
    clearInterval(insisting);
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  });
});
