import { definePlugin } from "../src/index.ts";

definePlugin({
  name: "x",
  options: {
    type: "object",
    properties: {
      allow: { type: "array", items: { type: "string" } },
      n: { type: "integer", default: 3 },
      m: { type: "string", enum: ["a", "b"] },
    },
  },
  consumes: ["bundle"],
  produces: ["report"],
  scope: "project",
  async run({ options, artifacts }) {
    const a: readonly string[] | undefined = options.allow;
    const n: number = options.n;
    const m: "a" | "b" | undefined = options.m;
    // @ts-expect-error unknown
    options.zzz;
    void [a, n, m, artifacts.bundle];
  },
});
