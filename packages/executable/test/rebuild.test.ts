import { describe, expect, test } from "vitest";
import {
  editedSource,
  fromBytes,
  joinEdits,
  planElfRebuild,
  planElfTemplate,
  readElf,
  segmentType,
} from "../src/index.ts";
import { base, contentSize, page, sample } from "./sample.ts";

/** The sample with one more segment behind the others, which holds the program headers, too. */
async function rebuilt(change: { size?: number; address?: number; count?: number } = {}) {
  const elf = await readElf(fromBytes(sample()));
  const { size = contentSize + page, address = base + 0x10000, count = 1 } = change;
  const added = {
    ...elf.programHeaders[1]!,
    type: segmentType.load,
    offset: contentSize,
    address,
    fileSize: page,
    memorySize: page,
  };
  const own = elf.programHeaders.filter(({ type }) => type !== segmentType.table);
  const programHeaders = [...own.slice(0, 2), ...Array.from({ length: count }, () => added), ...own.slice(2)];
  const patches = [{ offset: contentSize, bytes: Buffer.from("added") }];
  const tableOffset = contentSize + 64;
  return {
    elf,
    added,
    edit: planElfRebuild(elf, { entry: address + 8, programHeaders, tableOffset, size, patches }),
  };
}

describe("a rebuilt program", () => {
  test("has the given entry, headers and bytes", async () => {
    const { edit, added, elf } = await rebuilt();
    const made = await readElf(editedSource(elf.source, edit));
    expect(made.header).toMatchObject({ entry: added.address + 8, programHeaderOffset: contentSize + 64 });
    expect(made.programHeaders).toContainEqual(added);
    expect(Buffer.from(await made.source.read(contentSize, 5)).toString()).toBe("added");
    expect(made.notes).toEqual(elf.notes);
  });

  test("becomes a template in one edit", async () => {
    const { edit, elf } = await rebuilt();
    const source = editedSource(elf.source, edit);
    const planned = planElfTemplate(await readElf(source), { noteName: "PAYLOAD" });
    const joined = joinEdits(edit, planned.edit);
    expect(joined).toMatchObject({ keep: edit.keep, size: planned.edit.size });
    const once = await editedSource(elf.source, joined).read(0, joined.size);
    const twice = await editedSource(source, planned.edit).read(0, joined.size);
    expect(Buffer.compare(once, twice)).toBe(0);
    expect(() => joinEdits(edit, { ...planned.edit, keep: edit.size - 1 })).toThrow(RangeError);
  });

  test.each([
    ["segments that overlap", { address: base }],
    ["segments outside the file", { size: contentSize + page / 2 }],
    ["more headers than kernels read", { count: 80 }],
  ])("is refused with %s", async (_, change) => {
    await expect(rebuilt(change)).rejects.toMatchObject({ code: "EXECUTABLE_UNSUPPORTED" });
  });
});
