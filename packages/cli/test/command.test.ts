import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, jsonLines, sbp } from "./sbp.ts";

describe("a step that is a shell command", () => {
  const steps = (...pipeline: object[]) => ({
    "package.json": '{"name":"demo","version":"1.2.3"}',
    "words.txt": "b\na\n",
    "sbp.config.json": JSON.stringify({ pipeline }),
  });
  const sort = {
    use: "command",
    name: "sorted",
    run: "sort words.txt > $SBP_OUT_WORDS/words.txt",
    produces: "words",
    inputs: ["words.txt"],
  };
  const count = {
    use: "command",
    run: "wc -l < $SBP_IN_WORDS/words.txt > $SBP_OUT_REPORT/$SBP_APP_NAME.count",
    consumes: ["words"],
    produces: ["report"],
  };
  const ran = async (cwd: string) => {
    const { stdout } = await sbp(["build", "--json"], { cwd });
    return jsonLines(stdout).flatMap((line) => (line["type"] === "action-started" ? [line["action"]] : []));
  };

  test("is built, and kept until an input changes", async () => {
    const cwd = await folder(steps(sort, count));
    expect(await ran(cwd)).toEqual(["sorted", "command"]);
    expect(await readFile(join(cwd, "dist/words.txt"), "utf8")).toBe("a\nb\n");
    expect((await readFile(join(cwd, "dist/demo.count"), "utf8")).trim()).toBe("2");
    await writeFile(join(cwd, "other.txt"), "not an input");
    expect(await ran(cwd)).toEqual([]);
    // The same words in another order: the first step runs, the second has the same input.
    await writeFile(join(cwd, "words.txt"), "a\nb\n");
    expect(await ran(cwd)).toEqual(["sorted"]);
    const { stdout } = await sbp(["explain", "sorted"], { cwd });
    expect(stdout).toContain("a file matched by words.txt changed");
  });

  test("shows what it has printed when it fails, and lets the others end", async () => {
    const lint = { use: "command", name: "lint", run: "echo 'words.txt:1: no b, please' >&2; exit 3" };
    const cwd = await folder(steps(lint, sort));
    const { code, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain(
      "error SBP_COMMAND_FAILED: `echo 'words.txt:1: no b, please' >&2; exit 3` ended with exit code 3",
    );
    expect(stderr).toContain("(step lint, plugin command)");
    expect(stderr).toContain("\n  words.txt:1: no b, please\n");
    await writeFile(join(cwd, "sbp.config.json"), JSON.stringify({ pipeline: [sort] }));
    // It had come to its end, and is kept.
    expect(await ran(cwd)).toEqual([]);
  });

  test("with wrong options is refused at its place", async () => {
    const cwd = await folder(steps({ ...sort, produces: "Words" }));
    const { code, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("SBP_CONFIG_INVALID");
    const lanes = await folder(steps({ ...sort, scope: "target", consumesLanes: ["executable"] }));
    expect((await sbp(["build"], { cwd: lanes })).stderr).toContain(
      '"consumesLanes" is for the scope "project"',
    );
  });
});
