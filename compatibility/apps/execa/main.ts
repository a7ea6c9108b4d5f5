import { fileURLToPath } from "node:url";
import { execa, execaNode } from "execa";

const { stdout } = await execaNode(fileURLToPath(new URL("./child.mjs", import.meta.url)), ["a", "b c"]);
console.log(stdout);
const failed = await execa(process.execPath, ["-e", "process.exitCode = 3"], { reject: false });
console.log(failed.exitCode, failed.failed);
const { stdout: piped } = await execa({ input: "text" })(process.execPath, [
  "-p",
  "require('node:fs').readFileSync(0, 'utf8').toUpperCase()",
]);
console.log(piped);
