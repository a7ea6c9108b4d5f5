import { text } from "node:stream/consumers";

console.log(process.argv.slice(2).join("|"), await text(process.stdin));
process.exitCode = process.argv.includes("--flag") ? 4 : 0;
