import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { randomEdits } from "./edits.ts";

test.each([
  [1, {}],
  [2, { conditions: ["special"], tsconfig: "other/tsconfig.json", format: "esm" }],
  [3, { external: ["pkg"], assets: ["assets", "more/**/*.txt"], include: ["node_modules/reader/extra*"] }],
  [4, { exclude: ["node_modules/@s/p", "assets/b*"], assets: ["assets"], minify: true }],
])(
  "after each of 125 edits a warm store gives what an empty one gives (%i: %j)",
  { timeout: 600_000 },
  async (seed, options) => {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), "sbp-edits-")));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { built, differences } = await randomEdits({ folder, options, edits: 125, seed });
    expect(differences).toEqual([]);
    // The others are refused, in the same words.
    expect(built).toBeGreaterThan(40);
  },
);
