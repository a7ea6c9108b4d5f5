import { describe, expect, test } from "vitest";
import { host, scriptProject } from "./projects.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

describe("sbp cache", () => {
  test("lists, collects and clears", async () => {
    const cwd = await scriptProject();
    const env = { SBP_CACHE_DIR: await folder() };
    expect((await sbp(["cache", "ls"], { cwd, env })).stdout).toMatch(/ is empty\n$/);
    await sbp(["build"], { cwd, env });

    const { code, stdout } = await sbp(["cache", "ls"], { cwd, env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^STEP +KIND +SIZE +USED +DIGEST\n/);
    expect(stdout).toMatch(new RegExp(`^${host}/pack +executable +2\\.0 kB +now +[0-9a-f]{12}$`, "m"));
    expect(stdout).toMatch(/^\d artifacts, 2\.0 kB in all, in /m);
    const [listed] = jsonLines((await sbp(["cache", "ls", "--json"], { cwd, env })).stdout);
    expect((listed?.["entries"] as unknown[]).length).toBeGreaterThan(1);

    const kept = await sbp(["cache", "gc", "--max-size", "5GB", "--max-age", "30d"], { cwd, env });
    expect(kept).toMatchObject({ code: 0, stdout: expect.stringMatching(/^removed 0 results: 0 B freed, /) });
    const aged = await sbp(["cache", "gc", "--max-age=0d", "--json"], { cwd, env });
    expect(jsonLines(aged.stdout)[0]).toMatchObject({ type: "result", command: "cache gc", exitCode: 0 });

    const cleared = await sbp(["cache", "clear"], { cwd, env });
    expect(cleared).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^removed \d results?: .* freed\n$/),
    });
    expect((await sbp(["cache", "ls"], { cwd, env })).stdout).toMatch(/ is empty\n$/);
    expect((await sbp(["build"], { cwd, env })).stdout).toContain("2 steps ran");
  });

  test("a cache folder that cannot be written slows the build, and the user is told", async () => {
    const cwd = await scriptProject(undefined, { "no-folder": "" });
    const { code, stderr } = await sbp(["build"], { cwd, env: { SBP_CACHE_DIR: `${cwd}/no-folder` } });
    expect(code).toBe(0);
    expect(stderr).toContain("warning SBP_CACHE_UNWRITABLE");
  });
});
