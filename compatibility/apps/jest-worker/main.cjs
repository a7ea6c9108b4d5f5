const { Worker } = require("jest-worker");
(async () => {
  const w = new Worker(require.resolve("./work"), {
    numWorkers: 1,
    enableWorkerThreads: process.argv[2] === "t",
  });
  console.log(await w.double(4));
  await w.end();
})();
