import { expect, test } from "vitest";
import {
  elfDescriptionAddress,
  elfInterpreter,
  elfProgram,
  elfTail,
  elfTailDescription,
  fromBytes,
  planElfTemplate,
  readElf,
} from "../src/index.ts";
import { base, changedSegment, page, sample, sampleSegments } from "./sample.ts";

/* An executable in two files: a program, and the runtime as its interpreter. Real ones run in the tests of images. */

const interpreter = "/usr/lib/sbp/node";

async function template(segments = sampleSegments(), change: (bytes: Uint8Array) => void = () => {}) {
  const bytes = sample({}, segments);
  change(bytes);
  const { edit, template } = await planElfTemplate(await readElf(fromBytes(bytes)), { noteName: "PAYLOAD" });
  const start = Buffer.alloc(edit.size);
  start.set(bytes.subarray(0, edit.keep));
  for (const { offset, bytes } of edit.patches) start.set(bytes, offset);
  return { template, start };
}

test("what the runtime's segments have in memory alone is in its file, on whole pages", async () => {
  const { template: description, start } = await template();
  const { header, tail } = await elfInterpreter(fromBytes(start), description);
  const bytes = Buffer.concat([header, start.subarray(header.length), ...tail]);
  const { programHeaders } = await readElf(fromBytes(bytes));
  const loads = programHeaders.filter(({ type }) => type === 1);
  expect(loads.every(({ fileSize, memorySize }) => fileSize === memorySize)).toBe(true);
  expect(loads.map(({ address, memorySize, flags }) => [address, memorySize, flags])).toEqual([
    [base, 2 * page, 5],
    [base + 3 * page, page, 6],
    // The .bss.
    [base + 4 * page, page, 6],
  ]);
  const zeros = loads.at(-1)!;
  expect(bytes.subarray(zeros.offset, zeros.offset + zeros.fileSize).every((byte) => byte === 0)).toBe(true);
  // A note of the runtime's own stays: the stub looks at the program's headers.
  expect(programHeaders.map(({ type }) => type)).toEqual([1, 1, 1, 4]);
});

test("what follows a segment in its last page stays where the segment has all of its memory in the file", async () => {
  const short = changedSegment(1, { fileSize: 2 * page - 100, memorySize: 2 * page - 100 });
  const made = await template(short, (bytes) => bytes.fill(1, 2 * page - 100, 2 * page));
  const { header, tail } = await elfInterpreter(fromBytes(made.start), made.template);
  const bytes = Buffer.concat([header, made.start.subarray(header.length), ...tail]);
  const { programHeaders } = await readElf(fromBytes(bytes));
  expect(programHeaders.find(({ flags }) => flags === 5)).toMatchObject({ fileSize: 2 * page - 100 });
});

test("the program has the payload where the executable has it, and names the runtime", async () => {
  const { template: description } = await template();
  const parts = [Buffer.from("pay"), Buffer.from("load")];
  const bytes = Buffer.concat(elfProgram(description, parts, { machine: "x86-64", interpreter }));
  const { header, programHeaders, notes } = await readElf(fromBytes(bytes));
  expect(header).toMatchObject({ machine: "x86-64", type: "executable" });
  const [named, load, stack, note] = programHeaders;
  expect(bytes.toString("latin1", named!.offset, named!.offset + named!.fileSize)).toBe(`${interpreter}\0`);
  expect(programHeaders.map(({ type }) => type)).toEqual([3, 1, 0x6474e551, 4]);
  expect(stack!.flags).toBe(6);
  expect(load).toMatchObject({ offset: 0, address: description.address, flags: 4 });
  const place = notes[0]!.description;
  expect(bytes.toString("latin1", place.offset, place.offset + place.size)).toBe("payload");
  expect(note!.address - note!.offset + place.offset).toBe(elfDescriptionAddress(description));
});

test("the payload is found in the executable's tail", async () => {
  const { template: description } = await template();
  for (const payload of [Buffer.alloc(0), Buffer.from("payload"), Buffer.alloc(100_000, 7)]) {
    const tail = Buffer.concat(elfTail(description, [payload]));
    expect(payload.equals(elfTailDescription(description, tail))).toBe(true);
  }
  const tail = Buffer.concat(elfTail(description, [Buffer.from("payload")]));
  const other = { ...description, noteName: "ANOTHER" };
  for (const wrong of [Buffer.alloc(0), tail.subarray(0, 300), tail.fill(0)])
    expect(() => elfTailDescription(description, wrong)).toThrow(
      expect.objectContaining({ code: "EXECUTABLE_MALFORMED" }),
    );
  expect(() => elfTailDescription(other, Buffer.concat(elfTail(description, [])))).toThrow(
    expect.objectContaining({ code: "EXECUTABLE_MALFORMED" }),
  );
});

test("a runtime that needs an interpreter, or has something behind a segment, is refused", async () => {
  const refused = async ({ template: description, start }: Awaited<ReturnType<typeof template>>) =>
    expect(elfInterpreter(fromBytes(start), description)).rejects.toMatchObject({
      code: "EXECUTABLE_UNSUPPORTED",
    });
  const named = { type: 3, offset: page, address: base + page, fileSize: 8, alignment: 1 };
  await refused(await template([...sampleSegments(), named]));
  // The data ends before its page does, and a byte that is no part of it follows.
  const short = changedSegment(2, { fileSize: page - 8 });
  await refused(
    await template(
      [...short, { type: 4, offset: 3 * page - 4, address: base + 4 * page - 4, fileSize: 4 }],
      (bytes) => {
        bytes[3 * page - 1] = 1;
      },
    ),
  );
  expect(() =>
    elfProgram({ format: "elf", size: 0x10000, address: base, noteName: "P", programHeaders: [] }, [], {
      machine: "aarch64",
      interpreter,
    }),
  ).toThrow(RangeError);
});
