const path = require("node:path");
const {
  MessageChannel,
  Worker,
  isMainThread,
  threadId,
  SHARE_ENV,
  setEnvironmentData,
} = require("node:worker_threads");

async function main() {
  setEnvironmentData("unit", "m");
  const { port1, port2 } = new MessageChannel();
  const buffer = new ArrayBuffer(8);
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(path.join(__dirname, "worker.cjs"), {
    workerData: { depth: 2, port: port2, buffer, shared },
    transferList: [port2, buffer],
    argv: ["x"],
    env: SHARE_ENV,
    name: "first",
    resourceLimits: { maxOldGenerationSizeMb: 64 },
    stdout: true,
  });
  const messages = [];
  port1.on("message", (message) => messages.push(message));
  let printed = "";
  worker.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  const code = await new Promise((resolve) => worker.on("exit", resolve));
  port1.close();
  console.log(
    isMainThread,
    threadId,
    buffer.byteLength,
    Atomics.load(shared, 0),
    code,
    process.env.FROM_WORKER,
  );
  for (const message of messages) console.log(JSON.stringify(message));
  console.log(printed.trim());
  const failing = new Worker("throw new TypeError('in eval')", { eval: true });
  const error = await new Promise((resolve) => failing.on("error", resolve));
  console.log(error.name, error.message);
  const missing = new Worker(path.join(__dirname, "missing.cjs"));
  console.log((await new Promise((resolve) => missing.on("error", resolve))).code);
}
main();
