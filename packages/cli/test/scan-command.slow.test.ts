import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folder, jsonLines, sbp } from "./sbp.ts";

/* The command over what needs no build: projects by their lock files, and an executable of Go. Builds: scan.slow.test.ts. */

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

test("exit code 3 whatever the format, and 0 below what is refused", async () => {
  const cwd = await project();
  for (const format of ["json", "cyclonedx", "spdx", "sarif", "openvex", "cyclonedx-vex"]) {
    const { code, stdout } = await scan([".", "--db", database, "--format", format], { cwd });
    expect(code, format).toBe(3);
    expect(() => JSON.parse(stdout), format).not.toThrow();
  }
  expect(await scan([".", "--db", database, "--json"], { cwd })).toMatchObject({ code: 3 });
  expect(await scan([".", "--db", database, "--quiet"], { cwd })).toMatchObject({ code: 3, stdout: "" });
  expect(await scan([".", "--db", database, "--fail-on", "critical"], { cwd })).toMatchObject({ code: 0 });
  expect(await scan([".", "--db", database, "--fail-on", "never"], { cwd })).toMatchObject({ code: 0 });
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

test("--json streams components and findings; the last line is the result", async () => {
  const lines = jsonLines((await scan([".", "--db", database, "--json"], { cwd: await project() })).stdout);
  const types = lines.map(({ type }) => type);
  expect([...new Set(types)]).toEqual(["component", "finding", "result"]);
  expect(lines.find(({ id }) => id === "GHSA-hrpp-h998-j3pp")).toMatchObject({
    severity: "high",
    fixedIn: "6.7.3",
    component: { name: "qs" },
    refused: true,
  });
  expect(lines.at(-1)).toMatchObject({
    command: "scan",
    exitCode: 3,
    refused: true,
    database: { records: 39 },
  });
});

test("the database's date is shown, with a warning where it is old", async () => {
  const cwd = await project();
  expect((await scan([".", "--db", database], { cwd })).stdout).not.toContain("days old");
  const later = { SOURCE_DATE_EPOCH: "1790000000" };
  expect((await scan([".", "--db", database], { cwd, env: later })).stdout).toMatch(
    /database of 2026-06-01, 39 records: \d+ days old/,
  );
});

test("without a database it says that nothing was looked up", async () => {
  const { code, stdout } = await scan(["."], { cwd: await project() });
  expect(code).toBe(0);
  expect(stdout).toContain("no database: nothing was looked up");
});

test("annotations for GitHub", async () => {
  const { stderr } = await scan([".", "--db", database], {
    cwd: await project(),
    env: { GITHUB_ACTIONS: "true" },
  });
  expect(stderr).toMatch(
    /^::error file=package-lock\.json,title=GHSA-hrpp-h998-j3pp::qs 6\.7\.0: .*%0Anpm update qs$/m,
  );
  expect(stderr).toMatch(/^::warning file=package-lock\.json,title=GHSA-rv95-896h-c2vc::/m);
});

test("a document goes into a file", async () => {
  const cwd = await project();
  const words = [".", "--db", database, "--format", "sarif", "--output", "scan.sarif"];
  expect(await scan(words, { cwd })).toMatchObject({ code: 3, stdout: "wrote scan.sarif\n" });
  expect(JSON.parse(await readFile(join(cwd, "scan.sarif"), "utf8")).version).toBe("2.1.0");
});

test("an executable of Go: its compiler, its modules, and what is known against these; it is not run", async () => {
  const cwd = await folder({
    "go.mod": "module example.com/acme/tool\n\ngo 1.19\n\nrequire golang.org/x/text v0.3.5\n",
    "main.go":
      'package main\n\nimport (\n\t"golang.org/x/text"\n\t"os"\n)\n\nfunc main() { os.WriteFile(text.Name, nil, 0o644) }\n',
    // The code is no matter: build information has the names and versions of modules alone.
    "vendor/golang.org/x/text/text.go": 'package text\n\nvar Name = "ran"\n',
    "vendor/modules.txt": "# golang.org/x/text v0.3.5\n## explicit\ngolang.org/x/text\n",
  });
  await promisify(execFile)("go", ["build", "-o", "tool", "."], {
    cwd,
    env: { ...process.env, GOFLAGS: "-buildvcs=false -mod=vendor" },
  });
  const goDatabase = join(import.meta.dirname, "../../plugin-scan/test/fixtures/advisories-go");
  const ended = await scan(["tool", "--db", goDatabase, "--json"], { cwd });
  const lines = jsonLines(ended.stdout);
  expect(ended.code).toBe(3);
  expect(lines.filter(({ type }) => type === "component")).toMatchObject([
    { kind: "go", name: "go", version: expect.stringMatching(/^1\.\d+/) },
    { kind: "go-module", name: "golang.org/x/text", version: "v0.3.5" },
  ]);
  const finding = lines.find(({ id }) => id === "GO-2021-0113");
  expect(finding).toMatchObject({
    component: { purl: "pkg:golang/golang.org/x/text@v0.3.5" },
    level: "undetermined",
    fixedIn: "0.3.7",
  });
  expect(lines.at(-1)).toMatchObject({ subject: { maker: "go", name: "tool" } });
  // The npm records that the other tests use have none of Go.
  expect((await scan(["tool", "--db", database], { cwd })).stdout).toContain(
    "the database has no advisories of Go",
  );
  await expect(readFile(join(cwd, "ran"))).rejects.toThrow("ENOENT");
});

test("what changed: packages, and findings that are new or gone", async () => {
  const [before, after] = [
    await project(),
    await folder({ "package-lock.json": lock.replaceAll("6.7.0", "6.7.3").replaceAll("minimist", "ms") }),
  ];
  const { stdout } = await scan([after, "--against", before, "--db", database], { cwd: after });
  expect(stdout).toMatch(/^\+ {2}ms /m);
  expect(stdout).toMatch(/^- {2}minimist /m);
  expect(stdout).toMatch(/^~ {2}qs +6\.7\.0 → 6\.7\.3/m);
  expect(stdout).toMatch(/^fixed {2}high {2}GHSA-hrpp-h998-j3pp/m);
  expect(stdout).not.toMatch(/^new/m);
});

test("lock files of pnpm and Yarn", async () => {
  const pnpm = await folder({
    "pnpm-lock.yaml":
      "lockfileVersion: '9.0'\npackages:\n  qs@6.7.0:\n    resolution: {integrity: sha512-AAAA}\n  '@babel/traverse@7.23.0(x@1)':\n    resolution: {integrity: sha512-AAAA}\n",
  });
  expect((await scan([".", "--db", database], { cwd: pnpm })).stdout).toMatch(
    /@babel\/traverse 7\.23\.0[\s\S]*qs 6\.7\.0/,
  );
  const yarn = await folder({
    "yarn.lock": '# yarn lockfile v1\n\nqs@6.7.0, qs@^6.5.0:\n  version "6.7.0"\n',
  });
  expect((await scan([".", "--db", database], { cwd: yarn })).stdout).toContain("qs 6.7.0");
  const berry = await folder({
    "yarn.lock":
      '__metadata:\n  version: 8\n\n"qs@npm:6.7.0":\n  version: 6.7.0\n\n"shop@workspace:.":\n  version: 0.0.0-use.local\n',
  });
  const { stdout } = await scan([".", "--db", database], { cwd: berry });
  expect(stdout).toContain("qs 6.7.0");
  expect(stdout).not.toContain("use.local");
});

test.for([
  [[], 2, "SBP_USAGE"],
  [["missing"], 2, "SBP_SCAN_FILE"],
  [["dist/linux-x64/shop"], 2, "SBP_SCAN_FILE"],
  [["package.json"], 2, "SBP_SCAN_FILE"],
  [["empty"], 2, "SBP_SCAN_FILE"],
  [[".", "--format", "serif"], 2, 'Did you mean "sarif"'],
  [[".", "--fail-on", "hihg"], 2, "SBP_USAGE"],
  [[".", "--output", "x"], 2, "SBP_USAGE"],
  [[".", "--db", "missing"], 2, "SBP_SCAN_DATABASE"],
  [["broken"], 2, "SBP_SCAN_LOCKFILE"],
  [["broken.tar"], 2, "SBP_SCAN_IMAGE"],
  [["127.0.0.1:1/acme/shop:1"], 2, "SBP_SCAN_IMAGE"],
] as const)("what is wrong is told: %j", async ([words, exitCode, text]) => {
  const cwd = await folder({
    "package.json": '{"name":"shop"}',
    "package-lock.json": lock,
    "empty/x": "",
    "broken/package-lock.json": "{",
    "broken.tar": `${"\0".repeat(257)}ustar${"\0".repeat(1000)}`,
  });
  const { code, stderr, stdout } = await scan(words, { cwd });
  expect(stderr).toContain(text);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
  expect(stderr).not.toMatch(/^\s+at /m);
});

/** An address that nobody listens at. */
async function nobody(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

describe("--update-db", () => {
  let files: Record<string, Buffer> = {};
  const server = createServer((request, response) => {
    const content = files[request.url!];
    response.writeHead(content ? 200 : 404).end(content);
  });
  let url: string;
  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test("fetches records and Node's index, which later scans use; what is damaged changes nothing", async () => {
    const cwd = await project();
    const own = { SBP_CACHE_DIR: await folder(), SBP_ADVISORIES_URL: url };
    await promisify(execFile)("python3", [
      "-c",
      "import shutil,sys; shutil.make_archive(sys.argv[1], 'zip', sys.argv[2])",
      join(cwd, "all"),
      join(database, "osv/npm"),
    ]);
    // A zip without entries.
    const empty = Buffer.concat([Buffer.from("PK\x05\x06", "latin1"), Buffer.alloc(18)]);
    files = {
      "/npm/all.zip": await readFile(join(cwd, "all.zip")),
      "/Debian/all.zip": empty,
      "/Go/all.zip": empty,
      "/node-core/index.json": await readFile(join(database, "node-core/index.json")),
    };
    const updated = await scan(["--update-db"], { cwd, env: own });
    expect(updated).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("39 records, the newest of 2026-06-01"),
    });
    expect((await scan(["."], { cwd, env: own })).stdout).toContain("GHSA-hrpp-h998-j3pp");

    files["/npm/all.zip"] = files["/npm/all.zip"]!.subarray(0, 5000);
    expect(await scan(["--update-db"], { cwd, env: own })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("SBP_SCAN_DATABASE"),
    });
    files = {};
    expect(await scan(["--update-db"], { cwd, env: own })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("SBP_SCAN_UPDATE"),
    });
    expect((await scan(["."], { cwd, env: own })).stdout).toContain("GHSA-hrpp-h998-j3pp");
  });

  test("without a network it fails, and says what to do", async () => {
    const { code, stderr } = await scan(["--update-db"], {
      cwd: await folder(),
      env: { SBP_ADVISORIES_URL: await nobody() },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/SBP_SCAN_UPDATE.*127.*ECONNREFUSED/);
    expect(stderr).toContain("--db");
  });
});

test("a registry that has no advisories is told of, and the scan goes on", async () => {
  const server = createServer((_, response) => response.writeHead(405).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { code, stdout } = await scan([".", "--online", "--db", database], {
      cwd: await project(),
      env: { npm_config_registry: registry },
    });
    expect(code).toBe(3);
    expect(stdout).toContain("it has no such service (405)");
    expect(stdout).toContain("GHSA-hrpp-h998-j3pp");
  } finally {
    server.close();
  }
});
