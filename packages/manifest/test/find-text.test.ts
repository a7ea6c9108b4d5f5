import { fromBytes } from "@sbp/executable";
import { expect, test } from "vitest";
import { findText } from "../src/find-text.ts";

const version = { mark: "Tool v", pattern: /^Tool v(\d+\.\d+)/ };

/** A source that counts what is read of it. */
function counted(bytes: Uint8Array) {
  const source = fromBytes(bytes);
  let read = 0;
  return {
    size: source.size,
    async read(offset: number, length: number) {
      read += length;
      return source.read(offset, length);
    },
    get count() {
      return read;
    },
  };
}

test("a text is found wherever it is, also where pieces meet", async () => {
  for (const at of [0, (1 << 20) - 3, (1 << 20) + 5, 3 << 20]) {
    const bytes = Buffer.alloc((3 << 20) + 100, "Tool vx ");
    // Fewer lookalikes than a file may have.
    bytes.fill(0, 8000);
    bytes.write("Tool v1.2\0", at);
    expect(await findText(fromBytes(bytes), [{ offset: 0, size: bytes.length }], version)).toBe("1.2");
  }
});

test("a file that is full of what a version begins with has none", async () => {
  const source = counted(Buffer.alloc(32 << 20, "Tool v"));
  expect(await findText(source, [{ offset: 0, size: source.size }], version)).toBeUndefined();
  expect(source.count).toBeLessThan(2 << 20);
});

test("ranges that are one and the same are not read for ever", async () => {
  const source = counted(Buffer.alloc(16 << 20));
  const ranges = Array.from({ length: 1000 }, () => ({ offset: 0, size: source.size }));
  expect(await findText(source, ranges, version)).toBeUndefined();
  expect(source.count).toBeLessThan(1.1 * 2 ** 30);
});
