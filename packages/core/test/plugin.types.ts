import { definePlugin, type ObjectSchema, type OptionsOf } from "../src/index.ts";

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

// A schema in a file of its own, with everything that one may hold.
const options = {
  type: "object",
  properties: {
    entry: { type: "string" },
    level: { type: "integer", minimum: 0, default: 6 },
    mode: { anyOf: [{ type: "boolean" }, { const: "auto" }], default: "auto" },
    labels: { type: "object", additionalProperties: { type: "string" } },
    files: {
      type: "array",
      items: {
        type: "object",
        properties: { from: { type: "string" }, mode: { type: "string", default: "0644" } },
        required: ["from"],
      },
    },
  },
  required: ["entry"],
} as const satisfies ObjectSchema;

/** True where two types are the same, in both directions. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Options = OptionsOf<typeof options>;
const same: readonly true[] = [
  true satisfies Same<Options["entry"], string>,
  true satisfies Same<Options["level"], number>,
  true satisfies Same<Options["mode"], boolean | "auto">,
  true satisfies Same<NonNullable<Options["labels"]>[string], string>,
  true satisfies Same<NonNullable<Options["files"]>[number]["from"], string>,
  true satisfies Same<NonNullable<Options["files"]>[number]["mode"], string>,
  // What is neither required nor has a default may be missing.
  true satisfies Same<undefined extends Options["files"] ? true : false, true>,
  true satisfies Same<undefined extends Options["level"] ? true : false, false>,
];
void same;

definePlugin({
  name: "z",
  options,
  // Its options say what it makes.
  transformsFor: (given) => [
    {
      produces: given.mode === "auto" ? ["report"] : [],
      scope: "project",
      reads: ["entry", "level"],
      async run({ options: own }) {
        const entry: string = own.entry;
        // @ts-expect-error not one of them
        const wrong: "fast" = given.mode;
        void [entry, wrong];
      },
    },
  ],
});
