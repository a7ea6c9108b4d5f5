import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkContract, runPlugin } from "@sbp/core/testing";
import { expect, onTestFinished, test } from "vitest";
import plugin from "../src/index.ts";

/** The processes of a group that are not dead: those that nobody has waited for yet are. */
function running(group: number): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const [state, , pgrp] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
      return Number(pgrp) === group && state !== "Z";
    } catch {
      return false;
    }
  });
}

const bundle = { files: { "main.js": "main()", "data/a.txt": "a" } };

test("a command is given artifacts and makes one", async () => {
  const run = await runPlugin({
    plugin,
    options: {
      run: 'cat in.txt "$SBP_IN_BUNDLE/main.js" "$SBP_IN_BUNDLE/data/a.txt" > "$SBP_OUT_REPORT/all.txt"; mkdir "$SBP_OUT_REPORT/bin"; printf "#!/bin/sh" > "$SBP_OUT_REPORT/bin/run"; chmod +x "$SBP_OUT_REPORT/bin/run"',
      consumes: ["bundle"],
      produces: "report",
      inputs: ["*.txt"],
    },
    files: { "in.txt": "in " },
    artifacts: { bundle },
  });
  const report = run.artifact("report");
  expect(await report.text("all.txt")).toBe("in main()a");
  expect(report.files.map(({ path, executable }) => [path, executable])).toEqual([
    ["all.txt", false],
    ["bin/run", true],
  ]);
  expect(run.inputs).toMatchObject([{ kind: "glob" }]);
  expect(run.diagnostics).toEqual([]);
});

test("in a lane it knows its target, and the project's one is given all of them", async () => {
  const artifacts = {
    executable: (target: string) => ({ files: { app: { content: target, executable: true } } }),
  };
  const targets = ["linux-x64", "linux-arm64"] as const;
  const inLane = await runPlugin({
    plugin,
    options: {
      run: 'test -x "$SBP_IN_EXECUTABLE/app" && echo "$SBP_TARGET" > "$SBP_OUT_NOTE/target"',
      consumes: ["executable"],
      produces: ["note"],
      scope: "target",
    },
    artifacts,
    targets,
  });
  expect(await inLane.artifact("note", "linux-arm64").text("target")).toBe("linux-arm64\n");
  const all = await runPlugin({
    plugin,
    options: {
      run: 'cd "$SBP_IN_EXECUTABLE" && sha256sum */app > "$SBP_OUT_SUMS/SHA256SUMS"',
      consumesLanes: ["executable"],
      produces: "sums",
    },
    artifacts,
    targets,
  });
  const sums = await all.artifact("sums").text("SHA256SUMS");
  expect(
    sums
      .trim()
      .split("\n")
      .map((line) => line.split("  ")[1]),
  ).toEqual(["linux-arm64/app", "linux-x64/app"]);
});

test("it sees of the environment what it asks for", async () => {
  process.env["COMMAND_TEST_WANTED"] = "yes";
  process.env["COMMAND_TEST_OTHER"] = "no";
  const run = await runPlugin({
    plugin,
    options: {
      run: 'printenv | cut -d= -f1 | sort > "$SBP_OUT_NAMES/names"; echo "$SBP_APP_NAME $SBP_APP_VERSION $COMMAND_TEST_WANTED" > "$SBP_OUT_NAMES/values"',
      produces: "names",
      env: ["COMMAND_TEST_WANTED", "COMMAND_TEST_UNSET"],
    },
    app: { name: "demo", version: "1.2.3" },
  });
  expect(await run.artifact("names").text("values")).toBe("demo 1.2.3 yes\n");
  const names = (await run.artifact("names").text("names")).trim().split("\n");
  // The shell's own.
  expect(names.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name))).toEqual([
    "COMMAND_TEST_WANTED",
    "HOME",
    "LANG",
    "PATH",
    "SBP_APP_NAME",
    "SBP_APP_VERSION",
    "SBP_OUT_NAMES",
    "TMPDIR",
    "TZ",
  ]);
  expect(run.inputs.map(({ kind, name }) => [kind, name])).toEqual([
    ["env", "COMMAND_TEST_UNSET"],
    ["env", "COMMAND_TEST_WANTED"],
  ]);
});

test("what it prints is shown when it fails", async () => {
  const options = { run: "echo one; echo two >&2; printf '\\033[31mthree\\033[0m\\n'; exit 7\n# more" };
  await expect(runPlugin({ plugin, options })).rejects.toMatchObject({
    code: "SBP_COMMAND_FAILED",
    message: expect.stringMatching(/^`echo one;.* …` ended with exit code 7\n( {2}(one|two|three)\n?){3}$/s),
  });
  const killed = { run: "for i in $(seq 100); do echo line $i; done; kill -9 $$" };
  await expect(runPlugin({ plugin, options: killed })).rejects.toMatchObject({
    message: expect.stringMatching(/ was ended by SIGKILL\n {2}\(60 lines before\)\n {2}line 61\n/),
  });
});

test("what it makes must be plain files, and there", async () => {
  const making = (run: string) => runPlugin({ plugin, options: { run, produces: "report" } });
  await expect(making("true")).rejects.toMatchObject({
    code: "SBP_COMMAND_OUTPUT",
    message: "The command wrote no file to $SBP_OUT_REPORT",
  });
  await expect(making("ln -s /etc/passwd $SBP_OUT_REPORT/x")).rejects.toMatchObject({
    code: "SBP_COMMAND_OUTPUT",
    message: '"x" in $SBP_OUT_REPORT is a link, or no file at all',
  });
});

test("a program that is missing is named, a pattern without files is told", async () => {
  await expect(
    runPlugin({ plugin, options: { run: "true", tools: ["no-such-program"] } }),
  ).rejects.toMatchObject({ code: "SBP_TOOL_MISSING" });
  const { diagnostics } = await runPlugin({ plugin, options: { run: "true", inputs: ["docs", "!docs/x"] } });
  expect(diagnostics).toMatchObject([
    { severity: "warning", code: "SBP_COMMAND_INPUTS", message: '"docs" of "inputs" matches no file' },
  ]);
});

test.each([
  ["that listens", "sleep 300 & echo $$ > $PIDS; wait"],
  ["that does not", "trap '' TERM; echo $$ > $PIDS; while :; do sleep 1; done"],
])("a cancellation ends a command %s, and all that it has started", async (_, command) => {
  const folder = await mkdtemp(join(tmpdir(), "sbp-command-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const pids = join(folder, "pids");
  process.env["PIDS"] = pids;
  const controller = new AbortController();
  const run = runPlugin({ plugin, options: { run: command, env: ["PIDS"] } }, { signal: controller.signal });
  const ended = expect(run).rejects.toThrow("stop");
  while (!existsSync(pids) || readFileSync(pids, "utf8") === "") await delay(10);
  const group = Number(readFileSync(pids, "utf8"));
  controller.abort(new Error("stop"));
  await ended;
  expect(running(group)).toEqual([]);
});

test("what it leaves running is ended with it", async () => {
  const run = await runPlugin({
    plugin,
    options: { run: "sleep 300 & echo $$ > $SBP_OUT_REPORT/group", produces: "report" },
  });
  const group = Number(await run.artifact("report").text("group"));
  expect(running(group)).toEqual([]);
});

test("a command that takes too long is ended", async () => {
  await expect(runPlugin({ plugin, options: { run: "sleep 300", timeLimit: 1 } })).rejects.toMatchObject({
    code: "SBP_PLUGIN_TIMED_OUT",
  });
});

test("options that make no sense are refused", async () => {
  const refused = (options: object) => runPlugin({ plugin, options: { run: "true", ...options } });
  await expect(refused({ produces: "Report" })).rejects.toMatchObject({ code: "SBP_CONFIG_INVALID" });
  await expect(refused({ scope: "target", consumesLanes: ["executable"] })).rejects.toMatchObject({
    code: "SBP_PLUGIN_INVALID",
  });
  await expect(refused({ consumes: ["nothing"] })).rejects.toMatchObject({ code: "SBP_PLAN_IMPOSSIBLE" });
});

test("the plugin keeps the contract", async () => {
  const findings = await checkContract(
    {
      plugin,
      options: {
        run: 'sort words.txt "$SBP_IN_BUNDLE/main.js" > "$SBP_OUT_REPORT/sorted.txt"',
        consumes: ["bundle"],
        produces: "report",
        inputs: ["words.txt"],
        tools: ["sort"],
      },
      files: { "words.txt": "b\na\nÄ\n", "other.txt": "other" },
      artifacts: { bundle },
    },
    {
      mistakes: {
        "a command that fails": { change: { options: { run: "false" } }, code: "SBP_COMMAND_FAILED" },
      },
    },
  );
  expect(findings).toEqual([]);
});
