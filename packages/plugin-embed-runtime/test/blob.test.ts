import { describe, expect, test } from "vitest";
import { frameBlob, frameFromSamples } from "../src/blob.ts";

const sample = (pack: string, blob: (framed: Buffer) => Buffer) => ({
  pack: Buffer.from(pack),
  blob: blob(
    Buffer.concat(frameBlob({ prefix: Buffer.alloc(0), suffix: Buffer.alloc(0) }, [Buffer.from(pack)])),
  ),
});
const samples = (blob: (framed: Buffer) => Buffer) =>
  [sample("first", blob), sample("the second", blob)] as const;

describe("the frame of the pack in a blob", () => {
  test("is what two blobs have in common", () => {
    const [first, second] = samples((framed) =>
      Buffer.concat([Buffer.from("before"), framed, Buffer.from("after")]),
    );
    const frame = frameFromSamples(first, second);
    expect(Buffer.concat(frameBlob(frame, [Buffer.from("th"), Buffer.from("ird")])).toString("latin1")).toBe(
      "before\u0005\0\0\0\0\0\0\0thirdafter",
    );
  });

  test.each<[string, (framed: Buffer) => Buffer]>([
    ["lengths of another size", (framed) => framed.subarray(4)],
    ["a total length", (framed) => Buffer.concat([Buffer.from([framed.length]), framed])],
    ["padding", (framed) => Buffer.concat([framed, Buffer.alloc(64 - framed.length)])],
    ["no pack", () => Buffer.from("nothing")],
  ])("is not guessed in a blob with %s", (_, blob) => {
    expect(() => frameFromSamples(...samples(blob))).toThrow(
      expect.objectContaining({ code: "SBP_RUNTIME_BLOB_FORMAT" }),
    );
  });
});
