import { expect, test } from "vitest";
import { openStorage } from "../src/open-storage.ts";

test.each([
  ["https://cache.example/sbp/", "https://cache.example/sbp"],
  ["file:///shared/results", "/shared/results"],
  ["s3://results", "s3://results"],
  ["s3://results/team/sbp%20two/", "s3://results/team/sbp two"],
])("%s is the storage %s", async (url, name) => {
  const { storage } = openStorage({ SBP_REMOTE_CACHE: url })!;
  expect(storage.name).toBe(name);
  await storage.close();
});

test.each([
  "cache.example:my-secret",
  "ftp://cache.example",
  "s3://",
  "s3:///prefix",
  "s3://id:my-secret@results",
  "s3://results?endpoint=my-secret",
])("%s is none, and its error does not show it", (url) => {
  const error = (() => {
    try {
      openStorage({ SBP_REMOTE_CACHE: url });
    } catch (thrown) {
      return thrown as Error & { code: string; hint: string };
    }
  })();
  expect(error?.code).toBe("SBP_REMOTE_CACHE_URL");
  expect(`${error?.message} ${error?.hint}`).not.toContain("my-secret");
});

test.each([
  ["1", true],
  ["true", true],
  ["0", false],
  ["", false],
  [undefined, false],
])("SBP_REMOTE_CACHE_READ_ONLY=%s makes a bucket read-only: %s", (only, readOnly) => {
  const { storage } = openStorage({ SBP_REMOTE_CACHE: "s3://results", SBP_REMOTE_CACHE_READ_ONLY: only })!;
  expect(storage.readOnly).toBe(readOnly);
});
