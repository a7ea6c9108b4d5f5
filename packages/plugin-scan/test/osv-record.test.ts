import { expect, test } from "vitest";
import { cvss3BaseScore } from "../src/osv/cvss3.ts";
import { evaluate } from "../src/osv/evaluate.ts";
import { readRecord } from "../src/osv/record.ts";
import { osvRecords } from "./advisories.ts";

const of = (id: string) => readRecord({ ...osvRecords().find((record) => record.id === id)! })!;
const minimal = { id: "X-1", modified: "2024-01-01T00:00:00Z" };
const affected = (fields: object) => ({
  ...minimal,
  affected: [{ package: { ecosystem: "npm", name: "x" }, ...fields }],
});

test("what a record says of itself", () => {
  expect(of("GHSA-p6mc-m468-83gw")).toMatchObject({
    aliases: ["CVE-2020-8203"],
    summary: "Prototype Pollution in lodash",
    severity: "high",
    malicious: false,
  });
  expect(of("GHSA-p6mc-m468-83gw").affected[0]?.functions).toContain("(lodash).zipObjectDeep");
});

test("malware is critical, whatever the record rates", () => {
  expect(of("MAL-2025-46974")).toMatchObject({ severity: "critical", malicious: true });
});

test("withdrawn records, and those on other ecosystems' packages, say nothing", () => {
  expect(of("MAL-2026-5077")).toBeUndefined();
  expect(
    readRecord({ ...minimal, affected: [{ package: { ecosystem: "PyPI", name: "x" } }] }),
  ).toBeUndefined();
  expect(readRecord({ ...minimal, affected: [{ ranges: [] }] })).toBeUndefined();
});

test("severity: the database's word, else the worst CVSS score", () => {
  const severity = [
    { type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L" },
    { type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" },
  ];
  expect(readRecord({ ...affected({}), severity })).toMatchObject({ severity: "critical" });
  const named = { ...affected({}), severity, database_specific: { severity: "LOW" } };
  expect(readRecord(named)).toMatchObject({ severity: "low" });
  expect(readRecord(affected({}))).toMatchObject({ severity: "unknown" });
});

// The examples of the specification's user guide, and a vector of each kind.
test.for([
  ["CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4],
  ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8],
  ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10],
  ["CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:H", 7.4],
  ["CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:N", 0],
  ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", undefined],
  ["CVSS:3.1/AV:N/AC:constructor", undefined],
] as const)("CVSS 3: %s", ([vector, score]) => expect(cvss3BaseScore(vector)).toBe(score));

test.for([
  [{ ...minimal, modified: "yesterday" }, "modified"],
  [{ ...minimal, affected: "all" }, "affected"],
  [affected({ versions: [1] }), "versions"],
  [affected({ ranges: [{ type: "SEMVER", events: [{}] }] }), "event"],
  [affected({ ranges: [{ type: "MAGIC", events: [] }] }), "MAGIC"],
  [affected({ package: { ecosystem: "npm" } }), "package.name"],
] as const)("a malformed record is refused: %#", ([record, word]) => {
  expect(() => readRecord(record)).toThrow(word);
});

test("a bound that is no version: the record is kept, and what it affects cannot be told", () => {
  const odd = readRecord(
    affected({ ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.2" }] }] }),
  )!;
  expect(evaluate(odd, "x", "9.0.0")).toEqual({ unclear: true, fixedIn: undefined, functions: [] });
});
