import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { makePkg, pkgNodeVersion } from "../../../tools/pkg-executables.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

/* What scan and inspect say of executables that the real pkg makes: their packages are judged like ours, by the files that are in. */

const run = promisify(execFile);
vi.setConfig({ testTimeout: 300_000 });
const database = join(import.meta.dirname, "../../plugin-scan/test/fixtures/advisories");
const env = { SOURCE_DATE_EPOCH: "1780300800" }; // 2026-06-01
let cwd: string;

beforeAll(async () => {
  const dependencies = { lodash: "4.17.15", minimist: "1.2.5", qs: "6.7.0" };
  cwd = await folder({
    "package.json": JSON.stringify({ name: "shop", version: "2.1.0", bin: "main.js", dependencies }),
    "main.js":
      'require("node:fs").writeFileSync("ran", ""); require("minimist"); require("lodash/pick"); require("qs/lib/formats");\n',
  });
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd });
  await makePkg(cwd, join(cwd, "classic"));
  await makePkg(cwd, join(cwd, "sea"), { sea: true });
});

describe.for(["classic", "sea"])("an executable of pkg, in the form %s", (file) => {
  test("inspect: the app, Node and the packages", async () => {
    const { stdout, code } = await sbp(["inspect", file], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/executable made by pkg {2}linux-x64/);
    expect(stdout).toMatch(new RegExp(`app +shop 2\\.1\\.0\n +runtime +${pkgNodeVersion}`));
    expect(stdout).toMatch(/ 3 packages\n +lodash +4\.17\.15 +MIT +\d+ files\n +minimist +1\.2\.5 +MIT/);
    const all = await sbp(["inspect", file, "--files"], { cwd });
    expect(all.stdout).toMatch(/minimist +1\.2\.5 +MIT +2 files\n {6}index\.js\n {6}package\.json\n/);
  });

  test("scan: findings at the level that the files in it tell", async () => {
    const { stdout, code } = await sbp(["scan", file, "--db", database, "--json"], { cwd, env });
    expect(code).toBe(3);
    const lines = jsonLines(stdout);
    expect(lines.at(-1)).toMatchObject({
      subject: { kind: "executable", name: "shop", version: "2.1.0", maker: "pkg", target: "linux-x64" },
    });
    const findings = lines.filter(({ type }) => type === "finding");
    expect(Object.fromEntries(findings.map(({ id, level }) => [id, level]))).toMatchObject({
      // baseSet and a whole build are in: pkg takes what package.json names as "main".
      "GHSA-p6mc-m468-83gw": "code",
      "GHSA-35jh-r3h4-6jhm": "code",
      "GHSA-xvch-5gv4-984h": "package",
    });
    const { stdout: page } = await sbp(["scan", file, "--db", database], { cwd, env });
    expect(page).toMatch(/^not judged: Which packages were bundled into its own scripts/m);
    expect(page).toContain("fix  npm install minimist@1.2.6");
  });

  test("is not run", () => expect(existsSync(join(cwd, "ran"))).toBe(false));
});
