import { inspect } from "node:util";
import { parseOrder } from "./order.ts";

try {
  parseOrder("{");
} catch (error) {
  const frames = error.stack.split("\n").filter((line: string) => line.trim().startsWith("at "));
  console.log(
    error.constructor.name,
    frames.some((line: string) => line.includes("parseOrder")),
  );
}
Error.prepareStackTrace = (_error, sites) =>
  sites
    .map((site) => site.getFunctionName())
    .filter(Boolean)
    .join();
console.log(new Error("x").stack?.includes("Object") ?? false, typeof inspect(new Error("y")));
Error.prepareStackTrace = undefined;
async function outer(): Promise<void> {
  await inner();
}
async function inner(): Promise<void> {
  await null;
  throw new Error("async");
}
await outer().catch((error) => console.log(/at async outer/.test(error.stack)));
