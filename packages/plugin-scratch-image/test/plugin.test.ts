import { isSbpError, type RunContext } from "@sbp/core";
import { expect, test } from "vitest";
import plugin from "../src/index.ts";

test("SBP_NOT_AVAILABLE, with what to do", async () => {
  const error = await plugin.transforms[0]!.run({} as RunContext).catch((error: unknown) => error);
  expect(isSbpError(error) && error.code).toBe("SBP_NOT_AVAILABLE");
  expect(isSbpError(error) && error.hint).toContain('Remove "scratch-image"');
});
