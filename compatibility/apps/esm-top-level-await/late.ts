import { setImmediate } from "node:timers/promises";

export const order = ["late"];
await setImmediate();
export const loaded = await Promise.resolve("loaded");
