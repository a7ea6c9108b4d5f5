import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fleet } from "../../../tools/fleet-files.ts";
import { host, scriptWorkspace } from "./projects.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

describe("sbp build at the top of a workspace", () => {
  test("builds every project, and the next time nothing", async () => {
    const cwd = await scriptWorkspace();
    const env = { SBP_CACHE_DIR: await folder() };
    const first = await sbp(["build"], { cwd, env });
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ {2}done in .*, 3 projects: 3 built; 6 files, /),
    });
    for (const place of ["services/one", "services/two", "tools/cli"]) {
      expect(first.stderr).toMatch(new RegExp(`✓ ${place} +[0-9.]+ s .*: never built here`));
      expect(execFileSync(join(cwd, place, "dist", host, place.split("/")[1]!), { encoding: "utf8" })).toBe(
        `${place}\n`,
      );
    }
    const second = await sbp(["build"], { cwd, env });
    expect(second.stdout).toMatch(/^ {2}unchanged in .*, 3 projects: 3 unchanged; 6 files/);
    expect(second.stderr).toMatch(/✓ services\/one +unchanged/);
  });

  test("--filter chooses, also from within a member", async () => {
    const cwd = await scriptWorkspace();
    const { code, stdout } = await sbp(["build", "--filter", "./services/*"], {
      cwd: join(cwd, "tools/cli"),
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(", 2 projects: 2 built") });
    expect(existsSync(join(cwd, "tools/cli/dist"))).toBe(false);
  });

  test("within a member without --filter only that one is built", async () => {
    const cwd = await scriptWorkspace();
    const { code } = await sbp(["build"], { cwd: join(cwd, "tools/cli") });
    expect(code).toBe(0);
    expect(existsSync(join(cwd, "services/one/dist"))).toBe(false);
  });

  test("--since builds what changed, and what depends on it", async () => {
    const cwd = await scriptWorkspace({ ".gitignore": "dist\nsbp.lock.json\n" });
    const git = (...words: string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...words], { cwd });
    git("init", "-q");
    git("add", "-A");
    git("commit", "-qm", "first");
    expect((await sbp(["build", "--since", "HEAD"], { cwd })).stdout).toMatch(/done in .*, 0 projects\n/);
    await writeFile(join(cwd, "libs/text/index.ts"), "");
    expect((await sbp(["build", "--since", "HEAD"], { cwd })).stdout).toContain(", 2 projects: 2 built");
    const wrong = await sbp(["build", "--since", "nowhere"], { cwd });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("SBP_WORKSPACE_SINCE") });
  });

  test("a project that is wrong is named, and stops only what needs it", async () => {
    const cwd = await scriptWorkspace({
      "services/one/sbp.config.json": '{ "pipeline": [{ "use": "bundel" }] }',
    });
    const { code, stdout, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("error SBP_PLUGIN_UNKNOWN: services/one: There is no plugin");
    expect(stderr).toContain("services/one/sbp.config.json:1:");
    expect(stderr).toMatch(/- services\/two +not run, it needs services\/one/);
    expect(stdout).toMatch(/failed in .*, 3 projects: 1 failed, 1 built, 1 not run/);
  });

  test("--json tells of each project", async () => {
    const cwd = await scriptWorkspace();
    const lines = jsonLines((await sbp(["build", "--json"], { cwd })).stdout);
    const started = lines.filter(({ type }) => type === "project-started").map(({ project }) => project);
    expect([...started].sort()).toEqual(["services/one", "services/two", "tools/cli"]);
    expect(lines.some(({ type, project }) => type === "output-published" && project === "tools/cli")).toBe(
      true,
    );
    expect(lines.at(-1)).toMatchObject({
      type: "result",
      exitCode: 0,
      outcome: "done",
      projects: [
        { name: "@acme/one", place: "services/one", outcome: "done" },
        { name: "@acme/two", place: "services/two", outcome: "done" },
        { name: "@acme/cli", place: "tools/cli", outcome: "done" },
      ],
    });
  });

  test("a changed library has exactly the services built that use it", async () => {
    const { files, usersOfFirst } = fleet(20);
    const cwd = await folder(files);
    await sbp(["build"], { cwd });
    await writeFile(
      join(cwd, "libs/lib-0/src/main.ts"),
      "export const lib0 = (text: string) => text.trim();\n",
    );
    const result = jsonLines((await sbp(["build", "--json"], { cwd })).stdout).at(-1)!;
    const projects = result["projects"] as { place: string; actions: { outcome: string }[] }[];
    const built = projects.filter(({ actions }) => actions.some(({ outcome }) => outcome === "ran"));
    expect(built.map(({ place }) => place)).toEqual(usersOfFirst);
  });

  test("elsewhere there is nothing to choose from", async () => {
    const { code, stderr } = await sbp(["build", "--filter", "x"], {
      cwd: await folder({ "package.json": "{}" }),
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("SBP_WORKSPACE_MISSING") });
  });
});
