import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { definePlugin, type Plugin, type RunContext, SbpError } from "../src/index.ts";
import { type ContractCheck, checkContract, runPlugin } from "../src/testing/index.ts";

/** Puts a header of the project's before each text of the bundle. */
const header = definePlugin({
  name: "header",
  options: { type: "object", properties: { upper: { type: "boolean", default: false } } },
  consumes: ["bundle"],
  produces: ["report"],
  scope: "project",
  async run({ options, artifacts, projectDir, dependOn, write, report, signal }) {
    dependOn({ file: "header.txt" }, { env: "HEADER_MARK" });
    const text = await readFile(join(projectDir, "header.txt"), "utf8").catch((cause) => {
      throw new SbpError("HEADER_MISSING", "There is no header.txt", { hint: "Write one.", cause });
    });
    signal.throwIfAborted();
    const mark = process.env["HEADER_MARK"] ?? "";
    const body = await artifacts.bundle.read("main.js");
    report({ severity: "info", code: "HEADER", message: "one header" });
    const shown = options.upper ? text.toUpperCase() : text;
    await write("report", { mark }, (out) => out.file("main.txt", `${shown}${mark}${body}`));
  },
});

const fixture = {
  plugin: header,
  files: { "header.txt": "# hello\n", "notes/other.txt": "nothing to do with it" },
  artifacts: { bundle: { files: { "main.js": "main()" } } },
};

test("a plugin runs alone, on the engine", async () => {
  const run = await runPlugin({ ...fixture, options: { upper: true } });
  const made = run.artifact("report");
  expect(await made.text("main.txt")).toBe("# HELLO\nmain()");
  expect(made.meta).toEqual({ mark: "" });
  expect(run.diagnostics).toMatchObject([{ code: "HEADER" }]);
  expect(run.inputs).toMatchObject([
    { kind: "env", name: "HEADER_MARK", value: "absent" },
    { kind: "file", name: "header.txt" },
  ]);
  const path = await made.path("main.txt");
  run.remove();
  expect(existsSync(path)).toBe(false);
});

test("lanes have artifacts of their own", async () => {
  const plugin = definePlugin({
    name: "names",
    consumes: ["executable"],
    produces: ["report"],
    scope: "target",
    async run({ target, artifacts, write }) {
      const [file] = artifacts.executable.files;
      await write("report", {}, (out) => out.file("name.txt", `${target} ${file!.path} ${file!.executable}`));
    },
  });
  const run = await runPlugin({
    plugin,
    targets: ["linux-x64", "win32-x64"],
    artifacts: {
      executable: (target) => ({
        files: { [target === "win32-x64" ? "app.exe" : "app"]: { content: "x", executable: true } },
      }),
    },
  });
  expect(await run.artifact("report", "linux-x64").text("name.txt")).toBe("linux-x64 app true");
  expect(await run.artifact("report", "win32-x64").text("name.txt")).toBe("win32-x64 app.exe true");
});

test("errors and options are those of a build", async () => {
  const { "header.txt": _, ...others } = fixture.files;
  await expect(runPlugin({ ...fixture, files: others })).rejects.toMatchObject({
    code: "HEADER_MISSING",
    plugin: "header",
    step: "header",
  });
  await expect(runPlugin({ ...fixture, options: { uper: true } })).rejects.toMatchObject({
    code: "SBP_CONFIG_INVALID",
  });
  await expect(runPlugin({ ...fixture, artifacts: {} })).rejects.toMatchObject({
    code: "SBP_PLAN_IMPOSSIBLE",
  });
});

test("a plugin that keeps the contract has no findings", async () => {
  const mistakes = {
    "a wrong option": { change: { options: { upper: 1 } }, code: "SBP_CONFIG_INVALID" },
    "no header": { change: { files: {} }, code: "HEADER_MISSING" },
  };
  expect(await checkContract(fixture, { mistakes })).toEqual([]);
});

/** A plugin that keeps the contract but for what `run` does more. */
function breaking(run: (context: RunContext) => Promise<string>): Plugin {
  return definePlugin({
    name: "breaking",
    consumes: ["bundle"],
    produces: ["report"],
    scope: "project",
    async run(context) {
      const more = await run(context);
      await context.write("report", {}, (out) => out.file("out.txt", more));
    },
  });
}

let runs = 0;
const broken: Readonly<Record<string, [ContractCheck, Plugin, RegExp]>> = {
  "a counter": [
    "determinism",
    breaking(async () => `${runs++}`),
    /^Two runs .* differ: "out.txt" of the "report"/,
  ],
  "the time zone": [
    "determinism",
    breaking(async () => new Date(0).toString()),
    /^Two runs on the same inputs differ/,
  ],
  "the project's folder": [
    "output",
    breaking(async ({ projectDir }) => `in ${projectDir}`),
    /^"out.txt" of the "report" artifact holds a path of this machine: /,
  ],
  "a name that Windows has no file for": [
    "output",
    definePlugin({
      name: "breaking",
      consumes: ["bundle"],
      produces: ["report"],
      scope: "project",
      run: async ({ write }) => void (await write("report", {}, (out) => out.file("aux.txt", "x"))),
    }),
    /^"aux.txt" of the "report" artifact is no name/,
  ],
  "a file that is not declared": [
    "files",
    breaking(({ projectDir }) => readFile(join(projectDir, "notes/other.txt"), "utf8")),
    /^The content of "notes\/other.txt" matters, but is not declared/,
  ],
  "a folder that is not declared": [
    "files",
    breaking(async ({ projectDir }) => `${await readdir(join(projectDir, "notes"))}`),
    /^A file more in "notes" matters/,
  ],
  "whether a file is there": [
    "files",
    breaking(async ({ projectDir }) => `${existsSync(join(projectDir, "notes/other.txt"))}`),
    /^Whether there is "notes\/other.txt" matters/,
  ],
  "a variable that is not declared": [
    "environment",
    breaking(async () => `${process.env["MY_SECRET_SWITCH"]}`),
    /^The variable MY_SECRET_SWITCH matters/,
  ],
  "a variable that a child reads": [
    "environment",
    breaking(async () => {
      const child = spawn("printenv", ["SOURCE_DATE_EPOCH"]);
      return (await child.stdout.toArray()).join("");
    }),
    /^The variable SOURCE_DATE_EPOCH matters/,
  ],
  "a file written into the project": [
    "writes",
    breaking(async ({ projectDir }) => {
      await writeFile(join(projectDir, "header.txt"), hostname());
      return "";
    }),
    /^It has changed "header.txt" in the project/,
  ],
  "a file left in the temporary folder": [
    "writes",
    breaking(async () => {
      await writeFile(join(tmpdir(), "left.txt"), "x");
      return "";
    }),
    /^It has left "left.txt" in the temporary folder/,
  ],
  "a write into an artifact": [
    "writes",
    breaking(async ({ artifacts }) => {
      await appendFile(await artifacts["bundle"]!.path("main.js"), "// mine");
      return "";
    }),
    /^It has written into an artifact/,
  ],
  "a run that cannot be cancelled": [
    "cancellation",
    breaking(async ({ signal }) => {
      if (!signal.aborted) return "";
      return new Promise<string>((resolve) => setTimeout(resolve, 60_000, "").unref());
    }),
    /^The run does not end when it is cancelled/,
  ],
  "a process that goes on": [
    "cancellation",
    breaking(async ({ signal, artifacts }) => {
      await artifacts["bundle"]!.read("main.js");
      if (signal.aborted) spawn("sleep", ["5"], { stdio: "ignore" }).unref();
      return "";
    }),
    /^A cancelled run leaves a process running: sleep 5/,
  ],
  "an error without a code": [
    "errors",
    breaking(async ({ dependOn, projectDir }) => {
      dependOn({ file: "header.txt" });
      return `${(await stat(join(projectDir, "header.txt"))).size}`;
    }),
    /^Without "header.txt" it throws an error without a code/,
  ],
  "an error that does not name what is missing": [
    "errors",
    breaking(async ({ dependOn, projectDir }) => {
      dependOn({ file: "header.txt" });
      if (!existsSync(join(projectDir, "header.txt"))) throw new SbpError("X_MISSING", "A file is missing");
      return "";
    }),
    /^Without "header.txt" its error does not name it: A file is missing/,
  ],
  "an error about undefined": [
    "errors",
    breaking(async ({ artifacts }) => {
      const [file] = artifacts["bundle"]!.files;
      if (!file) throw new SbpError("X_WRONG", `There is no ${file}`);
      return "";
    }),
    /^With an empty "bundle" artifact its error says nothing that helps: There is no undefined/,
  ],
};

test.each(Object.entries(broken))("finds %s", async (_, [check, plugin, message]) => {
  const findings = await checkContract({ ...fixture, plugin }, { checks: [check], patience: 500 });
  expect(findings.map((finding) => `${finding.check}: ${finding.message}`)).toEqual([
    expect.stringMatching(new RegExp(`^${check}: ${message.source.replace("^", "")}`)),
  ]);
});

test("a program that is missing must be named", async () => {
  const plugin = definePlugin({
    name: "asks",
    produces: ["report"],
    scope: "project",
    async run({ tool, write }) {
      const { version } = await tool("sh", { versionArgs: ["-c", "echo 1"] });
      await write("report", {}, (out) => out.file("v", version));
    },
  });
  expect(await checkContract({ plugin }, { checks: ["errors"] })).toEqual([]);
});

test("a mistake must end with its code", async () => {
  const change = { options: {} };
  const findings = await checkContract(fixture, {
    checks: ["errors"],
    mistakes: { nothing: { change, code: "HEADER_MISSING" } },
  });
  expect(findings).toEqual([
    { check: "errors", message: 'The mistake "nothing" ends with no error, not with HEADER_MISSING' },
  ]);
});

test("a plugin may take what all lanes make", async () => {
  const plugin = definePlugin({
    name: "sums",
    consumesLanes: ["executable"],
    produces: ["report"],
    scope: "project",
    async run({ lanes, write }) {
      const sums = [...lanes].map(([target, made]) => `${target} ${made["executable"]!.digest}`);
      await write("report", {}, (out) => out.file("sums.txt", sums.join("\n")));
    },
  });
  const artifacts = { executable: (target: string) => ({ files: { app: target } }) };
  const targets = ["linux-x64", "linux-arm64"] as const;
  expect(await checkContract({ plugin, artifacts, targets })).toEqual([]);
  const { artifact } = await runPlugin({ plugin, artifacts, targets });
  expect(await artifact("report").text("sums.txt")).toMatch(/^linux-arm64 \w{64}\nlinux-x64 \w{64}$/);
});
