import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type ForeignTool, foreignVersions, makeForeign } from "../../../tools/foreign-executables.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

/* What scan and inspect say of executables as other tools make them, by the real tools: what can be known, and what cannot. */

vi.setConfig({ testTimeout: 300_000 });
const database = join(import.meta.dirname, "../../plugin-scan/test/fixtures/advisories");
// Past the end of every line of Node that there is.
const env = { SOURCE_DATE_EPOCH: "2208988800" };
const known: Readonly<Record<ForeignTool, { kind: string; purl: string; findings: readonly string[] }>> = {
  "node-sea": {
    kind: "node",
    purl: `pkg:github/nodejs/node@v${foreignVersions["node-sea"]}`,
    findings: ["NODE-END-OF-LIFE-26"],
  },
  bun: { kind: "bun", purl: `pkg:github/oven-sh/bun@bun-v${foreignVersions.bun}`, findings: [] },
  deno: { kind: "deno", purl: `pkg:github/denoland/deno@v${foreignVersions.deno}`, findings: [] },
};
let cwd: string;
beforeAll(async () => {
  cwd = await folder({ "main.js": 'require("node:fs").writeFileSync("ran", "");\n' });
});

describe.for(Object.keys(known) as ForeignTool[])("an executable of %s", (tool) => {
  const { kind, purl, findings } = known[tool];
  const version = foreignVersions[tool];
  beforeAll(() => makeForeign(tool, cwd, join(cwd, tool)));

  test("inspect: who made it, its runtime, and that its packages cannot be told", async () => {
    const { stdout, code } = await sbp(["inspect", tool, "--json"], { cwd });
    expect(code).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      what: tool,
      target: "linux-x64",
      runtimeVersion: version,
      unknown: [expect.stringContaining("packages")],
    });
    expect((await sbp(["inspect", tool], { cwd })).stdout).toMatch(
      new RegExp(`runtime +${version.replaceAll(".", "\\.")}\n[\\s\\S]*unknown +which packages are in`),
    );
  });

  test("scan: the runtime is judged as far as anything is known of it, and what was not judged is said", async () => {
    const { stdout, code } = await sbp(["scan", tool, "--db", database, "--json"], { cwd, env });
    const lines = jsonLines(stdout);
    expect(code).toBe(findings.length > 0 ? 3 : 0);
    expect(lines.filter(({ type }) => type === "component")).toMatchObject([
      { kind, version, purl, place: "bundled" },
    ]);
    expect(lines.filter(({ type }) => type === "finding").map(({ id }) => id)).toEqual(findings);
    expect(lines.at(-1)).toMatchObject({
      subject: { kind: "executable", name: tool, maker: tool, target: "linux-x64" },
    });
    const { stdout: page } = await sbp(["scan", tool, "--db", database], { cwd, env });
    expect(page).toMatch(/^not judged: Which packages are in .*: nobody can tell from the file\.$/m);
  });

  test("is not run", () => expect(existsSync(join(cwd, "ran"))).toBe(false));
});
