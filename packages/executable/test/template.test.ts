import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testedVersions, testRuntime } from "../../../tools/test-runtimes.ts";
import {
  applyEdit,
  type ElfTemplate,
  elfTail,
  fromBytes,
  loadedSegments,
  parseElfTemplate,
  planElfTemplate,
  readElf,
} from "../src/index.ts";
import { sample } from "./sample.ts";
import { openSource, targets, temporaryFolder } from "./tools.ts";

const options = { noteName: "NODE_SEA_BLOB" };
const sampleTemplate = async () => planElfTemplate(await readElf(fromBytes(sample())), options).template;

const runtimes = testedVersions.flatMap((version) => targets.map((target) => ({ version, target })));

test.each(runtimes)("node $version $target has a place for a payload", async ({ version, target }) => {
  const elf = await readElf(await openSource(await testRuntime(version, target)));
  const { edit, template } = planElfTemplate(elf, options);
  expect(edit.size).toBe(template.size);
  expect(edit.size % 0x10000).toBe(0);
  const loads = loadedSegments(elf);
  expect(template.address - template.size).toBe(loads[0]!.address - loads[0]!.offset);
  for (const { offset, fileSize, address, memorySize } of loads) {
    expect(edit.keep).toBeGreaterThanOrEqual(offset + fileSize);
    expect(template.address).toBeGreaterThanOrEqual(address + memorySize);
  }
  // The hole is what .bss and rounding ask for, no more.
  expect(edit.size - edit.keep).toBeLessThan(512 * 1024);
  expect(edit.size).toBeLessThan(elf.source.size);
});

test("a template is a stripped runtime with a hole, whatever it was cut from", async () => {
  const path = await testRuntime("24.21.0", "linux-x64");
  const source = await openSource(path);
  const { edit } = planElfTemplate(await readElf(source), options);
  const output = join(await temporaryFolder(), "template");
  await applyEdit(path, output, edit);
  const template = await openSource(output);
  expect(template.size).toBe(edit.size);
  const hole = await template.read(edit.keep, edit.size - edit.keep);
  expect(hole.every((byte) => byte === 0)).toBe(true);
  expect((await stat(output)).blocks * 512).toBeLessThan(edit.size - 0x20000);
  // Beyond the header's fields nothing has changed.
  const [before, after] = [await source.read(64, 1 << 20), await template.read(64, 1 << 20)];
  expect(Buffer.compare(before, after)).toBe(0);
});

test("patches of the caller become part of the template", async () => {
  const elf = await readElf(fromBytes(sample()));
  const patch = { offset: 5000, bytes: Buffer.from("1") };
  expect(planElfTemplate(elf, { ...options, patches: [patch] }).edit.patches).toContain(patch);
  for (const offset of [0, 63, 3 * 4096])
    expect(() => planElfTemplate(elf, { ...options, patches: [{ ...patch, offset }] })).toThrow(RangeError);
});

test("names that no note has are refused", async () => {
  const elf = await readElf(fromBytes(sample()));
  for (const noteName of ["", "a\0b", "é", "x".repeat(65)])
    expect(() => planElfTemplate(elf, { noteName })).toThrow(RangeError);
});

test("a file that holds a payload already is refused", async () => {
  const elf = await readElf(fromBytes(sample()));
  expect(() => planElfTemplate(elf, { noteName: "GNU" })).toThrow(
    expect.objectContaining({ code: "EXECUTABLE_PAYLOAD_EXISTS", offset: 4096 + 16 }),
  );
});

describe("a description from a cache", () => {
  test("comes back as it was", async () => {
    const template = await sampleTemplate();
    const copy = parseElfTemplate(JSON.parse(JSON.stringify(template)));
    expect(copy).toEqual(template);
    expect(elfTail(copy, [])).toEqual(elfTail(template, []));
  });

  test("is refused when it is anything else", async () => {
    const template = await sampleTemplate();
    const header = template.programHeaders[1]!;
    const changed = (change: object) => ({ ...template, ...change });
    const changedHeader = (change: object) =>
      changed({ programHeaders: [{ ...header, ...change }, ...template.programHeaders.slice(2)] });
    const wrong: unknown[] = [
      undefined,
      null,
      [],
      "elf",
      {},
      changed({ format: "pe" }),
      changed({ size: undefined }),
      changed({ size: template.size + 1, address: template.address + 1 }),
      changed({ size: 0, address: header.address }),
      changed({ size: "65536" }),
      changed({ address: template.address + 0x10000 }),
      changed({ size: 2 ** 50, address: 2 ** 50 + header.address }),
      changed({ noteName: "" }),
      changed({ noteName: 5 }),
      changed({ programHeaders: {} }),
      changed({ programHeaders: [] }),
      changed({ programHeaders: [null] }),
      changed({ programHeaders: Array.from({ length: 72 }, () => template.programHeaders[0]) }),
      changedHeader({ type: 2 ** 32 }),
      changedHeader({ flags: -1 }),
      changedHeader({ offset: 1.5 }),
      changedHeader({ fileSize: 2 ** 40, memorySize: 2 ** 40 }),
      changedHeader({ memorySize: 1 }),
      changedHeader({ alignment: undefined }),
      changedHeader({ address: "0" }),
    ];
    // The changes are made to something that is right.
    expect(() => parseElfTemplate(changedHeader({}))).not.toThrow();
    for (const value of wrong)
      expect(() => parseElfTemplate(value), JSON.stringify(value)).toThrow(
        expect.objectContaining({ code: "EXECUTABLE_TEMPLATE_INVALID" }),
      );
  });

  test("carries nothing else along", async () => {
    const template = await sampleTemplate();
    const headers = template.programHeaders.map((header) => ({ ...header, extra: 1 }));
    const parsed: ElfTemplate = parseElfTemplate({ ...template, programHeaders: headers, extra: 1 });
    expect(parsed).toEqual(template);
  });
});
