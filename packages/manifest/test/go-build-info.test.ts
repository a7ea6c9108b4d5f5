import { fromBytes } from "@sbp/executable";
import { describe, expect, test } from "vitest";
import { base, contentSize, sample, sampleSegments } from "../../executable/test/sample.ts";
import { identify, ManifestError } from "../src/index.ts";

/* Build information that no Go compiler writes. What real ones write is in identify.slow.test.ts. */

/** A program with build information of these lines in its data. */
function program(lines: string, version = "go1.24.4"): Uint8Array {
  const varint = (value: number): number[] =>
    value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
  const text = (value: string) => Buffer.concat([Buffer.from(varint(value.length)), Buffer.from(value)]);
  const header = Buffer.concat([
    Buffer.from("\xff Go buildinf:", "latin1"),
    Buffer.from([8, 2]),
    Buffer.alloc(16),
  ]);
  const sentinel = "0123456789abcdef";
  const info = Buffer.concat([header, text(version), text(`${sentinel}${lines}\n${sentinel}`)]);
  const segments = sampleSegments();
  segments[2] = {
    type: 1,
    flags: 6,
    offset: contentSize,
    address: base + 0x10000,
    fileSize: info.length,
    alignment: 0x1000,
  };
  return Buffer.concat([sample({}, segments), info]);
}

test("what Go writes is told", async () => {
  expect(await identify(fromBytes(program("path\ta.test/a\ndep\tb.test/b\tv1.0.0\th1:x")))).toMatchObject({
    what: "go",
    goVersion: "go1.24.4",
    path: "a.test/a",
    modules: [{ path: "b.test/b", version: "v1.0.0", sum: "h1:x" }],
  });
});

describe("is refused with a typed error, before it takes memory:", () => {
  test.each([
    ["millions of modules", "dep\ta\n".repeat(300_000)],
    ["megabytes of one module", `dep\t${"a".repeat(3 << 20)}`],
    ["replacements without end", `dep\ta\n${"=>\tb\n".repeat(100_000)}`],
  ])("%s", async (_, lines) => {
    const error = await identify(fromBytes(program(lines))).catch((error) => error);
    expect(error).toBeInstanceOf(ManifestError);
    expect(error.code).toBe("MANIFEST_MALFORMED");
  });
});
