import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandNames } from "../src/commands.ts";
import { scriptProject } from "./projects.ts";
import { ended, environment, jsonLines, sbp, sbpCommand } from "./sbp.ts";

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"));

describe("sbp", () => {
  test.each(["--version", "-v"])("%s prints the version alone", async (option) => {
    expect(await sbp([option])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: "" });
  });

  test("version tells what a report of a problem should, also as JSON", async () => {
    const { stdout } = await sbp(["version"]);
    expect(stdout).toMatch(new RegExp(`^sbp      ${version}\\nnode     ${process.versions.node} `));
    const facts = { type: "result", command: "version", exitCode: 0, version, node: process.versions.node };
    for (const words of [
      ["version", "--json"],
      ["--version", "--json"],
      ["--json", "-v"],
    ]) {
      const { code, stdout } = await sbp(words);
      expect(jsonLines(stdout)).toMatchObject([facts]);
      expect(code).toBe(0);
    }
  });

  test("--help lists every command", async () => {
    const { code, stdout, stderr } = await sbp(["--help"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const name of commandNames) expect(stdout).toContain(`  ${name} `);
    expect(stdout).toContain("--no-color");
  });

  test("without a command shows the same and calls it bad usage", async () => {
    const [bare, asked] = await Promise.all([sbp([]), sbp(["help"])]);
    expect(bare.code).toBe(2);
    expect(bare.stdout).toBe(asked.stdout);
  });

  test("every command has a help with options and examples, asked for either way", async () => {
    for (const name of commandNames) {
      const words = name.split(" ");
      const [one, other] = await Promise.all([sbp([...words, "--help"]), sbp(["help", ...words])]);
      expect(one).toEqual(other);
      expect(one.code).toBe(0);
      expect(one.stdout).toContain(`Usage: sbp ${name}`);
      expect(one.stdout).toContain("Global options:");
      expect(one.stdout).toMatch(new RegExp(`Examples:\\n  .*sbp ${name}`));
      expect(one.stdout).not.toContain("\u001b");
    }
  });

  test("the help tells arguments that must be there from those that may", async () => {
    expect((await sbp(["inspect", "--help"])).stdout).toContain("Usage: sbp inspect <file> [options]");
    expect((await sbp(["build", "--help"])).stdout).toContain("Usage: sbp build [entry] [options]");
  });

  test("a group lists its commands", async () => {
    const { code, stdout } = await sbp(["cache", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("cache gc");
    expect(stdout).not.toContain("explain");
    expect((await sbp(["cache"])).code).toBe(2);
  });
});

describe("a wrong command line is refused with exit code 2 and the nearest name", () => {
  test.each([
    [["buil"], 'unknown command "buil"', 'Did you mean "build"?'],
    [["cache", "clar"], 'unknown command of sbp cache "clar"', 'Did you mean "clear"?'],
    [["help", "schem"], 'unknown command "schem"', 'Did you mean "schema"?'],
    [["build", "--taget", "linux-x64"], 'unknown option "--taget"', 'Did you mean "--target"?'],
    [["--verbos", "build"], 'unknown option "--verbos"', 'Did you mean "--verbose"?'],
    [["--__proto__", "build"], 'unknown option "--__proto__"', "Options of a command stand behind its name."],
    [["build", "-x"], 'unknown option "-x"', "`sbp build --help` shows all options."],
    [["build", "--target"], "option --target needs a value", "--target TARGET"],
    [["build", "--target", "--force"], "option --target needs a value", "--target TARGET"],
    [["build", "--force=yes"], "option --force takes no value", "`sbp build --help`"],
    [["build", "a.ts", "b.ts"], 'unexpected argument "b.ts"', "`sbp build --help`"],
    [["run", "8080"], 'unexpected argument "8080"', 'behind "--": sbp run -- 8080'],
    [["build", "--concurrency", "0"], "--concurrency 0", "from 1"],
    [["cache", "gc", "--max-size", "5 bananas"], "--max-size 5 bananas", "500MB"],
    [["cache", "gc", "--max-age", "30"], "--max-age 30", "30d"],
  ])("%j", async (words, message, hint) => {
    const { code, stdout, stderr } = await sbp(words);
    expect(stderr).toContain(`error SBP_USAGE: ${message}`);
    expect(stderr).toContain(hint);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  test("a folder to work in that is not there", async () => {
    const { code, stderr } = await sbp(["-C", "/no/such/folder", "build"]);
    expect(stderr).toContain("error SBP_USAGE: --cwd /no/such/folder: there is no such folder");
    expect(code).toBe(2);
  });

  test("a push without an image, or to nowhere, before anything is built", async () => {
    const cwd = await scriptProject();
    const none = await sbp(["push"], { cwd });
    expect(none).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^error SBP_PUSH_NOTHING: /),
    });
    const wrong = await sbp(["push", "UPPER/case"], { cwd });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error SBP_PUSH_REFERENCE: /) });
  });

  test("an unknown target", async () => {
    const { code, stderr } = await sbp(["build", "--target", "linux-x46"]);
    expect(stderr).toContain('error SBP_TARGET_UNKNOWN: "linux-x46" is not a target');
    expect(stderr).toContain('Did you mean "linux-x64"?');
    expect(code).toBe(2);
  });

  test("with --json the error is a line of JSON, and so is the result", async () => {
    const { code, stdout, stderr } = await sbp(["build", "--json", "--taget", "x"]);
    expect(stderr).toBe("");
    const [error, result] = jsonLines(stdout);
    expect(error).toMatchObject({ type: "error", code: "SBP_USAGE", message: 'unknown option "--taget"' });
    expect(error?.["hint"]).toContain("--target");
    expect(result).toEqual({ type: "result", command: "build", exitCode: 2, outcome: "failed" });
    expect(code).toBe(2);
  });
});

describe("output that nobody reads", () => {
  const shell = (script: string) =>
    ended(spawn("bash", ["-c", script, "bash", ...sbpCommand], { env: environment() }));

  test("a reader that goes away is no error", async () => {
    const { code, stdout, stderr } = await shell('set -o pipefail; "$@" --help | head -1; echo $?');
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^sbp ships .*\n0\n$/);
    expect(code).toBe(0);
    const closed = await shell('set -o pipefail; "$@" --version | true; echo $?');
    expect(closed).toMatchObject({ stdout: "0\n", stderr: "" });
  });

  test("a disk that is full is one", async () => {
    const { stdout, stderr } = await shell('"$@" --help > /dev/full; echo $?');
    expect(stderr).toContain("error SBP_OUTPUT: cannot print: ENOSPC");
    expect(stdout).toBe("1\n");
  });
});
