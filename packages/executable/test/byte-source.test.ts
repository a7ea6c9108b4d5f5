import { open, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ByteSource, fromBytes, fromFile } from "../src/index.ts";
import { openSource, temporaryFolder } from "./tools.ts";

const bytes = Buffer.from("0123456789");

async function sources(): Promise<ByteSource[]> {
  const path = join(await temporaryFolder(), "file");
  await writeFile(path, bytes);
  return [fromBytes(bytes), await openSource(path)];
}

test("reads what is there", async () => {
  for (const source of await sources()) {
    expect(source.size).toBe(10);
    expect(Buffer.from(await source.read(0, 10)).toString()).toBe("0123456789");
    expect(Buffer.from(await source.read(7, 3)).toString()).toBe("789");
    expect(await source.read(10, 0)).toHaveLength(0);
  }
});

test("refuses to read outside the file, before it allocates", async () => {
  const ranges = [
    [0, 11],
    [11, 0],
    [-1, 1],
    [5, -1],
    [0, 2 ** 50],
    [2 ** 53 - 1, 2 ** 53 - 1],
    [0.5, 1],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
  ] as const;
  for (const source of await sources())
    for (const [offset, length] of ranges)
      await expect(async () => source.read(offset, length)).rejects.toMatchObject({
        code: "EXECUTABLE_MALFORMED",
      });
});

test("notices a file that becomes shorter", async () => {
  const path = join(await temporaryFolder(), "file");
  await writeFile(path, bytes);
  const file = await open(path);
  try {
    const source = await fromFile(file);
    await truncate(path, 4);
    await expect(source.read(0, 10)).rejects.toMatchObject({ code: "EXECUTABLE_MALFORMED", offset: 4 });
  } finally {
    await file.close();
  }
});
