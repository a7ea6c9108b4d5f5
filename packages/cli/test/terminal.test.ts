import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { host, scriptProject, stepProject } from "./projects.ts";
import { type Ended, ended, environment, printed, sbpCommand } from "./sbp.ts";

/** Starts the command on a pseudo terminal of its own, 100 columns wide. */
function startOnTerminal(
  words: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): ChildProcess {
  const quoted = [...sbpCommand, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return spawn("script", ["-qec", `stty cols 100 rows 30; ${quoted}`, "/dev/null"], {
    cwd,
    env: environment(env),
    stdio: ["pipe", "pipe", "pipe"],
  });
}

function onTerminal(words: readonly string[], cwd: string, env?: Record<string, string>): Promise<Ended> {
  return ended(startOnTerminal(words, cwd, env));
}

/** What a terminal shows in the end: log-update writes whole frames, each erased before the next. */
function withoutSequences(text: string): string {
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r", "");
}

/** A step that makes progress and then waits for a file to appear. */
const waiting = (file: string) => `
  const { existsSync } = await import("node:fs");
  progress("fetching node", { current: 25e6, total: 100e6, unit: "bytes" });
  while (!existsSync("${file}") && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
  signal.throwIfAborted();
  await write("report", {}, (out) => out.file("report.txt", "x"));`;

describe("on a terminal", () => {
  test("a running step has a line with a spinner and a bar, and a line that stays at its end", async () => {
    const cwd = await stepProject(waiting("go"));
    const child = startOnTerminal(["build"], cwd);
    const end = ended(child);
    await printed(child, /⠙.* step .*████░░░░░░░░░░░░ 25\.0 MB of 100\.0 MB {2}fetching node/);
    writeFileSync(join(cwd, "go"), "");
    const { code, stdout } = await end;
    expect(code).toBe(0);
    expect(stdout).toContain("\u001b[32m✓\u001b[39m step");
    expect(withoutSequences(stdout)).toMatch(
      /✓ step {2}[\d.]+ s .*\n.*dist\/report\.txt {2}1 B\n {2}done in /s,
    );
    // The cursor was hidden, and is back.
    expect(stdout.lastIndexOf("\u001b[?25h")).toBeGreaterThan(stdout.lastIndexOf("\u001b[?25l"));
  });

  test("a build without changes draws nothing", async () => {
    const cwd = await scriptProject();
    await onTerminal(["build"], cwd);
    const { code, stdout } = await onTerminal(["build"], cwd);
    expect(code).toBe(0);
    expect(stdout).not.toContain("\u001b[?25l");
    expect(withoutSequences(stdout)).toContain(`  ${host}`);
    expect(stdout).toContain("\u001b[32munchanged\u001b[39m in");
  });

  test("NO_COLOR and --no-color leave the lines without colors", async () => {
    const cwd = await scriptProject();
    for (const [words, env] of [
      [["build"], { NO_COLOR: "1" }],
      [["build", "--no-color", "--force"], {}],
    ] as const) {
      const { code, stdout } = await onTerminal(words, cwd, env);
      expect(code).toBe(0);
      expect(stdout).toContain("✓ pack");
      expect(stdout).not.toMatch(/\u001b\[[0-9;]*m/);
    }
  });

  test("where lines cannot be written over, they are plain", async () => {
    const cwd = await scriptProject();
    const { stdout } = await onTerminal(["build"], cwd, { TERM: "dumb" });
    expect(stdout).toContain("✓ pack");
    expect(stdout).not.toContain("\u001b");
  });

  test("Ctrl-C cancels, cleans up and leaves the terminal as it was", async () => {
    const cwd = await stepProject(waiting("never"));
    const child = startOnTerminal(["build"], cwd);
    const end = ended(child);
    await printed(child, "fetching node");
    child.stdin?.write("\u0003");
    const { code, stdout } = await end;
    expect(code).toBe(130);
    // The line of the running step makes room for what is said, and stays nowhere.
    expect(stdout).toMatch(/\u001b\[G(?:\u001b\[\?2026l)? {2}cancelling/);
    expect(withoutSequences(stdout)).toMatch(/cancelling.*cancelled after [\d.]+ s: 1 not run/s);
    expect(stdout.lastIndexOf("\u001b[?25h")).toBeGreaterThan(stdout.lastIndexOf("\u001b[?25l"));
  });
});
