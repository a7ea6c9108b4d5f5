import assert from "node:assert";
import { describe, test } from "node:test";

describe("sums", () => {
  test("adds", () => assert.equal(1 + 1, 2));
  test("fails", () => assert.equal(1 + 1, 3));
});
