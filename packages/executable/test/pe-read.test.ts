import { expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { computePeChecksum, describePe, fromBytes, readPe } from "../src/index.ts";
import { samplePe } from "./pe-sample.ts";
import { readobj, windowsRuntimes } from "./pe-tools.ts";
import { counting, openSource } from "./tools.ts";

test.each(windowsRuntimes)("node $version $target is described", async ({ version, target }) => {
  const path = await testRuntime(version, target);
  const source = counting(await openSource(path));
  const pe = await readPe(source);
  const description = await describePe(pe);
  expect(source.bytes).toBeLessThan(16 * 1024);
  expect(source.reads).toBeLessThan(100);

  expect(description).toMatchObject({
    machine: target === "win32-x64" ? "x86-64" : "aarch64",
    type: "executable",
    subsystem: "console",
    signed: true,
    debug: { path: "c:\\ws\\out\\Release\\node.pdb" },
    version: {
      fileVersion: `${version}.0`,
      productVersion: `${version}.0`,
      strings: { CompanyName: "Node.js", FileVersion: version, OriginalFilename: "node.exe" },
    },
  });
  expect(await computePeChecksum(pe)).toBe(pe.header.checksum);

  // llvm-readobj sees the same.
  const text = await readobj(path, "--file-headers", "--sections", "--coff-debug-directory");
  const numbers = (field: string) =>
    [...text.matchAll(new RegExp(`^ +${field}: (\\w+)$`, "gm"))].map((match) => Number(match[1]));
  expect(pe.sections.map(({ address }) => address)).toEqual(numbers("VirtualAddress"));
  expect(pe.sections.map(({ memorySize }) => memorySize)).toEqual(numbers("VirtualSize"));
  expect(pe.sections.map(({ offset }) => offset)).toEqual(
    numbers("PointerToRawData").slice(0, pe.sections.length),
  );
  expect(pe.sections.map(({ size }) => size)).toEqual(numbers("RawDataSize"));
  expect(pe.header.entry).toBe(numbers("AddressOfEntryPoint")[0]);
  expect(pe.header.directories[2]).toEqual({
    address: numbers("ResourceTableRVA")[0],
    size: numbers("ResourceTableSize")[0],
  });
  const [first = "", ...rest] = /PDBGUID: \{([^}]+)\}/.exec(text)![1]!.split("-");
  // llvm-readobj prints the last two groups as they are in the file, and the first three as numbers.
  expect(description.debug!.id.startsWith(first + rest.slice(0, 2).join(""))).toBe(true);

  const resources = await readobj(path, "--coff-resources");
  expect(pe.resources).toHaveLength(Number(/Total Number of Resources: (\d+)/.exec(resources)![1]));
  expect(pe.resources.map(({ content }) => content.size)).toEqual(
    [...resources.matchAll(/^ +DataSize: (\d+)$/gm)].map((match) => Number(match[1])),
  );
});

test("a small file is described", async () => {
  const pe = await readPe(fromBytes(samplePe()));
  expect(pe.resources).toEqual([
    { type: "NAMED", name: "TEXT", language: 0x409, codePage: 0, content: { offset: 0x700, size: 5 } },
    { type: 24, name: 1, language: 0, codePage: 0, content: { offset: 0x710, size: 7 } },
  ]);
  expect(await describePe(pe)).toMatchObject({
    machine: "x86-64",
    subsystem: "console",
    entry: 0x1100,
    signed: false,
    debug: { path: "a.pdb", id: "0706050409080B0A0C0D0E0F101112131" },
    version: undefined,
  });
});
