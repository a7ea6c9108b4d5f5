import { expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import {
  type Edit,
  elfDescriptionAddress,
  elfTail,
  findIcuData,
  fromBytes,
  loadedRanges,
  loadedSegments,
  parseElfTemplate,
  planElfHole,
  planElfTemplate,
  readElf,
} from "../src/index.ts";
import { base, numbers, page, type SampleSegment, sample } from "./sample.ts";
import { openSource } from "./tools.ts";

const large = 0x10000;

/** Code and constants of 1 MB, where the hole goes, then data with a .bss; the bytes are all different. */
function program(segments: SampleSegment[] = programSegments()): Uint8Array {
  const random = numbers(1);
  const bytes = Uint8Array.from({ length: 17 * large }, () => random(256));
  const start = sample({}, segments);
  bytes.set(start.subarray(0, 64 + segments.length * 56));
  bytes.set(start.subarray(page, page + 36), page);
  return bytes;
}

function programSegments(): SampleSegment[] {
  return [
    { type: 6, offset: 64, address: base + 64, fileSize: 5 * 56, alignment: 8 },
    { type: 1, flags: 5, offset: 0, address: base, fileSize: 16 * large, alignment: page },
    {
      type: 1,
      flags: 6,
      offset: 16 * large,
      address: base + 17 * large,
      fileSize: large,
      memorySize: 3 * large,
      alignment: page,
    },
    { type: 0x6474e551, flags: 6, offset: 0, address: 0, fileSize: 0, alignment: 16 },
    { type: 4, offset: page, address: base + page, fileSize: 36, alignment: 4 },
  ];
}

function applied(bytes: Uint8Array, { keep, size, patches }: Edit): Uint8Array {
  const output = new Uint8Array(size);
  output.set(bytes.subarray(0, keep));
  for (const { offset, bytes: patch } of patches) output.set(patch, offset);
  return output;
}

/** What a program finds in its memory, by address. */
async function memory(bytes: Uint8Array): Promise<Map<number, Buffer>> {
  const elf = await readElf(fromBytes(bytes));
  const pages = new Map<number, Buffer>();
  for (const { offset, address, fileSize, memorySize } of loadedSegments(elf)) {
    const content = Buffer.alloc(memorySize);
    content.set(bytes.subarray(offset, offset + fileSize));
    for (let at = 0; at < memorySize; at += page) pages.set(address + at, content.subarray(at, at + page));
  }
  return pages;
}

test.each([
  [3 * large, 9 * large],
  [3 * large + 1, 9 * large - 1],
  [page * 5 + 16, 16 * large],
  [14 * large - 400, 16 * large],
] as const)("bytes %i to %i are gone, the others are where they were", async (from, to) => {
  const bytes = program();
  const edit = await planElfHole(await readElf(fromBytes(bytes)), { offset: from, size: to - from });
  const output = applied(bytes, edit);
  expect(edit.removedBytes).toBe(bytes.length - output.length);
  // All but parts of a page at either end, and the page with the table that may come before.
  expect(bytes.length - output.length).toBeGreaterThan(to - from - 3 * large - page);
  const elf = await readElf(fromBytes(output));
  expect(elf.programHeaders.map(({ type }) => type)).toEqual([6, 1, 1, 1, 0x6474e551, 4]);
  const table = elf.programHeaders[0]!;
  expect(table).toMatchObject({ fileSize: 6 * 56, address: base + table.offset });
  expect(elf.header.programHeaderOffset).toBe(table.offset);
  expect(elf.notes).toEqual((await readElf(fromBytes(bytes))).notes);

  const [before, after] = [await memory(bytes), await memory(output)];
  const firstPage = before.get(base)!;
  // The header says where the table is now.
  for (const [at, end] of [
    [0x20, 0x28],
    [0x38, 0x3a],
  ] as const)
    after.get(base)!.copy(firstPage, at, at, end);
  for (const [address, content] of before) {
    const start = address - base;
    const expected = Buffer.from(content);
    if (address < base + 16 * large)
      expected.fill(0, Math.max(0, Math.min(from - start, page)), Math.max(0, Math.min(to - start, page)));
    const found = after.get(address);
    if (!found) {
      expect(start).toBeGreaterThanOrEqual(from);
      expect(start + page).toBeLessThanOrEqual(to);
      continue;
    }
    const inPage = (at: number) => Math.max(0, Math.min(at - address, page));
    found.fill(0, inPage(table.address), inPage(table.address + table.fileSize));
    expect(found.equals(expected), `the page at ${address}`).toBe(true);
  }
});

test("too small a range is filled with zeros where it is", async () => {
  const bytes = program();
  for (const size of [0, 8, large]) {
    const edit = await planElfHole(await readElf(fromBytes(bytes)), { offset: large + 8, size });
    expect(edit.size).toBe(bytes.length);
    const output = applied(bytes, edit);
    expect(output.subarray(large + 8, large + 8 + size).every((byte) => byte === 0)).toBe(true);
    expect(output[large + 8 + size]).toBe(bytes[large + 8 + size]);
  }
});

test("patches keep their places in memory", async () => {
  const bytes = program();
  const elf = await readElf(fromBytes(bytes));
  const range = { offset: 3 * large, size: 6 * large };
  const patch = (offset: number) => ({ offset, bytes: Buffer.from("patched!") });
  const edit = await planElfHole(elf, range, [patch(3 * large - 8), patch(9 * large), patch(17 * large - 8)]);
  const output = await memory(applied(bytes, edit));
  const text = (address: number) =>
    output.get(address - (address % page))!.toString("latin1", address % page, (address % page) + 8);
  for (const address of [base + 3 * large - 8, base + 9 * large, base + 18 * large - 8])
    expect(text(address)).toBe("patched!");
  for (const offset of [3 * large - 7, 4 * large, 9 * large - 1, 17 * large])
    await expect(planElfHole(elf, range, [patch(offset)])).rejects.toThrow(RangeError);
});

test.each([
  [
    "outside all segments",
    { offset: 17 * large, size: large },
    programSegments(),
    /not part of one loaded segment/,
  ],
  [
    "in two segments",
    { offset: 15 * large, size: 2 * large },
    programSegments(),
    /not part of one loaded segment/,
  ],
  [
    "before the file",
    { offset: -large, size: 4 * large },
    programSegments(),
    /not part of one loaded segment/,
  ],
  [
    "in another segment, too",
    { offset: 2 * large, size: 4 * large },
    programSegments().map((segment) => (segment.type === 4 ? { ...segment, offset: 5 * large } : segment)),
    /is part of a segment of type 0x4, too/,
  ],
  [
    "before a segment for large pages",
    { offset: 2 * large, size: 4 * large },
    programSegments().map((segment) =>
      segment.flags === 6 && segment.type === 1
        ? { ...segment, address: base + 32 * large, alignment: 2 ** 20 }
        : segment,
    ),
    /behind the range to free has alignment 0x100000/,
  ],
])("a range %s is refused", async (_, range, segments, message) => {
  const bytes = program(segments);
  // A note that is not where the sample has it.
  bytes.fill(0, 5 * large, 5 * large + 36);
  await expect(planElfHole(await readElf(fromBytes(bytes)), range)).rejects.toMatchObject({
    code: "EXECUTABLE_UNSUPPORTED",
    message: expect.stringMatching(message),
  });
});

test("a template keeps only the program headers in the gap", async () => {
  const bytes = program();
  const hole = await planElfHole(await readElf(fromBytes(bytes)), { offset: 3 * large, size: 12 * large });
  const reduced = applied(bytes, hole);
  const { edit, template } = planElfTemplate(await readElf(fromBytes(reduced)), { noteName: "PAYLOAD" });
  // 17 pages of 64 KiB and a bit, without the eleven that were whole.
  expect(template).toMatchObject({
    size: 6 * large,
    address: base + 6 * large,
    noteAddress: base + 20 * large,
  });
  expect(edit.size).toBe(template.size);
  expect(parseElfTemplate(JSON.parse(JSON.stringify(template)))).toEqual(template);

  const output = Buffer.concat([applied(reduced, edit), ...elfTail(template, [Buffer.from("payload")])]);
  const { header, programHeaders, notes } = await readElf(fromBytes(output));
  expect(header.programHeaderOffset).toBe(template.size);
  expect(programHeaders.map(({ type }) => type)).toEqual([6, 1, 1, 1, 1, 1, 0x6474e551, 4, 4]);
  const [table, code, tableLoad] = programHeaders;
  expect(code).toMatchObject({ offset: 0, address: base });
  expect(tableLoad).toMatchObject({ offset: template.size, address: template.address, fileSize: 9 * 56 });
  expect(table).toMatchObject({ offset: template.size, address: template.address, fileSize: 9 * 56 });
  // Only one segment has the table.
  const noteLoad = programHeaders[5]!;
  expect(noteLoad.offset).toBeGreaterThanOrEqual(template.size + 9 * 56);
  expect(noteLoad.address - noteLoad.offset).toBe(template.noteAddress! - template.size);
  const { offset, size } = notes.find(({ name }) => name === "PAYLOAD")!.description;
  expect(output.toString("latin1", offset, offset + size)).toBe("payload");
  expect(elfDescriptionAddress(template)).toBe(offset + noteLoad.address - noteLoad.offset);

  const changed = (change: object) => ({ ...template, ...change });
  for (const value of [
    changed({ noteAddress: undefined }),
    changed({ noteAddress: null }),
    changed({ noteAddress: template.noteAddress! + 1 }),
    changed({ noteAddress: template.noteAddress! - large }),
    changed({ noteAddress: 2 ** 47 }),
    changed({ size: 4 * large, address: base + 4 * large }),
    changed({ size: template.size + 9 * large, address: template.address + 9 * large }),
  ])
    expect(() => parseElfTemplate(value)).toThrow(
      expect.objectContaining({ code: "EXECUTABLE_TEMPLATE_INVALID" }),
    );
});

test("a gap that the end of the file does not meet is of no use", async () => {
  const bytes = program();
  const hole = await planElfHole(await readElf(fromBytes(bytes)), { offset: 3 * large, size: 5 * large });
  const reduced = applied(bytes, hole);
  const { template } = planElfTemplate(await readElf(fromBytes(reduced)), { noteName: "PAYLOAD" });
  expect(template).toMatchObject({ size: 20 * large, address: base + 20 * large });
  expect(template).not.toHaveProperty("noteAddress");
});

test("costs no more reading than what moves", async () => {
  const source = await openSource(await testRuntime("26.10.0", "linux-x64"));
  const elf = await readElf(source);
  const { offset, size } = await findIcuData(source, loadedRanges(elf));
  const edit = await planElfHole(elf, { offset, size });
  const patched = edit.patches.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(patched).toBeLessThan(10_000_000);
});
