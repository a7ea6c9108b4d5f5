import { parentPort } from "node:worker_threads";
import { add } from "./add.ts";

parentPort?.once("message", (numbers: number[]) => {
  parentPort?.postMessage({
    sum: numbers.reduce(add),
    file: import.meta.url.split("/").at(-1)?.replace(/\W.*/, ""),
  });
});
