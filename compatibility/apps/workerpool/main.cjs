const path = require("node:path");
const workerpool = require("workerpool");

async function main() {
  const inline = workerpool.pool({ workerType: "thread" });
  console.log(await inline.exec((a, b) => a * b, [6, 7]));
  await inline.terminate();
  for (const workerType of ["thread", "process"]) {
    const pool = workerpool.pool(path.join(__dirname, "worker.cjs"), { workerType, maxWorkers: 1 });
    console.log(workerType, await pool.exec("reverse", ["stressed"]));
    await pool.terminate();
  }
}
main();
