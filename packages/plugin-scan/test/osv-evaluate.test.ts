import { inc, satisfies } from "semver";
import { expect, test } from "vitest";
import { evaluate } from "../src/osv/evaluate.ts";
import { readRecord } from "../src/osv/record.ts";
import { type OsvRecord, osvRecords } from "./advisories.ts";

const records = osvRecords();
const judge = (id: string, name: string, version: string) => {
  const advisory = readRecord({ ...records.find((record) => record.id === id)! });
  return advisory && evaluate(advisory, name, version);
};

test("there are 39 records", () => expect(records).toHaveLength(39));

/** What npm's own library says of a record that is written as a range of npm's. */
function oracle({ withdrawn, affected }: OsvRecord, name: string, version: string): boolean {
  if (withdrawn) return false;
  const own = affected.filter(({ package: { ecosystem, name: of } }) => ecosystem === "npm" && of === name);
  return own.some(({ versions = [], ranges = [] }) => {
    if (versions.includes(version)) return true;
    return ranges.some(({ events }) => {
      const comparators: string[] = [];
      for (const { introduced, fixed, last_affected } of events)
        if (introduced !== undefined) comparators.push(`>=${introduced === "0" ? "0.0.0-0" : introduced}`);
        else comparators[comparators.length - 1] += fixed ? ` <${fixed}` : ` <=${last_affected}`;
      return satisfies(version, comparators.join(" || "), { includePrerelease: true });
    });
  });
}

/** Each bound of a record, what is just before and after it, and what is far off. */
function probes({ affected }: OsvRecord, name: string): readonly string[] {
  const own = affected.filter((entry) => entry.package.name === name);
  const bounds = own.flatMap(({ versions = [], ranges = [] }) => [
    ...versions,
    ...ranges.flatMap(({ events }) => events.flatMap((event) => Object.values(event))),
  ]);
  const around = bounds.flatMap((bound) => {
    if (bound === "0") return ["0.0.0-0", "0.0.0", "0.0.1"];
    const [core = ""] = bound.split("-");
    const [major, minor, patch] = core.split(".").map(Number) as [number, number, number];
    const before =
      patch > 0
        ? [major, minor, patch - 1]
        : minor > 0
          ? [major, minor - 1, 99]
          : [Math.max(0, major - 1), 99, 99];
    return [bound, before.join("."), inc(bound, "patch")!, inc(bound, "minor")!, inc(bound, "major")!].concat(
      `${core}-0`,
      `${core}-alpha.1`,
      `${core}-alpha.4`,
      `${core}-beta.3`,
      `${core}-rc.10`,
      `${core}+build.7`,
    );
  });
  return [...new Set([...around, "0.0.1", "999.0.0"])];
}

const pairs = records.flatMap((record) =>
  [...new Set(record.affected.map((entry) => entry.package.name))].map((name) => ({
    record,
    name,
    id: record.id,
  })),
);

test.for(pairs)("$id on $name: as npm's semver judges", ({ record, name }) => {
  for (const version of probes(record, name)) {
    const expected = oracle(record, name, version);
    expect(judge(record.id, name, version) !== undefined, version).toBe(expected);
  }
});

/** Written by hand, from the records' texts. */
const byHand: readonly (readonly [
  id: string,
  name: string,
  version: string,
  fixedIn: string | null | undefined,
])[] = [
  // null: not affected; undefined: affected, and no version mends it.
  ["GHSA-mh6f-8j2x-4483", "event-stream", "3.3.6", "4.0.0"],
  ["GHSA-mh6f-8j2x-4483", "event-stream", "3.3.7", "4.0.0"],
  ["GHSA-mh6f-8j2x-4483", "event-stream", "4.0.0", null],
  ["GHSA-mh6f-8j2x-4483", "event-stream", "3.3.5", null],
  ["GHSA-mh6f-8j2x-4483", "flatmap-stream", "0.1.0", undefined],
  ["GHSA-78xj-cgh5-2h22", "ip", "2.0.0", "2.0.1"],
  ["GHSA-78xj-cgh5-2h22", "ip", "1.1.8", "1.1.9"],
  ["GHSA-78xj-cgh5-2h22", "ip", "1.1.9", null],
  ["GHSA-2p57-rm9w-gvfp", "ip", "2.0.1", undefined],
  ["GHSA-2p57-rm9w-gvfp", "ip", "2.0.2", null],
  ["GHSA-67hx-6x53-jw92", "babel-traverse", "6.26.0", undefined],
  ["GHSA-67hx-6x53-jw92", "babel-traverse", "8.0.0", undefined],
  ["GHSA-67hx-6x53-jw92", "@babel/traverse", "7.23.0", "7.23.2"],
  ["GHSA-67hx-6x53-jw92", "@babel/traverse", "8.0.0-alpha.3", "8.0.0-alpha.4"],
  ["GHSA-67hx-6x53-jw92", "@babel/traverse", "8.0.0-alpha.4", null],
  ["GHSA-67hx-6x53-jw92", "@babel/traverse", "8.0.0-alpha.10", null],
  ["GHSA-67hx-6x53-jw92", "@babel/traverse", "7.23.2", null],
  ["GHSA-f2jv-r9rf-7988", "handlebars", "4.7.6", "4.7.7"],
  ["GHSA-f2jv-r9rf-7988", "org.webjars:handlebars", "4.7.6", null],
  ["GHSA-9x64-5r7x-2q53", "flatmap-stream", "0.1.1", undefined],
  ["GHSA-9x64-5r7x-2q53", "flatmap-stream", "0.1.0", null],
  ["GHSA-73qr-pfmq-6rp8", "coa", "2.1.3", undefined],
  ["GHSA-73qr-pfmq-6rp8", "coa", "2.0.2", null],
  ["MAL-2025-46974", "debug", "4.4.2", undefined],
  ["MAL-2025-46974", "debug", "4.4.3", null],
  ["MAL-2026-5077", "puppeteer", "25.0.1", null],
  ["GHSA-ww39-953v-wcq6", "glob-parent", "5.1.1", "5.1.2"],
  ["GHSA-9wcg-jrwf-8gg7", "express-fileupload", "1.1.8", "1.1.9"],
  ["GHSA-rv95-896h-c2vc", "express", "5.0.0-beta.2", "5.0.0-beta.3"],
  ["GHSA-rv95-896h-c2vc", "express", "5.0.0-beta.10", null],
  ["GHSA-qw6h-vgh9-j6wx", "express", "5.0.0-beta.3", "5.0.0"],
  ["GHSA-qw6h-vgh9-j6wx", "express", "4.17.1", "4.20.0"],
  ["GHSA-9wv6-86v2-598j", "path-to-regexp", "0.1.7", "0.1.10"],
  ["GHSA-9wv6-86v2-598j", "path-to-regexp", "1.8.0", "1.9.0"],
  ["GHSA-hrpp-h998-j3pp", "qs", "6.7.0", "6.7.3"],
  ["GHSA-hrpp-h998-j3pp", "qs", "6.2.4", null],
  ["GHSA-p6mc-m468-83gw", "lodash", "4.17.15", "4.17.19"],
  ["GHSA-p6mc-m468-83gw", "lodash", "3.6.0", null],
  ["GHSA-29mw-wpgm-hmr9", "lodash.trim", "4.5.1", undefined],
  ["GHSA-gh88-3pxp-6fm8", "colors", "1.4.0", null],
  ["GHSA-gh88-3pxp-6fm8", "colors", "1.4.1", undefined],
  ["GHSA-xvch-5gv4-984h", "minimist", "1.2.5", "1.2.6"],
  ["GHSA-xvch-5gv4-984h", "minimist", "0.2.3", "0.2.4"],
];

test.for(byHand)("%s: %s %s", ([id, name, version, fixedIn]) => {
  const verdict = judge(id, name, version);
  if (fixedIn === null) expect(verdict).toBeUndefined();
  else expect(verdict).toMatchObject({ fixedIn });
});

test("events in any order, a bound that is both fixed and introduced, limits", () => {
  const events = (...list: object[]) =>
    readRecord({
      id: "X-1",
      modified: "2024-01-01T00:00:00Z",
      affected: [{ package: { ecosystem: "npm", name: "x" }, ranges: [{ type: "SEMVER", events: list }] }],
    })!;
  const unordered = events({ fixed: "2.0.0" }, { introduced: "3.0.0" }, { introduced: "1.0.0" });
  expect(["0.9.0", "1.5.0", "2.5.0", "3.0.0"].map((v) => !!evaluate(unordered, "x", v))).toEqual([
    false,
    true,
    false,
    true,
  ]);
  const again = events({ introduced: "0" }, { fixed: "1.0.0" }, { introduced: "1.0.0" });
  expect(evaluate(again, "x", "1.0.0")).toBeDefined();
  const limited = events({ introduced: "1.0.0" }, { limit: "2.0.0" });
  expect(["1.5.0", "2.0.0"].map((v) => !!evaluate(limited, "x", v))).toEqual([true, false]);
  const unlimited = events({ introduced: "1.0.0" }, { limit: "*" });
  expect(evaluate(unlimited, "x", "2.0.0")).toBeDefined();
});
