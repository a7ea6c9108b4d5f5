import { execFile } from "node:child_process";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromFile } from "@sbp/executable";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type ForeignTool,
  foreignTool,
  foreignVersions,
  makeForeign,
} from "../../../tools/foreign-executables.ts";
import { identify } from "../src/index.ts";

/* What other tools make, by the real ones from the registry. */

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  for (const tool of ["node-sea", "bun", "deno"] as const) await foreignTool(tool);
  folder = await mkdtemp(join(tmpdir(), "sbp-foreign-"));
  await mkdir(join(folder, "app"));
  await writeFile(join(folder, "app/main.js"), 'console.log("hello");\n');
});
afterAll(() => rm(folder, { recursive: true }));

async function identified(path: string) {
  const file = await open(path);
  try {
    return await identify(await fromFile(file));
  } finally {
    await file.close();
  }
}

async function made(tool: ForeignTool): Promise<string> {
  const output = join(folder, tool);
  await makeForeign(tool, join(folder, "app"), output);
  // Deno's has the whole of Deno for a runtime (foreign-executables.ts), which does not start the app.
  if (tool !== "deno") expect((await run(output)).stdout).toBe("hello\n");
  return output;
}

test("an executable of Node's own making is told from Node itself", async () => {
  expect(await identified(await made("node-sea"))).toMatchObject({
    what: "node-sea",
    target: "linux-x64",
    runtimeVersion: foreignVersions["node-sea"],
    facts: ["its script was main.js of 22 bytes", "it has a code cache"],
    unknown: [expect.stringContaining("packages")],
  });
  expect(await identified(await foreignTool("node-sea"))).toMatchObject({ what: "node" });
});

test.for(["bun", "deno"] as const)("an executable of %s is told from the tool itself", async (tool) => {
  expect(await identified(await made(tool))).toMatchObject({
    what: tool,
    target: "linux-x64",
    runtimeVersion: foreignVersions[tool],
    unknown: [expect.stringContaining("packages")],
  });
  expect(await identified(await foreignTool(tool))).toMatchObject({ what: "other" });
});
