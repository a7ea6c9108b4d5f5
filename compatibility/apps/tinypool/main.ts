import Tinypool from "tinypool";

const pool = new Tinypool({
  filename: new URL("./work.mjs", import.meta.url).href,
  minThreads: 1,
  maxThreads: 1,
});
console.log(await pool.run({ a: 4, b: 6 }));
await pool.recycleWorkers({ runtime: "child_process" });
console.log(await pool.run({ a: 1, b: 2 }, { runtime: "child_process" }));
await pool.destroy();
