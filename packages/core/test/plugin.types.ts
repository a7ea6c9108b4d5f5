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

definePlugin({
  name: "y",
  options: { type: "object", properties: { a: { type: "string" }, b: { type: "string" } } },
  transforms: [
    {
      produces: ["report"],
      scope: "target",
      reads: (target) => (target === "linux-x64" ? ["a"] : ["b"]),
      async run({ options }) {
        const a: string | undefined = options.a;
        void a;
      },
    },
    {
      name: "wrong",
      produces: ["report"],
      scope: "target",
      // @ts-expect-error unknown
      reads: () => ["zzz"],
      async run() {},
    },
  ],
});
