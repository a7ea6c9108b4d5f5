import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scriptProject, stepProject } from "./projects.ts";
import { folder, sbp } from "./sbp.ts";

describe("an invalid config", () => {
  const config = `{
  // comment
  "nam": "demo",
  "pipeline": [{ "use": "bundl" }]
}
`;

  test("is refused with every place, squiggle and cure, with exit code 2", async () => {
    const cwd = await folder({ "sbp.config.json": config, "package.json": "{}" });
    const { code, stdout, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error SBP_CONFIG_INVALID: /);
    expect(stderr).toMatch(/^ {2}sbp\.config\.json:3:3: .*nam/m);
    expect(stderr).toContain('\n  3 |   "nam": "demo",\n    |   ~~~~~\n');
    expect(stderr).toContain('Did you mean "name"?');
    expect(stderr).toMatch(/sbp\.config\.json:4:\d+/);
    expect(stderr).toContain('Did you mean "bundle"?');
    expect(stderr).not.toContain("    at ");
    expect(stderr).not.toContain("\u001b");
  });

  test("names the file from where the user stands", async () => {
    const cwd = await folder({ "sbp.config.json": config, "package.json": "{}", "src/x.ts": "" });
    const { stderr } = await sbp(["build", "--cwd", cwd], { cwd: join(cwd, "src") });
    expect(stderr).toContain(`${cwd}/sbp.config.json:3:3`);
  });

  test("is annotated in GitHub Actions, with paths from the top of the repository", async () => {
    const cwd = await folder({ "app/sbp.config.json": config, "app/package.json": "{}" });
    const env = { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: cwd };
    const { stderr } = await sbp(["build"], { cwd: join(cwd, "app"), env });
    expect(stderr).toMatch(
      /^::error file=app\/sbp\.config\.json,line=3,col=3,.*title=SBP_CONFIG_INVALID::.*nam/m,
    );
    expect(stderr).toMatch(/^error SBP_CONFIG_INVALID/m);
  });
});

describe("colors", () => {
  test.each([
    ["none where nobody looks", [], {}, false],
    ["FORCE_COLOR", [], { FORCE_COLOR: "1" }, true],
    ["FORCE_COLOR=0", [], { FORCE_COLOR: "0" }, false],
    ["NO_COLOR wins", [], { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
    ["--no-color wins", ["--no-color"], { FORCE_COLOR: "1" }, false],
  ] as const)("%s", async (_, words, env, colored) => {
    const { stderr } = await sbp(["build", "--nonsense", ...words], { env });
    expect(stderr.includes("\u001b[31merror\u001b[39m")).toBe(colored);
  });
});

const failingPlugin = `export default {
  name: "pack",
  options: { type: "object", properties: { pad: { type: "integer" } } },
  consumes: ["runtime"],
  produces: ["executable"],
  scope: "target",
  async run() { throw new Error("broken"); },
};
`;

describe("a step that fails", () => {
  test("with an error of its own: code, place, cure, exit code 1", async () => {
    const cwd = await stepProject(`throw Object.assign(new Error("no licence"), {
      name: "SbpError", code: "SBP_LICENCE", hint: "Buy one.", diagnostics: [], exitCode: 1,
      location: { file: "src/a.ts", line: 7, column: 3, length: 2, lineText: "\\tab = 1" },
    });`);
    const { code, stdout, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain(
      "error SBP_LICENCE: no licence (step step)\n  src/a.ts:7:3\n  7 |   ab = 1\n    |    ~~\n  Buy one.\n",
    );
    expect(stderr).toContain("✗ step  failed");
    expect(stdout).toMatch(/^ {2}failed in .*: 1 step failed\n$/);
  });

  test("with a message of several lines: the step stands behind the first", async () => {
    const cwd = await stepProject(`throw Object.assign(new Error("none fits:\\n  one\\n  two"), {
      name: "SbpError", code: "SBP_FIT", hint: "Choose.", diagnostics: [], exitCode: 1 });`);
    const { stderr } = await sbp(["build"], { cwd });
    expect(stderr).toContain("error SBP_FIT: none fits: (step step)\n  one\n  two\n  Choose.\n");
  });

  test("a policy that says no has exit code 3", async () => {
    const cwd = await stepProject(`throw Object.assign(new Error("vulnerable"), {
      name: "SbpError", code: "SBP_SCAN_POLICY", diagnostics: [], exitCode: 3 });`);
    expect(await sbp(["build"], { cwd })).toMatchObject({ code: 3 });
  });

  test("with a bug: its line in the plugin, and a stack trace with --verbose only", async () => {
    const cwd = await stepProject(`null.boom;`);
    const brief = await sbp(["build"], { cwd });
    expect(brief.code).toBe(1);
    expect(brief.stderr).toContain("error SBP_PLUGIN_THREW");
    expect(brief.stderr).toMatch(/\n {2}step\.mjs:(\d+):\d+\n {2}\1 \| .*null\.boom;/);
    expect(brief.stderr).not.toContain("    at ");
    const verbose = await sbp(["build", "--verbose"], { cwd });
    expect(verbose.stderr).toMatch(/ {4}at .*step\.mjs/);
  });

  test("in several lanes alike is told once", async () => {
    const cwd = await scriptProject(undefined, { "pack.mjs": failingPlugin });
    const { code, stdout, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(1);
    expect(stderr.match(/^error SBP_PLUGIN_THREW/gm)).toHaveLength(1);
    expect(stdout).toContain("1 step failed, 1 step ran");
  });

  test("notes are counted, and shown with --verbose", async () => {
    const cwd = await stepProject(`
      for (const message of ["one", "two"]) report({ severity: "info", code: "SBP_X", message });
      await write("report", {}, (out) => out.file("report.txt", "x"));`);
    for (const words of [["build"], ["build"]]) {
      const { stderr } = await sbp(words, { cwd, env: { GITHUB_ACTIONS: "true" } });
      expect(stderr).toMatch(/\n {2}2 notes: --verbose shows them\n$/);
      expect(stderr).not.toContain("SBP_X");
    }
    const verbose = await sbp(["build", "--verbose"], { cwd });
    expect(verbose.stderr).toContain("info SBP_X: one\ninfo SBP_X: two\n");
    expect(verbose.stderr).not.toContain("notes");
    const json = await sbp(["build", "--json"], { cwd });
    expect(json.stdout.match(/"type":"diagnostic"/g)).toHaveLength(2);
  });

  test("warnings are shown with their places, once", async () => {
    const cwd = await stepProject(`
      const warning = { severity: "warning", code: "SBP_X", message: "odd", hint: "Look.",
        location: { file: "src/a.ts", line: 1, column: 1, lineText: "x" } };
      report(warning); report(warning); report({ ...warning, message: "odd, too" });
      await write("report", {}, (out) => out.file("report.txt", "x"));`);
    for (const words of [["build"], ["build"]]) {
      const { code, stderr } = await sbp(words, {
        cwd,
        env: { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: cwd },
      });
      expect(code).toBe(0);
      expect(
        stderr.match(/^warning SBP_X: odd\n {2}src\/a\.ts:1:1\n {2}1 \| x\n {4}\| \^\n {2}Look\.$/gm),
      ).toHaveLength(1);
      // What to do is said once.
      expect(stderr).toMatch(
        /^warning SBP_X: odd, too\n {2}src\/a\.ts:1:1\n {2}1 \| x\n {4}\| \^\n(?! {2}Look)/m,
      );
      expect(stderr).toContain("::warning file=src/a.ts,line=1,col=1,title=SBP_X::odd%0ALook.");
    }
  });
});
