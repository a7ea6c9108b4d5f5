import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { version: { type: "boolean" } },
});

// Where the executable runs, not where it was built.
if (values.version) console.log(`greet 1.0.0 (${process.platform}-${process.arch})`);
else console.log(`hello ${positionals[0] ?? "world"}`);
