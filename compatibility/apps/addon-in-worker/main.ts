import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import bcrypt from "bcrypt";

const hash = (text: string) => bcrypt.hashSync(text, "$2b$04$abcdefghijklmnopqrstuu");
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: "secret" });
  const [hashed] = await once(worker, "message");
  console.log(hashed === hash("secret"), hashed);
} else parentPort?.postMessage(hash(workerData));
