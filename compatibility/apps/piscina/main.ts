import path from "node:path";
import { Piscina } from "piscina";

const pool = new Piscina({
  filename: path.join(import.meta.dirname, "worker.ts"),
  maxThreads: 2,
  idleTimeout: 100,
});
console.log(
  (await Promise.all([10, 20, 30].map((number) => pool.run({ number }, { name: "fibonacci" })))).join(),
);
console.log(await pool.run("text"));
await pool
  .run({ number: -1 }, { name: "fibonacci" })
  .catch((error) => console.log(error.constructor.name, error.message));
await pool.destroy();
