import { once } from "node:events";
import { Worker } from "node:worker_threads";

const worker = new Worker(new URL("./worker.ts", import.meta.url));
const exited = once(worker, "exit");
worker.postMessage([1, 2, 3]);
const [{ sum, file }] = await once(worker, "message");
console.log(sum, file);
const [code] = await exited;
console.log(code);
