const {
  Worker,
  workerData,
  isMainThread,
  getEnvironmentData,
  resourceLimits,
} = require("node:worker_threads");

const { depth, port, buffer, shared } = workerData;
Atomics.add(shared, 0, depth);
process.env.FROM_WORKER = "set";
if (port)
  port.postMessage({
    depth,
    bytes: buffer.byteLength,
    isMainThread,
    args: process.argv.slice(2),
    unit: getEnvironmentData("unit"),
    limit: resourceLimits.maxOldGenerationSizeMb,
  });
console.log("worker", depth);
if (depth > 1) new Worker(__filename, { workerData: { depth: depth - 1, shared } });
