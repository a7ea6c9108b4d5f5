import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendEdit, applyEdit } from "../src/index.ts";
import { temporaryFolder } from "./tools.ts";

async function input(content = "0123456789", mode = 0o644) {
  const folder = await temporaryFolder();
  const from = join(folder, "input");
  await writeFile(from, content);
  await chmod(from, mode);
  return { folder, from, to: join(folder, "output") };
}

const patch = (offset: number, text: string) => ({ offset, bytes: Buffer.from(text) });

test("keeps, fills with zeros, then patches", async () => {
  const { from, to } = await input();
  await applyEdit(from, to, { keep: 4, size: 8, patches: [patch(1, "ab"), patch(7, "!")] });
  expect(await readFile(to, "latin1")).toBe("0ab3\0\0\0!");
  expect(await readFile(from, "latin1")).toBe("0123456789");
});

test("appends parts one after the other", async () => {
  const { from, to } = await input();
  await applyEdit(from, to, appendEdit(10, [Buffer.from("ab"), new Uint8Array(), Buffer.from("c")]));
  expect(await readFile(to, "latin1")).toBe("0123456789abc");
});

test("added zeros take no space", async () => {
  const { from, to } = await input();
  await applyEdit(from, to, { keep: 10, size: 64 * 1024 * 1024, patches: [] });
  const { size, blocks } = await stat(to);
  expect(size).toBe(64 * 1024 * 1024);
  expect(blocks * 512).toBeLessThan(1024 * 1024);
});

test("the output can run, even when the input can only be read", async () => {
  const { from, to } = await input("#!/bin/sh\necho ran", 0o444);
  await applyEdit(from, to, { keep: 14, size: 18, patches: [patch(14, " ran")] });
  expect((await stat(to)).mode & 0o777).toBe(0o755);
});

test("replaces the output at once, and may replace the input", async () => {
  const { folder, from, to } = await input();
  await writeFile(to, "something longer that was there before");
  await applyEdit(from, to, { keep: 1, size: 1, patches: [] });
  expect(await readFile(to, "latin1")).toBe("0");
  await applyEdit(from, from, { keep: 2, size: 2, patches: [] });
  expect(await readFile(from, "latin1")).toBe("01");
  expect((await readdir(folder)).sort()).toEqual(["input", "output"]);
});

test("a failure leaves what was there, and nothing else", async () => {
  const { folder, from, to } = await input();
  await writeFile(to, "before");
  const reason = new Error("stop");
  const aborted = AbortSignal.abort(reason);
  await expect(applyEdit(from, to, { keep: 1, size: 1, patches: [] }, { signal: aborted })).rejects.toBe(
    reason,
  );
  await expect(applyEdit(from, to, { keep: 11, size: 11, patches: [] })).rejects.toThrow(RangeError);
  await expect(applyEdit(join(folder, "none"), to, appendEdit(0, []))).rejects.toMatchObject({
    code: "ENOENT",
  });
  expect(await readFile(to, "latin1")).toBe("before");
  expect((await readdir(folder)).sort()).toEqual(["input", "output"]);
});

test("an abort between two patches leaves nothing", async () => {
  const { folder, from, to } = await input();
  const controller = new AbortController();
  let accesses = 0;
  const patches = [
    patch(0, "a"),
    {
      offset: 1,
      // The first access checks the size, the second writes.
      get bytes() {
        if (++accesses === 2) controller.abort();
        return Buffer.from("b");
      },
    },
    patch(2, "c"),
  ];
  await expect(applyEdit(from, to, { keep: 10, size: 10, patches }, controller)).rejects.toMatchObject({
    name: "AbortError",
  });
  expect(accesses).toBe(2);
  expect(await readdir(folder)).toEqual(["input"]);
});

test("refuses edits that contradict themselves", async () => {
  const { from, to } = await input();
  for (const edit of [
    { keep: 5, size: 4, patches: [] },
    { keep: -1, size: 4, patches: [] },
    { keep: 1, size: 4, patches: [patch(3, "ab")] },
    { keep: 1, size: 4, patches: [patch(-1, "ab")] },
    { keep: 1.5, size: 4, patches: [] },
  ])
    await expect(applyEdit(from, to, edit)).rejects.toThrow(RangeError);
});
