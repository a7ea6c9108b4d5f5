import { describe, expect, test } from "vitest";
import { folder, sbp } from "./sbp.ts";

describe("a plugin that waits for what never comes", () => {
  test("fails, and the other lanes come to their end", async () => {
    const cwd = await folder({
      "package.json": '{"name":"demo"}',
      "sbp.config.json": '{"pipeline":[{"use":"./step.mjs"}]}',
      "step.mjs": `export default {
  name: "step",
  lanes: () => ["linux-x64", "linux-arm64"],
  produces: ["report"],
  scope: "target",
  async run({ target, write, log }) {
    if (target === "linux-arm64") await new Promise(() => {});
    await write("report", {}, (out) => out.file("r.txt", target));
    log.info(target + " is done");
  },
};
`,
    });
    const { code, stdout, stderr } = await sbp(["build"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("error SBP_PLUGIN_STUCK: The plugin waits for something that never comes");
    expect(stderr).toContain("(step step)");
    expect(stdout + stderr).toContain("linux-x64 is done");
  });
});
