import { lt, satisfies } from "semver";
import { beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../src/database/database.ts";
import { openDatabase } from "../src/database/open.ts";
import { findVulnerabilities } from "../src/find.ts";
import type { Component, Inventory } from "../src/inventory/inventory.ts";
import { stdlibVersion } from "../src/osv/go-version.ts";

/* Go's modules by real records of its database (fixtures/README.md): versions are SemVer with a v, pseudo-versions among them. */

let database: Database;
beforeAll(async () => {
  database = await openDatabase(new URL("fixtures/advisories-go", import.meta.url).pathname, undefined);
});

const go = (version: string): Component => ({
  kind: "go",
  name: "go",
  version,
  place: "bundled",
  purl: `pkg:golang/stdlib@${version}`,
});
const goModule = (name: string, version: string): Component => ({
  kind: "go-module",
  name,
  version,
  place: "bundled",
  purl: `pkg:golang/${name}@${version}`,
});
const inventoryOf = (components: readonly Component[]): Inventory => ({
  subject: { kind: "executable", name: "app", version: "", target: "linux-x64", path: "app", maker: "go" },
  components,
  unknown: [],
});
const found = (...components: Component[]) =>
  findVulnerabilities(inventoryOf(components), database, undefined);
const ids = (component: Component) => found(component).findings.map(({ id }) => id);

describe("a module", () => {
  const crypto = "golang.org/x/crypto";
  const jwt = "github.com/dgrijalva/jwt-go";
  const docker = "github.com/docker/docker";
  test.each([
    ["a pseudo-version before the fix", crypto, "v0.0.0-20200220183622-000000000000", ["GO-2020-0012"]],
    ["the pseudo-version of the fix", crypto, "v0.0.0-20200220183623-bac4c82f6975", []],
    ["a release behind a pseudo-version", crypto, "v0.1.0", []],
    ["below the fix", "golang.org/x/text", "v0.3.6", ["GO-2021-0113"]],
    [
      "a pseudo-version that comes before the fix",
      "golang.org/x/text",
      "v0.3.7-0.20210524175448-3115f89c4b99",
      ["GO-2021-0113"],
    ],
    ["the fix", "golang.org/x/text", "v0.3.7", []],
    ["incompatible, below the fix", docker, "v20.10.13+incompatible", ["GO-2022-0390"]],
    ["incompatible, the fix", docker, "v20.10.14+incompatible", []],
    ["without a fix", jwt, "v3.2.0+incompatible", ["GO-2020-0017"]],
    ["before it was introduced", jwt, "v0.0.0-20150717000000-000000000000", []],
    ["of another major version: another module", `${jwt}/v4`, "v4.0.0-preview1", []],
    ["another major version before its fix", `${jwt}/v4`, "v4.0.0-alpha", ["GO-2020-0017"]],
    ["that nobody has reported", "example.test/dep", "v1.0.0", []],
  ])("%s", (_, name, version, expected) => {
    expect(ids(goModule(name, version))).toEqual(expected);
  });

  test("every version is judged as the package semver does", () => {
    for (let patch = 0; patch < 12; patch++)
      for (const suffix of ["", "-rc.1", "-0.20210524175448-3115f89c4b99", "+incompatible"]) {
        const version = `v0.3.${patch}${suffix}`;
        expect(ids(goModule("golang.org/x/text", version)).length, version).toBe(
          lt(version, "0.3.7") ? 1 : 0,
        );
      }
  });

  test("whose package with the fault is named: whether that is in, build information does not tell", () => {
    const [finding] = found(goModule("golang.org/x/text", "v0.3.5")).findings;
    expect(finding).toMatchObject({
      level: "undetermined",
      because: "the module is in; whether golang.org/x/text/language is, govulncheck can tell",
      aliases: ["CVE-2021-38561", "GHSA-ppp9-7jff-5vj2"],
      fixedIn: "0.3.7",
      command: "go get golang.org/x/text@v0.3.7",
    });
  });

  test("of which no package is named: it is in", () => {
    const [finding] = found(goModule(docker, "v20.10.13+incompatible")).findings;
    expect(finding).toMatchObject({
      level: "package",
      command: "go get github.com/docker/docker@v20.10.14+incompatible",
    });
  });

  test("that a folder took the place of is not judged, and said so", () => {
    const { purl: _, ...replaced } = goModule("golang.org/x/text", "v0.3.5");
    const { findings, undetermined } = found(replaced);
    expect(findings).toEqual([]);
    expect(undetermined.join()).toContain("golang.org/x/text v0.3.5");
  });
});

describe("Go's standard library", () => {
  test.each([
    ["1.20.7", ["GO-2023-2041"]],
    ["1.20.8", []],
    ["1.21rc2", ["GO-2023-2041"]],
    ["1.21", ["GO-2023-2041"]],
    ["1.21.0 X:nocoverageredesign", ["GO-2023-2041"]],
    ["1.21.1", []],
    ["1.24.4", []],
    ["devel +abcdef", []],
  ])("of %s", (version, expected) => {
    expect(ids(go(version))).toEqual(expected);
    const release = stdlibVersion(version);
    if (release !== undefined)
      expect(satisfies(release, "<1.20.8 || >=1.21.0-0 <1.21.1", { includePrerelease: true })).toBe(
        expected.length > 0,
      );
  });

  test.each([
    ["1.4", "1.4.0"],
    ["1.21beta1", "1.21.0-beta.1"],
    ["1.26.9-X:boringcrypto", "1.26.9"],
    ["1.22.9 (Red Hat 1.22.9-2.el9)", "1.22.9"],
    ["devel go1.25-abcdef Mon Jan 1", undefined],
    ["", undefined],
  ])("%s is known as %s", (version, expected) => {
    expect(stdlibVersion(version)).toBe(expected);
  });

  test("a compiler between releases is not judged, and said so", () => {
    expect(found(go("devel +abcdef")).undetermined.join()).toContain("go devel +abcdef");
  });
});

test("a database without Go says that nothing of Go was judged", () => {
  const npm = { ...database, ecosystems: ["npm"] };
  const inventory = inventoryOf([go("1.20.7"), goModule("golang.org/x/text", "v0.3.5")]);
  expect(findVulnerabilities(inventory, npm, undefined).undetermined).toEqual([
    expect.stringContaining("the database has no advisories of Go"),
  ]);
});

test("a fault that one database has rated, and another not, is of that severity", () => {
  const record = (id: string, alias: string, severity: "unknown" | "low") => ({
    id,
    aliases: [alias],
    summary: "",
    severity,
    malicious: false,
    modified: "2000-01-01T00:00:00Z",
    affected: [{ ecosystem: "Go", package: "a.test/a", versions: ["v1.0.0"], ranges: [], functions: [] }],
  });
  const records = [record("MADE-UP-1", "MADE-UP-2", "unknown"), record("MADE-UP-2", "MADE-UP-1", "low")];
  for (const advisories of [records, records.toReversed()]) {
    const rated = { ...database, advisoriesOf: () => advisories };
    const { findings } = findVulnerabilities(inventoryOf([goModule("a.test/a", "v1.0.0")]), rated, undefined);
    expect(findings).toMatchObject([{ id: "MADE-UP-2", severity: "low", aliases: ["MADE-UP-1"] }]);
  }
});
