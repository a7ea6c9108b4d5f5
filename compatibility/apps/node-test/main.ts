import { run } from "node:test";
import { fileURLToPath } from "node:url";

for (const isolation of ["none", "process"] as const) {
  const results: string[] = [];
  const stream = run({ files: [fileURLToPath(new URL("./sum.test.mjs", import.meta.url))], isolation });
  stream.on("test:pass", ({ name, nesting }) => void (nesting === 1 && results.push(`pass ${name}`)));
  stream.on("test:fail", ({ name, nesting }) => void (nesting === 1 && results.push(`fail ${name}`)));
  for await (const _event of stream);
  console.log(isolation, results.join("; "));
}
// The failing test sets it.
process.exitCode = 0;
