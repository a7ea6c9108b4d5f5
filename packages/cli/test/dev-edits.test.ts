import { expect, test } from "vitest";
import { randomEdits } from "./dev-edits.ts";

test("after each of 25 edits the app says what the files say", async () => {
  expect((await randomEdits(25, 7)).length).toBeGreaterThan(0);
});
