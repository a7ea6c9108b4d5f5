import { setTimeout as wait } from "node:timers/promises";
import { loaded, order } from "./late.ts";

order.push("main");
const { default: value } = await import("./value.ts");
await wait(1);
for await (const item of (async function* () {
  yield* ["a", "b"];
})())
  order.push(item);
console.log(loaded, value, order.join());
console.log(typeof require, this === undefined, import.meta.main, new URL(import.meta.url).protocol);
