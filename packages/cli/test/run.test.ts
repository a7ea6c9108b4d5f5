import { describe, expect, test } from "vitest";
import { scriptProject, stepProject } from "./projects.ts";
import { ended, jsonLines, printed, sbp, start } from "./sbp.ts";

describe("sbp run", () => {
  test("runs the app with its arguments; standard output is the app's alone", async () => {
    const cwd = await scriptProject('#!/bin/sh\nprintf "<%s>" "$@"\necho problem >&2\nexit 7\n#');
    const { code, stdout, stderr } = await sbp(["run", "--", "--port", "80 80", "--", "--help"], { cwd });
    expect({ code, stdout }).toEqual({ code: 7, stdout: "<--port><80 80><--><--help>" });
    expect(stderr).toContain("✓ pack");
    expect(stderr).toContain("problem\n");
    // Nothing to build: nothing to tell.
    expect((await sbp(["run"], { cwd })).stderr).toBe("problem\n");
    const quiet = await sbp(["run", "--quiet"], { cwd });
    expect(quiet.stderr).toBe("problem\n");
  });

  test("gives the app the folder of the user", async () => {
    const cwd = await scriptProject("#!/bin/sh\npwd\nexit\n#", { "data/x": "" });
    expect((await sbp(["run", "--cwd", "data"], { cwd })).stdout).toBe(`${cwd}/data\n`);
  });

  test("with --json tells of itself on standard error", async () => {
    const cwd = await scriptProject("#!/bin/sh\necho hello\nexit\n#");
    const { stdout, stderr } = await sbp(["run", "--json"], { cwd });
    expect(stdout).toBe("hello\n");
    expect(jsonLines(stderr).at(-1)).toEqual({
      type: "result",
      command: "run",
      exitCode: 0,
      outcome: "done",
    });
  });

  test("passes signals on and returns the app's exit code", async () => {
    const cwd = await scriptProject(
      "#!/bin/sh\ntrap 'echo stopping; exit 3' TERM\necho ready\nwhile :; do sleep 0.05; done\n#",
    );
    const child = start(["run"], { cwd });
    const end = ended(child);
    await printed(child, "ready");
    child.kill("SIGTERM");
    expect(await end).toMatchObject({ code: 3, signal: null, stdout: "ready\nstopping\n" });
  });

  test("an app that a signal ended gives 128 and its number", async () => {
    const cwd = await scriptProject("#!/bin/sh\nkill -KILL $$\n#");
    expect(await sbp(["run"], { cwd })).toMatchObject({ code: 137, signal: null });
  });

  test("what cannot be started is an error with a cure", async () => {
    const cwd = await scriptProject("#!/nowhere/at/all\n#");
    const { code, stderr } = await sbp(["run"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("error SBP_RUN_FAILED: The app cannot be started");
  });

  test("a pipeline without an executable is refused", async () => {
    const cwd = await stepProject(`await write("report", {}, (out) => out.file("report.txt", "x"));`);
    const { code, stderr } = await sbp(["run"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("error SBP_RUN_NOTHING");
  });

  test("a build that fails runs nothing", async () => {
    const cwd = await stepProject(`throw new Error("broken");`);
    const { code, stdout, stderr } = await sbp(["run"], { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("broken");
  });
});
