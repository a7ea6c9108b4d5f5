import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, sbp } from "./sbp.ts";

/* The command in short: more of it in scan-command.slow.test.ts, what is built in scan.slow.test.ts. */

const database = join(import.meta.dirname, "../../plugin-scan/test/fixtures/advisories");
const env = { SOURCE_DATE_EPOCH: "1780300800" }; // 2026-06-01T08:00:00Z
const lock = JSON.stringify({
  name: "shop",
  version: "1.0.0",
  lockfileVersion: 3,
  packages: {
    "": { name: "shop", dependencies: { express: "4.17.1" }, devDependencies: { minimist: "1.2.5" } },
    "node_modules/express": { version: "4.17.1", license: "MIT" },
    "node_modules/qs": { version: "6.7.0", license: "BSD-3-Clause" },
    "node_modules/minimist": { version: "1.2.5", dev: true, license: "MIT" },
  },
});
const project = (config?: object) =>
  folder({
    "package.json": '{"name":"shop","version":"1.0.0","type":"module","main":"main.js"}',
    "main.js": "",
    "package-lock.json": lock,
    ...(config && {
      "sbp.config.json": JSON.stringify({
        pipeline: [
          { use: "bundle" },
          { use: "cross-target" },
          { use: "embed-runtime" },
          { use: "scan", ...config },
        ],
      }),
    }),
  });
const scan = async (words: readonly string[], options: { cwd: string; env?: Record<string, string> }) =>
  sbp(["scan", ...words], { cwd: options.cwd, env: { ...env, ...options.env } });

test("a project: grouped by package, with the version that mends it and how to get it", async () => {
  const { code, stdout } = await scan([".", "--db", database], { cwd: await project() });
  expect(code).toBe(3);
  expect(stdout).toContain("shop 1.0.0");
  expect(stdout).toMatch(/express 4\.17\.1\n {2}medium {2}GHSA-[\w-]+ +undetermined +→ 4\.\d+\.\d+ /);
  expect(stdout).toContain("fix  npm install express@4.20.0");
  expect(stdout).toContain("fix  npm update qs");
  expect(stdout).toMatch(/not affected\n {2}minimist 1\.2\.5 {2}GHSA-xvch-5gv4-984h {2}only development/);
  expect(stdout).toContain("refused: 1 finding");
});

test("the policy is that of the step scan; an entry names a vulnerability by any of its names", async () => {
  const ignore = [
    { id: "CVE-2022-24999", reason: "no query of ours is parsed" },
    { id: "CVE-2020-0001", reason: "long gone" },
    { id: "GHSA-rv95-896h-c2vc", reason: "for now", expires: "2026-05-31" },
  ];
  const cwd = await project({ database, ignore });
  const { code, stdout } = await scan(["."], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/accepted\n {2}GHSA-hrpp-h998-j3pp {2}qs 6\.7\.0 {2}no query of ours is parsed/);
  expect(stdout).toContain('the entry of "ignore" for CVE-2020-0001 is not needed');
  expect(stdout).toContain('the entry of "ignore" for GHSA-rv95-896h-c2vc has expired (2026-05-31)');
});
