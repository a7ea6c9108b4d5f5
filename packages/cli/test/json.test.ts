import { describe, expect, test } from "vitest";
import { host, scriptProject, stepProject } from "./projects.ts";
import { jsonLines, sbp } from "./sbp.ts";

describe("--json", () => {
  test("prints every event on a line of its own and the result last, and nothing else", async () => {
    const cwd = await scriptProject();
    const { code, stdout, stderr } = await sbp(["build", "--json"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = jsonLines(stdout);
    const types = lines.map((line) => line["type"]);
    expect(types[0]).toBe("build-started");
    expect(types.slice(-2)).toEqual(["build-finished", "result"]);
    expect(types.filter((type) => type === "action-finished")).toHaveLength(4);
    expect(lines.at(-1)).toMatchObject({ command: "build", exitCode: 0, outcome: "done" });
    const outputs = lines.at(-1)?.["outputs"] as { target: string; path: string; size: number }[];
    expect(outputs.find(({ target }) => target === host)).toMatchObject({ path: `${cwd}/dist/${host}/demo` });
  });

  test("--sizes adds the compressed size to the outputs", async () => {
    const cwd = await scriptProject();
    const { stdout } = await sbp(["build", "--json", "--sizes"], { cwd });
    const outputs = jsonLines(stdout).at(-1)?.["outputs"] as { size: number; gzip: number }[];
    for (const { size, gzip } of outputs) {
      expect(gzip).toBeGreaterThan(20);
      expect(gzip).toBeLessThan(size);
    }
  });

  test("errors keep their message, place and hint", async () => {
    const cwd = await stepProject(`throw Object.assign(new Error("no licence"), {
      name: "SbpError", code: "SBP_LICENCE", hint: "Buy one.", diagnostics: [], exitCode: 1, location: { file: "a.ts", line: 7 } });`);
    const { code, stdout, stderr } = await sbp(["build", "--json"], { cwd });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const lines = jsonLines(stdout);
    const error = {
      code: "SBP_LICENCE",
      message: "no licence",
      hint: "Buy one.",
      location: { file: `${cwd}/a.ts`, line: 7 },
      plugin: "step",
      step: "step",
    };
    expect(lines.find(({ type }) => type === "action-failed")).toMatchObject({ error });
    expect(lines.at(-2)).toEqual({ type: "error", ...error });
    expect(lines.at(-1)).toMatchObject({ type: "result", exitCode: 1, outcome: "failed" });
  });
});
