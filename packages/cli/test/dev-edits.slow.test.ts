import { expect, test } from "vitest";
import { randomEdits } from "./dev-edits.ts";

test("after each of 500 edits the app says what the files say, and memory stays flat", {
  timeout: 600_000,
}, async () => {
  const memory = await randomEdits(500, 2026);
  console.log(`resident MB of sbp dev over 500 edits: ${memory.join(", ")}`);
  // Between the first fifth and the end; the garbage collector takes its time.
  expect(memory.at(-1)! - memory[2]!).toBeLessThan(80);
});
