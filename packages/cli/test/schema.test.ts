import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scriptProject } from "./projects.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

describe("sbp schema", () => {
  test("prints the schema, the project's own plugins included", async () => {
    const cwd = await scriptProject();
    const { code, stdout, stderr } = await sbp(["schema"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ type: "object" });
    expect(stdout).toContain('"embed-runtime"');
    expect(stdout).toContain('"pad"');
    const [result] = jsonLines((await sbp(["schema", "--json"], { cwd })).stdout);
    expect(result?.["schema"]).toEqual(JSON.parse(stdout));
  });

  test("--out writes it", async () => {
    const cwd = await scriptProject();
    const { code, stdout } = await sbp(["schema", "--out", "sbp.schema.json"], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "wrote sbp.schema.json\n" });
    expect(JSON.parse(readFileSync(join(cwd, "sbp.schema.json"), "utf8"))).toMatchObject({ type: "object" });
    const refused = await sbp(["schema", "--out", "no/such/folder.json"], { cwd });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain("error SBP_WRITE");
  });

  test("without a project prints that of the built-in plugins", async () => {
    const { code, stdout } = await sbp(["schema"], { cwd: await folder() });
    expect(code).toBe(0);
    expect(stdout).toContain('"cross-target"');
  });
});
