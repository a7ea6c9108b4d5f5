import { checkContract } from "@sbp/core/testing";
import { expect, test } from "vitest";
import plugin from "../src/index.ts";

/** A program that needs nothing else, as another plugin may make one. */
const busybox = { copyOf: "/bin/busybox", executable: true };

test("the plugin keeps the contract for executables of other plugins", async () => {
  const findings = await checkContract(
    {
      plugin,
      options: { files: [{ from: "conf", to: "/etc/demo" }] },
      files: { "package.json": '{"name":"demo","license":"MIT"}', "conf/demo.conf": "a=1", "other.txt": "x" },
      artifacts: { executable: () => ({ files: { demo: busybox } }) },
    },
    {
      mistakes: {
        "a file that is not there": {
          change: { options: { files: [{ from: "config", to: "/etc/demo" }] } },
          code: "SBP_IMAGE_FILES",
        },
        "an executable that is none": {
          change: { artifacts: { executable: () => ({ files: { demo: "no program" } }) } },
          code: "SBP_IMAGE_EXECUTABLE",
        },
      },
    },
  );
  expect(findings).toEqual([]);
});
