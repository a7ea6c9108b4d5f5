import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { applyEdit, describePe, fromBytes, planPeStrip, readPe } from "../src/index.ts";
import { changedSection, samplePe, sampleSections } from "./pe-sample.ts";
import { checksums, readobj, windowsRuntimes } from "./pe-tools.ts";
import { openSource, temporaryFolder } from "./tools.ts";

const end = samplePe().length;

/** Two COFF symbols, one of them with a long name in the table that follows. */
function symbols(): Buffer {
  const bytes = Buffer.alloc(2 * 18 + 4 + 12);
  bytes.write("main", 0, "latin1");
  bytes.writeUInt32LE(4, 18 + 4);
  for (const at of [0, 18]) {
    bytes.writeInt16LE(1, at + 12);
    bytes.writeUInt8(2, at + 16);
  }
  bytes.writeUInt32LE(16, 36);
  bytes.write("a_long_name\0", 40, "latin1");
  return bytes;
}

async function strip(bytes: Buffer) {
  const folder = await temporaryFolder();
  const [input, output] = [join(folder, "input.exe"), join(folder, "output.exe")];
  await writeFile(input, bytes);
  const pe = await readPe(fromBytes(bytes));
  const plan = await planPeStrip(pe);
  await applyEdit(input, output, plan);
  const [stored, computed] = await checksums(output);
  expect(stored).toBe(computed);
  return { plan, input, output, stripped: await readPe(await openSource(output)) };
}

test.each(windowsRuntimes)("node $version $target has nothing but its signature to lose", async ({
  version,
  target,
}) => {
  const pe = await readPe(await openSource(await testRuntime(version, target)));
  expect(await planPeStrip(pe)).toMatchObject({ removed: ["signature"], removedBytes: 15_688 });
});

test("symbols are removed", async () => {
  const { plan, input, output, stripped } = await strip(samplePe({ symbols: [end, 2], behind: symbols() }));
  expect(await readobj(input, "--symbols")).toMatch(/Name: a_long_name/);
  expect(plan).toMatchObject({ removed: ["symbols"], removedBytes: symbols().length, size: end });
  expect(await readobj(output, "--symbols")).not.toMatch(/Name: /);
  expect(stripped.header.symbols).toEqual({ offset: 0, count: 0 });
  // A second strip changes nothing.
  expect(await planPeStrip(stripped)).toMatchObject({ removed: [], removedBytes: 0, size: plan.size });
});

test("debug information behind the sections is removed, and its entry", async () => {
  const bytes = samplePe({ behind: Buffer.alloc(100, "RSDS, a guid, its age and a path") });
  bytes.writeUInt32LE(100, 0x410);
  bytes.writeUInt32LE(0, 0x414);
  bytes.writeUInt32LE(end, 0x418);
  const { plan, output, stripped } = await strip(bytes);
  expect(plan).toMatchObject({ removed: ["debug information"], removedBytes: 100 });
  expect((await describePe(stripped)).debug).toBeUndefined();
  expect(await readobj(output, "--coff-debug-directory")).toMatch(/Type: Unknown \(0x0\)/);
});

test("debug information inside a section stays", async () => {
  const { plan, stripped } = await strip(samplePe());
  expect(plan).toMatchObject({ removed: [], removedBytes: 0 });
  expect((await describePe(stripped)).debug?.path).toBe("a.pdb");
});

test("bytes that nothing accounts for are kept by refusing", async () => {
  const refused = async (bytes: Buffer, message: RegExp) =>
    expect(planPeStrip(await readPe(fromBytes(bytes)))).rejects.toThrow(message);
  await refused(samplePe({ behind: Buffer.from("archive") }), /no section accounts for 7 bytes/);
  await refused(samplePe({ behind: Buffer.alloc(16) }), /no section accounts for 16 bytes/);
  await refused(
    samplePe({ symbols: [end + 8, 2], behind: Buffer.concat([Buffer.from("before !"), symbols()]) }),
    /no section accounts for 8 bytes/,
  );
  await refused(
    samplePe({ symbols: [end, 2], behind: Buffer.concat([symbols(), Buffer.from("after")]) }),
    /no section accounts for 5 bytes/,
  );
  // A section takes its name from there.
  await refused(
    samplePe({ symbols: [end, 2], behind: symbols() }, changedSection(0, { name: "/4" })),
    /section \/4 has its name/,
  );
  await refused(samplePe({ symbols: [0x400, 1] }), /inside a section/);
  await refused(samplePe({ symbols: [end, 2 ** 32 - 1], behind: symbols() }), /too few for 4 more/);
  const longNames = symbols();
  longNames.writeUInt32LE(2 ** 32 - 1, 36);
  await refused(samplePe({ symbols: [end, 2], behind: longNames }), /past the end of the file/);
  // Zeros that align are no loss.
  expect((await strip(samplePe({ behind: Buffer.alloc(15) }, sampleSections()))).plan.removedBytes).toBe(15);
});
