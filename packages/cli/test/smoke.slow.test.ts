import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { host } from "./projects.ts";
import { ended, folder, jsonLines, printed, sbp, start } from "./sbp.ts";

/* Real executables that are tried by the option `smoke`, and what is told of those that cannot do what they should. */

let runtime: string;
beforeAll(async () => {
  runtime = await testRuntime("26.10.0", host);
});

interface App {
  readonly source: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly bundle?: object;
  readonly smoke?: object;
  readonly node?: { readonly path: string; readonly version: string };
}

function makeApp({ source, files = {}, bundle = {}, smoke, node }: App): Promise<string> {
  return folder({
    "package.json": '{ "name": "app", "type": "module" }',
    "src/main.ts": source,
    ...files,
    "sbp.config.json": JSON.stringify({
      pipeline: [
        { use: "bundle", entry: "src/main.ts", ...bundle },
        { use: "cross-target", runtime: node ?? { path: runtime, version: "26.10.0" } },
        { use: "embed-runtime", codeCache: false, ...(smoke && { smoke }) },
      ],
    }),
  });
}

/** Processes whose environment has this mark. */
async function processesWith(mark: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    const environment = /^\d+$/.test(pid)
      ? await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")
      : "";
    if (environment.includes(mark)) found.push(pid);
  }
  return found;
}

describe("smoke", () => {
  test("runs the executable in an empty folder, once for each", async () => {
    const cwd = await makeApp({
      source: `
        import { readFileSync, readdirSync } from "node:fs";
        console.log(JSON.stringify([process.argv.slice(2), readFileSync(0, "utf8"), readdirSync("."), process.env.X, process.env.SBP_CACHE_DIR]));
        process.exitCode = 4;`,
      smoke: {
        args: ["a", "b c"],
        stdin: "input",
        env: { X: "1" },
        exitCode: 4,
        stdout: '[["a","b c"],"input",[],"1",null]',
      },
    });
    const first = await sbp(["build", "--json"], { cwd });
    expect(first.code).toBe(0);
    const id = `${host}/embed-runtime:smoke`;
    const outcome = ({ stdout }: { stdout: string }) =>
      jsonLines(stdout).find(({ type, action }) => type === "action-finished" && action === id)?.["outcome"];
    expect(outcome(first)).toBe("ran");
    expect(outcome(await sbp(["build", "--json"], { cwd }))).toBe("cached");
    const { stdout } = await sbp(["explain", id], { cwd });
    expect(stdout).toMatch(/passed +smoke +exit code 4/);
  });

  test("an executable that does not do what is expected fails the build with exit code 3, and shows what came out", async () => {
    const cwd = await makeApp({
      source: 'console.log("hello");\nconsole.error("no database");\nprocess.exitCode = 1;',
      smoke: {},
    });
    const failed = await sbp(["build"], { cwd });
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain(
      `error SBP_SMOKE: The executable for ${host} does not do what "smoke" expects: it ended with code 1 instead of code 0 (step embed-runtime)\n` +
        "  standard output:\n    hello\n  standard error:\n    no database\n",
    );
    expect(await readdir(cwd)).not.toContain("dist");
    // What failed is tried again.
    expect((await sbp(["build"], { cwd })).code).toBe(3);
  });

  test.each([
    ["another text", { stdout: "hullo" }, 'its standard output is not "hullo"'],
    ["no match", { stdout: { matches: "^HELLO$" } }, "its standard output does not match /^HELLO$/"],
  ])("%s", async (_, smoke, says) => {
    const cwd = await makeApp({ source: 'console.log("hello");', smoke });
    const { code, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain(says);
    expect(stderr).toContain("standard error: nothing");
  });

  test("a service is ended when it is ready, with all its processes", async () => {
    const mark = `SMOKE_MARK=${process.pid}-service`;
    const [name, value] = mark.split("=") as [string, string];
    const cwd = await makeApp({
      source: `
        import { spawn } from "node:child_process";
        import { createServer } from "node:http";
        spawn("sleep", ["600"], { stdio: "inherit" });
        process.on("SIGTERM", () => {});
        createServer().listen(0, () => console.log("listening on port", 1));`,
      smoke: { exitCode: "running", stdout: { matches: "^listening on port \\d+$" }, env: { [name]: value } },
    });
    const { code, stderr } = await sbp(["build"], { cwd });
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
    expect(await processesWith(mark)).toEqual([]);
  });

  test("one that takes too long is ended", async () => {
    const cwd = await makeApp({
      source: 'console.log("waiting");\nsetInterval(() => {}, 1000);',
      smoke: { timeout: 1 },
    });
    const { code, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain("it has not ended within 1 s");
    expect(stderr).toContain("    waiting\n");
  });

  test("Ctrl-C ends it at once, and what it has started", async () => {
    const mark = `SMOKE_MARK=${process.pid}-interrupt`;
    const [name, value] = mark.split("=") as [string, string];
    const cwd = await makeApp({
      source: `
        import { spawn } from "node:child_process";
        import { writeFileSync } from "node:fs";
        spawn("sleep", ["600"], { stdio: "inherit" });
        process.on("SIGINT", () => {});
        writeFileSync(process.env.READY, "");
        setInterval(() => {}, 1000);`,
      smoke: { timeout: 600, env: { [name]: value, READY: join(await folder(), "ready") } },
    });
    const child = start(["build", "--verbose"], { cwd });
    const end = ended(child);
    await printed(child, /smoke started/);
    while ((await processesWith(mark)).length < 2);
    child.kill("SIGINT");
    expect((await end).code).toBe(130);
    expect(await processesWith(mark)).toEqual([]);
  });

  test.each([
    ["a service without a sign", { exitCode: "running" }, '"running" needs "stdout"'],
    ["a wrong expression", { stdout: { matches: "(" } }, '"matches" is no regular expression'],
  ])("%s is refused", async (_, smoke, says) => {
    const { code, stderr } = await sbp(["build"], { cwd: await makeApp({ source: "", smoke }) });
    expect(code).toBe(2);
    expect(stderr).toContain("SBP_SMOKE_OPTION");
    expect(stderr).toContain(says);
  });
});

describe("the executable's own errors", () => {
  test("what writes into the embedded files is told that they are read only", async () => {
    const cwd = await makeApp({
      source:
        'import { readFileSync, writeFileSync } from "node:fs";\nconst file = new URL("../state.json", import.meta.url);\nconsole.log(readFileSync(file, "utf8"));\nwriteFileSync(file, "{}");\n',
      files: { "state.json": '{"count":1}' },
      smoke: {},
    });
    const { code, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain('    {"count":1}\n');
    expect(stderr).toMatch(/EROFS: read-only file system, open '\/dev\/null\/vfs\/\d\/state\.json'/);
  });

  test("a runtime that cannot carry files is refused with their list", async () => {
    const old = await testRuntime("24.21.0", host);
    const cwd = await makeApp({
      source: 'console.log(new URL("../views", import.meta.url).href);',
      files: { "views/a.html": "a", "views/b.html": "b", "views/c.html": "c", "views/d.html": "d" },
      node: { path: old, version: "24.21.0" },
    });
    const { code, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(
      `error SBP_RUNTIME_NO_FILES: Node 24.21.0 for ${host} cannot carry files, and the app needs 4 of them: views/a.html, views/b.html, views/c.html and 1 more`,
    );
    expect(stderr).toContain('Take "runtime": "node@26"');
  });

  test("a bundle that still imports a package", async () => {
    const cwd = await makeApp({
      source: 'import "elsewhere";',
      bundle: { external: ["elsewhere"] },
    });
    const { code, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("error SBP_BUNDLE_IMPORT: ");
    expect(stderr).toContain("elsewhere");
  });

  test("a builtin module that this version of Node does not have", async () => {
    const cwd = await makeApp({ source: 'import { nothing } from "node:fs";\nconsole.log(nothing);' });
    const { code, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("error SBP_BUNDLE_BUILTIN: ");
    expect(stderr).toContain("nothing");
  });
});
