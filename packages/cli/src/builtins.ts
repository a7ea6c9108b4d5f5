import type { Builtins } from "@sbp/core";

/** The plugins that `use` knows by a bare name, in the order in which they usually stand. Loaded when used. */
export const builtins = {
  bundle: async () => (await import("@sbp/plugin-bundle")).default,
  "cross-target": async () => (await import("@sbp/plugin-cross-target")).default,
  strip: async () => (await import("@sbp/plugin-strip")).default,
  "embed-runtime": async () => (await import("@sbp/plugin-embed-runtime")).default,
  "scratch-image": async () => (await import("@sbp/plugin-scratch-image")).default,
  command: async () => (await import("@sbp/plugin-command")).default,
  scan: async () => (await import("@sbp/plugin-scan")).default,
} as const satisfies Builtins;
