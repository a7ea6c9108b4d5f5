import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { compileStubs, stubsFile } from "../../../tools/loader-stub.ts";

test("the committed stub is what its sources compile to", async () => {
  expect(await readFile(stubsFile, "utf8")).toBe(await compileStubs());
});
