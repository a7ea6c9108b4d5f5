import { describe, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { describePe, fromBytes, readPe } from "../src/index.ts";
import { samplePe, sampleSections } from "./pe-sample.ts";
import { readobj, windowsRuntimes } from "./pe-tools.ts";
import { openSource } from "./tools.ts";

const neededBy = async (bytes: Uint8Array) => (await describePe(await readPe(fromBytes(bytes)))).needed;

test.each(windowsRuntimes)("node $version $target needs what llvm-readobj says", async ({
  version,
  target,
}) => {
  const path = await testRuntime(version, target);
  const { needed } = await describePe(await readPe(await openSource(path)));
  const printed = await readobj(path, "--coff-imports");
  expect(needed.length).toBeGreaterThan(3);
  expect(needed).toEqual([...printed.matchAll(/^ {2}Name: (.*)$/gm)].map((match) => match[1]));
});

const table = 0x1080;

/** A file that imports from libraries whose names are at these addresses, with a name at 0x1160. */
function importing(
  addresses: readonly number[],
  { directory = 1, entrySize = 20, field = 12, name = "one.dll\0" } = {},
): Buffer {
  const bytes = samplePe({ directories: { [directory]: [table, 1] } });
  for (const [index, address] of addresses.entries())
    bytes.writeUInt32LE(address, 0x480 + index * entrySize + field);
  bytes.write(name, 0x560, "latin1");
  return bytes;
}

test("a file without imports needs nothing", async () => {
  expect(await neededBy(samplePe())).toEqual([]);
  expect(await neededBy(importing([]))).toEqual([]);
});

test("libraries that are loaded late are needed, too", async () => {
  expect(await neededBy(importing([0x1160, 0x1164]))).toEqual(["one.dll", "dll"]);
  const late = importing([0x1160], { directory: 13, entrySize: 32, field: 4 });
  expect(await neededBy(late)).toEqual(["one.dll"]);
});

describe("refuses imports that cannot be", () => {
  const many = Array.from({ length: 300 }, () => 0x1008);
  const large = () => {
    const sections = [{ ...sampleSections()[0]!, memorySize: 0x3000, size: 0x3000 }];
    const bytes = samplePe({ directories: { 1: [table, 1], 2: [0, 0], 5: [0, 0] } }, sections);
    for (const [index, address] of many.entries()) bytes.writeUInt32LE(address, 0x480 + index * 20 + 12);
    bytes.write("a\0", 0x408, "latin1");
    return bytes;
  };
  test.each([
    ["nowhere", samplePe({ directories: { 1: [0x9000, 20] } }), /MALFORMED .* nothing for address 0x9000/],
    ["with a name nowhere", importing([0x8000]), /MALFORMED .* nothing for address 0x8000/],
    ["without a name", importing([0x1150]), /MALFORMED an imported library has no name/],
    [
      "with a name that does not end",
      importing([0x1160], { name: "x".repeat(0x20) }),
      /MALFORMED an imported library has no name/,
    ],
    ["that do not end", importing(Array.from({ length: 12 }, () => 0x1160)), /MALFORMED .* does not end/],
    ["of countless libraries", large(), /UNSUPPORTED the file imports from more than 256 libraries/],
  ])("%s", async (_, bytes, expected) => {
    const outcome = neededBy(bytes).then(String, (error) => `${error.code} ${error.message}`);
    expect(await outcome).toMatch(expected);
  });
});
