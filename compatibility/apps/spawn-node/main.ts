import { execFileSync, execSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./script.mjs", import.meta.url));
const child = spawn(process.execPath, [script, "--flag", "a b"], { stdio: ["pipe", "pipe", "inherit"] });
child.stdin.end("given");
let text = "";
child.stdout.on("data", (chunk) => {
  text += chunk;
});
const [code] = await once(child, "close");
console.log(code, text.trim());
console.log(
  spawnSync(process.execPath, ["--stack-trace-limit=3", "-p", "Error.stackTraceLimit"], {
    encoding: "utf8",
  }).stdout.trim(),
);
console.log(
  /^v\d+\.\d+\.\d+$/.test(execFileSync(process.execPath, ["--version"], { encoding: "utf8" }).trim()),
);
console.log(execSync(`"${process.execPath}" "${script}" shell`, { encoding: "utf8", input: "" }).trim());
console.log(
  spawnSync(process.execPath, ["-"], { input: "console.log('from stdin')", encoding: "utf8" }).stdout.trim(),
);
console.log(spawnSync(process.execPath, ["--no-such-flag"], { encoding: "utf8" }).status);
