import { expect, test } from "vitest";
import { elfDescriptionAddress, elfTail, fromBytes, planElfTemplate, readElf } from "../src/index.ts";
import { base, changedSegment, page, sample, sampleSegments } from "./sample.ts";

const noteName = "PAYLOAD";

async function template(segments = sampleSegments(), name = noteName) {
  return planElfTemplate(await readElf(fromBytes(sample({}, segments))), { noteName: name });
}

/** The template and its tail as one file, made without `applyEdit`. */
async function executable(parts: readonly Uint8Array[], segments = sampleSegments()) {
  const { edit, template: description } = await template(segments);
  const start = new Uint8Array(edit.size);
  start.set(sample({}, segments).subarray(0, edit.keep));
  for (const { offset, bytes } of edit.patches) start.set(bytes, offset);
  const tail = elfTail(description, parts);
  return { description, start, tail, bytes: Buffer.concat([start, ...tail]) };
}

test("an executable is the template and the tail, and holds the payload", async () => {
  const parts = [Buffer.from("pay"), new Uint8Array(), Buffer.from("load")];
  const { description, bytes } = await executable(parts);
  const elf = await readElf(fromBytes(bytes));
  const note = elf.notes.find(({ name }) => name === noteName)!;
  expect(note.type).toBe(1);
  const { offset, size } = note.description;
  expect(bytes.toString("latin1", offset, offset + size)).toBe("payload");
  expect(offset - description.size + description.address).toBe(elfDescriptionAddress(description));
  // The build id of the runtime is still there.
  expect(elf.notes.map(({ name }) => name)).toEqual(["GNU", noteName]);
});

test("the new segments are where kernels and loaders expect them", async () => {
  const { description, bytes } = await executable([Buffer.alloc(1001)]);
  // 12 KB of segments, then 4 KB of .bss: T is the next multiple of 64 KiB.
  expect(description).toMatchObject({ size: 0x10000, address: base + 0x10000 });
  const { header, programHeaders } = await readElf(fromBytes(bytes));
  const tableSize = 6 * 56;
  expect(header).toMatchObject({ programHeaderOffset: 0x10000, programHeaderCount: 6 });
  expect(programHeaders.map(({ type }) => type)).toEqual([6, 1, 1, 1, 4, 4]);
  const [table, ...rest] = programHeaders;
  const [code, data, load, oldNote, note] = rest;
  const at = (start: number) => ({
    flags: 4,
    offset: 0x10000 + start,
    address: base + 0x10000 + start,
    physicalAddress: base + 0x10000 + start,
  });
  const size = (bytes: number) => ({ fileSize: bytes, memorySize: bytes });
  expect(table).toEqual({ type: 6, ...at(0), ...size(tableSize), alignment: 8 });
  expect(load).toEqual({
    type: 1,
    ...at(0),
    ...size(bytes.length - 0x10000),
    alignment: 0x10000,
  });
  const noteStart = elfDescriptionAddress(description) - description.address - 12 - 8;
  expect(note).toEqual({ type: 4, ...at(noteStart), ...size(12 + 8 + 1004), alignment: 4 });
  expect([code, data, oldNote]).toEqual(description.programHeaders.slice(1));
});

test("a runtime without PT_PHDR gets none", async () => {
  const { bytes } = await executable([], sampleSegments().slice(1));
  const { programHeaders } = await readElf(fromBytes(bytes));
  expect(programHeaders.map(({ type }) => type)).toEqual([1, 1, 1, 4, 4]);
});

test("the payload starts at a multiple of 16, the tail ends at one of 64 KiB", async () => {
  for (const length of [0, 1, 3, 4, 7, 8, 9, 4096])
    for (const name of ["A", "ABC", "NODE_SEA_BLOB", "x".repeat(64)]) {
      const { template: description } = await template(sampleSegments(), name);
      const tail = elfTail(description, [new Uint8Array(length)]);
      expect(elfDescriptionAddress(description) % 16).toBe(0);
      expect(tail.reduce((sum, part) => sum + part.length, 0)).toBe(0x10000);
      expect(tail[0]!.length).toBe(elfDescriptionAddress(description) - description.address);
    }
});

test("the payload is not copied", async () => {
  const parts: Uint8Array[] = [Buffer.alloc(100, 1), Buffer.alloc(7, 2)];
  const { tail } = await executable(parts);
  expect(tail[1]).toBe(parts[0]);
  expect(tail[2]).toBe(parts[1]);
  expect(tail.filter((part) => !parts.includes(part)).every(({ length }) => length < 0x10000)).toBe(true);
});

test("payloads differ in the tail only", async () => {
  const one = await executable([Buffer.from("one")]);
  const two = await executable([Buffer.alloc(70_000, 2)]);
  expect(Buffer.compare(one.start, two.start)).toBe(0);
  expect(one.description).toEqual(two.description);
});

test("holds up to 2^32 - 1 bytes", async () => {
  const { template: description } = await template();
  const part = new Uint8Array(2 ** 24);
  const most = [...Array.from({ length: 255 }, () => part), part.subarray(1)];
  const tail = elfTail(description, most);
  const total = tail.reduce((sum, { length }) => sum + length, 0);
  expect(total).toBe(2 ** 32 + 0x10000);
  const head = new DataView(tail[0]!.buffer);
  const noteStart = tail[0]!.length - 20;
  expect(head.getUint32(noteStart + 4, true)).toBe(2 ** 32 - 1);
  // The third program header but one is the new PT_LOAD.
  expect(head.getBigUint64(3 * 56 + 32, true)).toBe(BigInt(total));
  expect(() => elfTail(description, [...most, new Uint8Array(1)])).toThrow(
    expect.objectContaining({ code: "EXECUTABLE_PAYLOAD_TOO_LARGE" }),
  );
});

test("a payload is above the .bss, however large that is", async () => {
  for (const memorySize of [page, 13 * page, 13 * page + 1, 14 * page, 1024 * 1024]) {
    const { template: description } = await template(changedSegment(2, { memorySize }));
    const end = base + 3 * page + memorySize;
    expect(description.address).toBeGreaterThanOrEqual(end);
    expect(description.address - end).toBeLessThan(0x10000);
    expect(description.address - description.size).toBe(base);
  }
});
