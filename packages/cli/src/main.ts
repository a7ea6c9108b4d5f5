#!/usr/bin/env node
// Start-up is measured, so this file stays tiny: `--version` is answered before anything else is loaded, and
// what comes after it is compiled once and then read from the compile cache.
import { readFileSync } from "node:fs";

const words = process.argv.slice(2);

if (words.length === 1 && (words[0] === "--version" || words[0] === "-v")) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  process.stdout.on("error", () => {});
  process.stdout.write(`${version}\n`);
} else {
  await import("./compile-cache.ts");
  const { main } = await import("./command-line.ts");
  // A plugin may have left a timer or a socket behind; the command is over all the same.
  process.exit(await main(words));
}
