import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { findVulnerabilities } from "../src/find.ts";
import { compareDebianVersions } from "../src/osv/debian-version.ts";
import { readRecord } from "../src/osv/record.ts";
import { shop } from "./inventories.ts";

const versions = [
  ...[
    "2.36-9",
    "2.36-9+deb12u1",
    "2.36-9+deb12u10",
    "2.36-9+deb12u9",
    "2.36-9~bpo12+1",
    "2.36",
    "2.36-0",
    "2.36-0.1",
  ],
  ...[
    "1:2.36-9",
    "12.2.0-14",
    "12.2.0-14+deb12u1",
    "1.0~rc1-1",
    "1.0-1",
    "1.0a-1",
    "1.0+a-1",
    "1.0.1-1",
    "1.0-rc-1",
    "0.0.1",
  ],
  ...["3.0.17-1~deb12u2", "3.0.17-1", "001-1", "1-1", "1.18446744073709551616-1", "1.18446744073709551615-1"],
];

test("the order is that of dpkg itself", () => {
  // One shell for all pairs: dpkg is asked whether the first is lower, and whether they are equal.
  const pairs = versions
    .flatMap((a) => versions.map((b) => [a, b] as const))
    .filter(([a, b]) => !`${a}${b}`.includes("18446744073709551"));
  const script = pairs
    .map(
      ([a, b]) =>
        `dpkg --compare-versions '${a}' lt '${b}' && echo -1 || { dpkg --compare-versions '${a}' eq '${b}' && echo 0 || echo 1; }`,
    )
    .join("\n");
  const answers = spawnSync("sh", { input: script, encoding: "utf8" }).stdout.trim().split("\n").map(Number);
  expect(answers).toHaveLength(pairs.length);
  const own = pairs.map(([a, b]) => Math.sign(compareDebianVersions(a, b)) + 0);
  expect(own).toEqual(answers);
});

test("numbers of any length", () => {
  expect(compareDebianVersions("1.18446744073709551616-1", "1.18446744073709551615-1")).toBeGreaterThan(0);
});

test("a library of the closure is judged by the source package that advisories name", () => {
  const advisory = readRecord({
    id: "DEBIAN-CVE-2099-0001",
    modified: "2026-01-01T00:00:00Z",
    affected: [
      {
        package: { ecosystem: "Debian:12", name: "glibc" },
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "2.36-9+deb12u11" }] }],
      },
      {
        package: { ecosystem: "Debian:13", name: "glibc" },
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }],
      },
    ],
  })!;
  const database = {
    source: "",
    date: undefined,
    records: 1,
    core: [],
    ecosystems: ["Debian:12"],
    advisoriesOf: (key: string) => (key === "Debian:12/glibc" ? [advisory] : []),
    close() {},
  };
  const { findings, undetermined } = findVulnerabilities(shop(), database, undefined);
  expect(findings).toMatchObject([
    {
      id: "DEBIAN-CVE-2099-0001",
      component: { name: "libc6" },
      level: "package",
      fixedIn: "2.36-9+deb12u11",
    },
  ]);
  expect(undetermined.join()).not.toContain("libraries");
});
