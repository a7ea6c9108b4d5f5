import { createRequire } from "node:module";
import { from } from "conditional-exports/feature";
import { kind } from "#internal/kind";

console.log(kind, from, createRequire(import.meta.url)("conditional-exports/feature").from);
console.log((await import(`#internal/${process.argv[2]}`)).kind);
await import("conditional-exports/private.js" as string).catch((error) => console.log(error.code));
