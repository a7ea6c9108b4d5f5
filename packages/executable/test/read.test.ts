import { describe, expect, test } from "vitest";
import { testedVersions, testRuntime } from "../../../tools/test-runtimes.ts";
import { describeElf, loadedRanges, mappedRange, readElf } from "../src/index.ts";
import { counting, openSource, readelf, readelfSegments, targets } from "./tools.ts";

const typeNames: Readonly<Record<number, string>> = {
  1: "LOAD",
  2: "DYNAMIC",
  3: "INTERP",
  4: "NOTE",
  6: "PHDR",
  7: "TLS",
  [0x6474e550]: "GNU_EH_FRAME",
  [0x6474e551]: "GNU_STACK",
  [0x6474e552]: "GNU_RELRO",
  [0x6474e553]: "GNU_PROPERTY",
};

const runtimes = testedVersions.flatMap((version) => targets.map((target) => ({ version, target })));

describe.each(runtimes)("node $version $target", ({ version, target }) => {
  test("is read as readelf reads it", async () => {
    const path = await testRuntime(version, target);
    const elf = await readElf(await openSource(path));
    const header = await readelf("-hW", path);
    const field = (name: string) => new RegExp(`${name}: +(\\S+)`).exec(header)?.[1];
    expect(elf.header).toEqual({
      machine: target === "linux-x64" ? "x86-64" : "aarch64",
      type: "executable",
      entry: Number(field("Entry point address")),
      programHeaderOffset: Number(field("Start of program headers")),
      programHeaderCount: Number(field("Number of program headers")),
      sectionHeaderOffset: Number(field("Start of section headers")),
      sectionHeaderCount: Number(field("Number of section headers")),
      sectionHeaderEntrySize: 64,
      sectionNamesIndex: Number(field("Section header string table index")),
    });
    const segments = elf.programHeaders.map((segment) => ({ ...segment, type: typeNames[segment.type] }));
    expect(segments).toEqual(await readelfSegments(path));

    const table = await readelf("-SW", path);
    const line = /^ +\[ *\d+\] (\S+) +[A-Z_]+ +([0-9a-f]{16}) ([0-9a-f]+) ([0-9a-f]+) \w\w +([A-Z]*)/gm;
    const sections = [...table.matchAll(line)].map((match) => ({
      name: match[1],
      address: Number.parseInt(match[2]!, 16),
      offset: Number.parseInt(match[3]!, 16),
      size: Number.parseInt(match[4]!, 16),
      inMemory: match[5]!.includes("A"),
    }));
    expect(sections.length).toBeGreaterThan(30);
    expect(elf.sections?.map(({ type: _, ...section }) => section)).toEqual(sections);
  });

  test("is described as readelf describes it", async () => {
    const path = await testRuntime(version, target);
    const description = await describeElf(await readElf(await openSource(path)));
    const segments = await readelf("-lW", path);
    expect(description.interpreter).toBe(/program interpreter: (.*)\]/.exec(segments)?.[1]);
    const dynamic = await readelf("-dW", path);
    expect(description.needed).toEqual(
      [...dynamic.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map((match) => match[1]),
    );
    // Debug notes of Node's toolchain make readelf warn, hence only the one section.
    const notes = await readelf("-p", ".interp", "-x", ".note.gnu.build-id", path);
    const dump = [...notes.matchAll(/^ {2}0x\w+ ((?:[0-9a-f]+ )+)/gm)].map((match) => match[1]).join("");
    expect(dump.replaceAll(" ", "")).toContain(description.buildId);
    expect(description.buildId).toMatch(/^[0-9a-f]{40}$/);
    expect(description.notes.map(({ name, type }) => [name, type])).toEqual([
      ["GNU", 3],
      ["GNU", 1],
    ]);
  });

  test("costs a few KB of reading", async () => {
    const source = counting(await openSource(await testRuntime(version, target)));
    const elf = await readElf(source);
    expect(source.bytes).toBeLessThan(5 * 1024);
    await describeElf(elf);
    expect(source.bytes).toBeLessThan(8 * 1024);
    expect(source.reads).toBeLessThan(30);
  });
});

test("reads a position-independent program", async () => {
  const elf = await readElf(await openSource("/bin/ls"));
  const { type, interpreter, needed } = await describeElf(elf);
  expect(type).toBe("shared");
  expect(interpreter).toBe("/lib64/ld-linux-x86-64.so.2");
  expect(needed).toContain("libc.so.6");
});

test("maps addresses to places in the file", async () => {
  const elf = await readElf(await openSource(await testRuntime("24.21.0", "linux-x64")));
  const entry = mappedRange(elf, elf.header.entry);
  const code = loadedRanges(elf).find(
    ({ offset, size }) => entry.offset >= offset && entry.offset < offset + size,
  )!;
  expect(entry.offset + entry.size).toBe(code.offset + code.size);
  // The entry point of x86-64 programs starts by marking the outermost frame: endbr64 or xor %ebp,%ebp.
  const instructions = Buffer.from(await elf.source.read(entry.offset, 4)).toString("hex");
  expect(instructions).toMatch(/^(f30f1efa|31ed)/);
  expect(() => mappedRange(elf, 0x1000)).toThrow(/nothing for address 0x1000/);
});
