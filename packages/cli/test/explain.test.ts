import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { host, scriptProject } from "./projects.ts";
import { jsonLines, sbp } from "./sbp.ts";

describe("sbp explain", () => {
  test("tells why a step ran, and what has changed since", async () => {
    const cwd = await scriptProject();
    const before = await sbp(["explain"], { cwd });
    expect(before).toMatchObject({ code: 0 });
    expect(before.stdout).toContain("never built");

    await sbp(["build"], { cwd });
    await sbp(["build"], { cwd });
    expect((await sbp(["explain"], { cwd })).stdout).toMatch(new RegExp(`^${host}/pack +unchanged`, "m"));

    writeFileSync(join(cwd, "app.sh"), "#!/bin/sh\n");
    const { stdout } = await sbp(["explain", `${host}/pack`], { cwd });
    expect(stdout).toMatch(/would run now {2}.*app\.sh/);
    expect(stdout).not.toContain("lanes");
    const verbose = await sbp(["explain", "pack", "--verbose"], { cwd });
    expect(verbose.stdout.split("\n").length).toBeGreaterThan(stdout.split("\n").length);
    const [result] = jsonLines((await sbp(["explain", "--json"], { cwd })).stdout);
    expect(result?.["explanations"]).toHaveLength(4);
  });

  test("an unknown step is refused with the nearest name", async () => {
    const cwd = await scriptProject();
    const { code, stderr } = await sbp(["explain", "packs"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("SBP_EXPLAIN_UNKNOWN");
    expect(stderr).toContain('"pack"');
  });
});
