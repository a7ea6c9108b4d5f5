import os from "node:os";
import path from "node:path";

console.log(
  JSON.stringify(process.argv.slice(2)),
  process.argv.length,
  process.execArgv.length,
  typeof process.argv0,
);
console.log(
  path.isAbsolute(process.argv[0]),
  path.isAbsolute(process.argv[1]),
  process.execPath === process.argv[0],
);
console.log(
  typeof process.title,
  typeof process.pid,
  /^v\d+\.\d+\.\d+$/.test(process.version),
  process.release.name,
);
console.log(process.env.NOT_SET, Object.hasOwn(process.env, "NOT_SET"), "NODE_OPTIONS" in process.env);
console.log(
  path.resolve("x") === path.join(process.cwd(), "x"),
  os.EOL === (process.platform === "win32" ? "\r\n" : "\n"),
);
process.on("exit", (code) => console.log("exit", code));
process.on("beforeExit", () => console.log("before"));
process.exitCode = 5;
