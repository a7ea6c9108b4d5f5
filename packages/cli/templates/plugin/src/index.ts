import { definePlugin, SbpError } from "@sbp/core";
import { options } from "./options.ts";

/** Lists the bundle's files by size. Replace it by what you need: docs/plugins.md of sbp tells the rest. */
export default definePlugin({
  name: "{{name}}",
  options,
  // What it takes from the steps before it, and what it makes; once for the project, or once per "target".
  consumes: ["bundle"],
  produces: ["report"],
  scope: "project",
  async run({ options, artifacts, report, write }) {
    const { files } = artifacts.bundle;
    if (files.length === 0) {
      // What, where, and what to do next: never a bare Error.
      throw new SbpError("BUNDLE_EMPTY", "The bundle has no files", { hint: "Put a `bundle` step before." });
    }
    for (const { path, size } of files) {
      if (size > options.warnAbove)
        report({ severity: "warning", code: "FILE_LARGE", message: `${path} has ${size} bytes` });
    }
    // No clock, no random names, no absolute paths: the same inputs give the same bytes.
    const lines = [...files].sort((a, b) => b.size - a.size).map(({ path, size }) => `${size}\t${path}\n`);
    await write("report", { files: files.length }, (out) => out.file("{{short}}.txt", lines.join("")));
  },
});
