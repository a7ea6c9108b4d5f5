// What a service does, for places where there is nothing but this program. Prints what came of it, as JSON.
// Arguments: a JSON object with a key and a certificate for localhost, and what there is in the place.
const { fork, spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const dgram = require("node:dgram");
const dns = require("node:dns");
const { once } = require("node:events");
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const { Worker } = require("node:worker_threads");

if (process.argv[2] === "child") {
  process.send({ from: "child", to: process.argv[3] });
  process.disconnect();
} else main(JSON.parse(process.argv[2] ?? "{}"));

async function main({ key, cert, network = true, resolver = false, rights = false, folder }) {
  const told = { version: process.version, uid: process.getuid(), proc: fs.existsSync("/proc/self/exe") };
  told.execPath = process.execPath;
  const worker = new Worker("require('node:worker_threads').parentPort.postMessage(6 * 7)", { eval: true });
  [told.worker] = await once(worker, "message");
  const child = fork(process.argv[1], ["child", "parent"]);
  [told.fork] = await once(child, "message");
  told.spawn = spawnSync(process.execPath, ["-p", "process.version"], { encoding: "utf8" }).stdout.trim();
  told.libc = process.report.getReport().header.glibcVersionRuntime;
  told.sha256 = createHash("sha256").update("abc").digest("hex").slice(0, 8);
  told.date = new Date(0).toLocaleDateString("en", { timeZone: "UTC", dateStyle: "long" });
  if (network) {
    const plain = http.createServer((_, response) => response.end("plain"));
    told.http = await ask(http, plain, {});
    if (key)
      told.https = await ask(
        https,
        https.createServer({ key, cert }, (_, response) => response.end("secret")),
        { ca: cert },
      );
  }
  if (resolver) {
    told.resolved = await resolve();
    told.hosts = (await dns.promises.lookup("by-file.test")).address;
  }
  if (folder) {
    const file = `${folder}/file`;
    fs.writeFileSync(file, "x".repeat(1e6));
    told.written = fs.statSync(file).size;
    fs.rmSync(file);
  }
  if (rights) told.rights = rightsOfProcess();
  await new Promise((done) => setTimeout(done, 1));
  console.log(JSON.stringify(told));
}

function rightsOfProcess() {
  const status = fs.readFileSync("/proc/self/status", "utf8");
  const field = (name) => new RegExp(`^${name}:\\s*(\\S+)$`, "m").exec(status)[1];
  return {
    capabilities: ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((name) => parseInt(field(name), 16)),
    noNewPrivileges: field("NoNewPrivs"),
    seccomp: field("Seccomp"),
    openFiles: process.report.getReport().userLimits.open_files,
  };
}

async function ask(client, server, options) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  const request = client.get({ host: "127.0.0.1", servername: "localhost", port, agent: false, ...options });
  const [response] = await once(request, "response");
  const text = (await response.toArray()).join("");
  server.close();
  return text;
}

// A name server of our own, which the C library asks, as /etc/resolv.conf says.
async function resolve() {
  const server = dgram.createSocket("udp4", (question, from) => {
    const isA =
      question.readUInt16BE(question.length - 4) === 1 || question.includes(Buffer.from([0, 0, 1, 0, 1]));
    const end = question.indexOf(0, 12) + 5;
    const head = Buffer.from(question.subarray(0, end));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(isA ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
    server.send(isA ? Buffer.concat([head, answer]) : head, from.port, from.address);
  });
  server.bind(53, "127.0.0.1");
  await once(server, "listening");
  const { address } = await dns.promises.lookup("by-server.test", { family: 4 });
  server.close();
  return address;
}
