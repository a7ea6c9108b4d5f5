export type * from "./artifact.ts";
export * from "./error.ts";
export type * from "./event.ts";
export type { Json, JsonObject } from "./json.ts";
export { canonicalJson } from "./json.ts";
export { nearest } from "./nearest.ts";
export * from "./plugin.ts";
export type * from "./schema.ts";
export * from "./target.ts";
