import { expect, test } from "vitest";
import type { Finding } from "../src/finding.ts";
import { judge, type Policy } from "../src/policy.ts";

const component = { kind: "npm", name: "lodash", version: "4.17.15", place: "bundled" } as const;
const finding = (more: Partial<Finding> = {}): Finding => ({
  id: "GHSA-p6mc-m468-83gw",
  aliases: ["CVE-2020-8203"],
  summary: "Prototype pollution",
  severity: "high",
  malicious: false,
  url: "https://osv.dev/",
  component,
  level: "code",
  because: "it is in",
  fixedIn: "4.17.19",
  command: undefined,
  ...more,
});
const check = {
  rule: "hardening/shell",
  severity: "medium",
  message: "a shell",
  place: "bin/sh",
  hint: "",
} as const;
const day = "2026-06-15";
const refuses = (policy: Partial<Policy>, of = finding(), today: string | undefined = day) =>
  judge([of], [], { failOn: "high", ignore: [], ...policy }, today).refused;

test.for([
  ["never", "critical", false],
  ["critical", "high", false],
  ["critical", "critical", true],
  ["high", "medium", false],
  ["high", "high", true],
  ["high", "unknown", true],
  ["critical", "unknown", false],
  ["low", "low", true],
] as const)("failOn %s, a finding that is %s: refused is %s", ([failOn, severity, refused]) => {
  expect(refuses({ failOn }, finding({ severity }))).toBe(refused);
});

test.for([
  ["code", true],
  ["package", true],
  ["undetermined", true],
  ["unreachable", true],
  ["removed", false],
  ["lockfile", false],
] as const)("a finding of level %s: refused is %s", ([level, refused]) => {
  expect(refuses({}, finding({ level }))).toBe(refused);
});

test("an entry accepts by any name of the vulnerability, in any case, in its package", () => {
  expect(refuses({ ignore: [{ id: "CVE-2020-8203", reason: "r" }] })).toBe(false);
  expect(refuses({ ignore: [{ id: "ghsa-P6MC-m468-83gw", reason: "r" }] })).toBe(false);
  expect(refuses({ ignore: [{ id: "CVE-2020-8203", reason: "r", package: "lodash" }] })).toBe(false);
  expect(refuses({ ignore: [{ id: "CVE-2020-8203", reason: "r", package: "lodash-es" }] })).toBe(true);
  expect(refuses({ ignore: [{ id: "CVE-2020-0000", reason: "r" }] })).toBe(true);
});

test("an entry holds through its last day", () => {
  const ignore = [{ id: "CVE-2020-8203", reason: "r", expires: day }];
  expect(refuses({ ignore }, finding(), day)).toBe(false);
  expect(refuses({ ignore }, finding(), "2026-06-16")).toBe(true);
  expect(refuses({ ignore }, finding(), undefined)).toBe(false);
});

test("entries that have expired and such that nothing needs are told of", () => {
  const expired = { id: "CVE-2020-8203", reason: "r", expires: "2026-01-01" };
  const unused = { id: "CVE-1999-0001", reason: "r" };
  const used = { id: "hardening/shell", reason: "r" };
  const { notes, refused } = judge(
    [finding()],
    [check],
    { failOn: "low", ignore: [expired, unused, used] },
    day,
  );
  expect(notes).toEqual([
    { kind: "expired", entry: expired },
    { kind: "unused", entry: unused },
  ]);
  expect(refused).toBe(true);
});

test("checks are refused and accepted by the same policy", () => {
  const of = (policy: Partial<Policy>) =>
    judge([], [check], { failOn: "medium", ignore: [], ...policy }, day).refused;
  expect(of({})).toBe(true);
  expect(of({ failOn: "high" })).toBe(false);
  expect(of({ ignore: [{ id: "hardening/shell", reason: "r" }] })).toBe(false);
  expect(of({ ignore: [{ id: "hardening/shell", reason: "r", package: "bin/bash" }] })).toBe(true);
});
