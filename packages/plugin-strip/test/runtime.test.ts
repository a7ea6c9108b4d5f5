import { execFile } from "node:child_process";
import { copyFile, open, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Artifact, isSbpError } from "@sbp/core";
import { fromFile, readElf } from "@sbp/executable";
import { beforeAll, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { artifactOf, makeFolder, strip } from "./strip.ts";

const bytesOf = ({ files }: Artifact) => files.reduce((sum, { size }) => sum + size, 0);
const meta = { version: "26.10.0", file: "node" };
let official: string;

beforeAll(async () => {
  official = await testRuntime("26.10.0", "linux-x64");
});

async function runtimeOf(files: Readonly<Record<string, string>>): Promise<Artifact> {
  const folder = await makeFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  return artifactOf("runtime", folder, meta);
}

test("an official Node loses its symbols; the other files stay", async () => {
  const folder = await makeFolder();
  await copyFile(official, path.join(folder, "node"));
  await writeFile(path.join(folder, "LICENSE"), "the licence");
  const runtime = await artifactOf("runtime", folder, meta);
  const { folder: stripped, output } = await strip("runtime", runtime);
  expect(output.meta).toEqual({
    ...meta,
    stripped: { before: bytesOf(runtime), after: bytesOf(output) },
    strip: [{ symbols: "strip" }],
  });
  expect(bytesOf(output)).toBeLessThan(bytesOf(runtime));
  expect(output.files.map(({ path, executable }) => [path, executable])).toEqual([
    ["LICENSE", false],
    ["node", true],
  ]);
  const node = path.join(stripped, "node");
  expect((await stat(official)).size - (await stat(node)).size).toBeGreaterThan(30_000_000);
  const handle = await open(node);
  try {
    expect((await readElf(await fromFile(handle))).sections).toEqual([]);
  } finally {
    await handle.close();
  }
});

test("symbols may stay", async () => {
  const runtime = await runtimeOf({ node: "anything" });
  const { output } = await strip("runtime", runtime, { symbols: "keep" });
  expect(output.meta).toEqual({ ...meta, strip: [{ symbols: "keep" }] });
  expect((await output.read("node")).toString()).toBe("anything");
});

test("what is no ELF file passes through", async () => {
  const { output } = await strip("runtime", await runtimeOf({ "node.exe": "MZ...", empty: "" }));
  expect(output.meta).toEqual({ ...meta, strip: [{ symbols: "strip" }] });
  expect((await output.read("node.exe")).toString()).toBe("MZ...");
});

test("SBP_STRIP_RUNTIME: an ELF file that cannot be understood", async () => {
  const runtime = await runtimeOf({ node: `\x7fELF\x02\x01\x01${"\0".repeat(100)}` });
  const error = await strip("runtime", runtime).catch((error) => error);
  expect(isSbpError(error) && error.code).toBe("SBP_STRIP_RUNTIME");
  expect(error.hint).toContain('"symbols": "keep"');
});

test("a runtime of this machine still runs", async () => {
  const folder = await makeFolder();
  await copyFile(process.execPath, path.join(folder, "node"));
  const { folder: stripped } = await strip("runtime", await artifactOf("runtime", folder, meta));
  const { stdout } = await promisify(execFile)(path.join(stripped, "node"), ["-p", "6 * 7"]);
  expect(stdout).toBe("42\n");
});

test("cancelling", async () => {
  const reason = new Error("stop");
  const cancelled = strip("runtime", await runtimeOf({ node: "x" }), {}, AbortSignal.abort(reason));
  await expect(cancelled).rejects.toBe(reason);
});
