import { appendFile, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testedVersions, testRuntime } from "../../../tools/test-runtimes.ts";
import { applyEdit, describeElf, fromBytes, planElfStrip, readElf } from "../src/index.ts";
import { page, sample } from "./sample.ts";
import { openSource, readelf, readelfSegments, run, temporaryFolder } from "./tools.ts";

test.each(testedVersions)("node %s runs stripped", async (version) => {
  const path = await testRuntime(version, "linux-x64");
  const elf = await readElf(await openSource(path));
  const strip = planElfStrip(elf);
  const output = join(await temporaryFolder(), "node");
  await applyEdit(path, output, strip);

  const { stdout } = await run(output, [
    "-p",
    "[process.version, Intl.NumberFormat('de').format(1234.5)].join()",
  ]);
  expect(stdout).toBe(`v${version},1.234,5\n`);

  const stripped = await readElf(await openSource(output));
  expect(stripped.source.size).toBe(elf.source.size - strip.removedBytes);
  expect(strip.removedBytes).toBeGreaterThan(10_000_000);
  expect(strip.removedSections).toContain(".symtab");
  expect(strip.removedSections).toContain(".debug_info");
  expect(strip.removedSections).not.toContain(".bss");
  expect(stripped.sections).toEqual([]);
  expect(stripped.programHeaders).toEqual(elf.programHeaders);
  expect((await describeElf(stripped)).needed).toEqual((await describeElf(elf)).needed);
  // readelf has nothing to complain about, and sees the same segments.
  expect(await readelfSegments(output)).toEqual(await readelfSegments(path));
  expect(await readelf("-n", output)).toContain((await describeElf(elf)).buildId);

  // A second strip changes nothing.
  expect(planElfStrip(stripped)).toMatchObject({ removedBytes: 0, removedSections: [], size: strip.size });
});

test("a program from a compiler runs stripped", async () => {
  const folder = await temporaryFolder();
  const [source, program, output] = ["main.c", "program", "stripped"].map((name) => join(folder, name));
  await writeFile(source!, '#include <stdio.h>\nint main(void) { puts("runs"); }\n');
  for (const options of [[], ["-no-pie"], ["-static"]]) {
    await run("gcc", ["-g", ...options, "-o", program!, source!]);
    await applyEdit(program!, output!, planElfStrip(await readElf(await openSource(program!))));
    expect((await run(output!)).stdout).toBe("runs\n");
  }
});

test("a file that something was appended to is refused", async () => {
  const output = join(await temporaryFolder(), "node");
  await copyFile("/bin/ls", output);
  const { size } = await openSource(output);
  await appendFile(output, "a payload of some other tool");
  const elf = await readElf(await openSource(output));
  expect(() => planElfStrip(elf)).toThrow(
    expect.objectContaining({ code: "EXECUTABLE_UNSUPPORTED", offset: size }),
  );
  const bare = await readElf(fromBytes(Buffer.concat([sample(), Buffer.from("more")])));
  expect(() => planElfStrip(bare)).toThrow(/4 bytes follow/);
});

test("a section that the program sees, but that no segment holds, is refused", async () => {
  // Names, the empty section 0, and a section of program data after the last segment.
  const bytes = Buffer.concat([sample(), Buffer.from("\0.late\0\0"), Buffer.alloc(3 * 64)]);
  const names = 3 * page;
  const table = names + 8;
  bytes.writeBigUInt64LE(BigInt(table), 0x28);
  bytes.writeUInt16LE(3, 0x3c);
  bytes.writeUInt16LE(1, 0x3e);
  const section = (index: number, name: number, flags: number) => {
    const at = table + index * 64;
    bytes.writeUInt32LE(name, at);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeUInt32LE(flags, at + 8);
    bytes.writeBigUInt64LE(BigInt(names), at + 24);
    bytes.writeBigUInt64LE(8n, at + 32);
  };
  section(1, 7, 0);
  section(2, 1, 0);
  expect(planElfStrip(await readElf(fromBytes(bytes)))).toMatchObject({
    size: names,
    removedSections: ["", ".late"],
  });
  section(2, 1, 2);
  const elf = await readElf(fromBytes(bytes));
  expect(() => planElfStrip(elf)).toThrow(/section .late is outside all segments/);
});
