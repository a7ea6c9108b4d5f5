#!/usr/bin/env node
// Start-up is measured, so this file stays tiny: `--version` is answered before anything else is loaded, and
// what comes after it is compiled once and then read from a cache.
import { readFileSync } from "node:fs";

/** Set by the build of the package. */
declare const SBP_BUILD_ID: string | undefined;

const words = process.argv.slice(2);

if (words.length === 1 && (words[0] === "--version" || words[0] === "-v")) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  process.stdout.on("error", () => {});
  process.stdout.write(`${version}\n`);
} else {
  const { main } = await (typeof SBP_BUILD_ID === "undefined"
    ? import("./compile-cache.ts").then(() => import("./command-line.ts"))
    : import("./bundled-command.ts"));
  // A plugin may have left a timer or a socket behind; the command is over all the same.
  process.exit(await main(words));
}
