import { expect, test } from "vitest";
import {
  type ByteSource,
  computePeChecksum,
  editedSource,
  fromBytes,
  parsePeTemplate,
  peEdit,
  peTail,
  planPeTemplate,
  readPe,
} from "../src/index.ts";
import { changedSection, headersSize, type SamplePe, samplePe, sampleSections, tree } from "./pe-sample.ts";
import { makeTemplate, windowsRuntimes } from "./pe-tools.ts";

const resourceName = "PAYLOAD";
const payload = Buffer.from("the payload");

/** What becomes of a file: the sections of the executable by name, address and offset. */
async function build(bytes: Uint8Array): Promise<{ source: ByteSource; size: number; sections: unknown[] }> {
  const input = fromBytes(bytes);
  const { edit, template } = await planPeTemplate(await readPe(input), { resourceName });
  const source = editedSource(editedSource(input, edit), peEdit(template, peTail(template, [payload])));
  const pe = await readPe(source);
  expect(pe.header.checksum).toBe(await computePeChecksum(pe));
  const { content } = pe.resources.find(({ name }) => name === resourceName)!;
  expect(Buffer.from(await source.read(content.offset, content.size))).toEqual(payload);
  const sections = pe.sections.map(({ name, address, offset }) => [name, address, offset]);
  return { source, size: template.size, sections };
}

test.each(windowsRuntimes)("node $version $target becomes smaller than it was", async ({
  version,
  target,
}) => {
  const { pe, edit, template } = await makeTemplate(version, target);
  const [resources, relocations] = pe.sections.slice(-2);
  expect([resources!.name, relocations!.name]).toEqual([".rsrc", ".reloc"]);
  expect(edit.keep).toBe(resources!.offset);
  expect(template.size).toBe(resources!.offset + relocations!.size);
  expect(template.resources).toHaveLength(pe.resources.length);
});

test("the relocations move to the place of the resources", async () => {
  const { sections, source } = await build(samplePe());
  expect(sections).toEqual([
    [".text", 0x1000, 0x400],
    [".reloc", 0x2000, 0x600],
    [".rsrc", 0x3000, 0x800],
  ]);
  const { header } = await readPe(source);
  expect(header.directories[5]).toEqual({ address: 0x2000, size: 12 });
  expect(Buffer.from(await source.read(0x600, 12)).readUInt32LE(4)).toBe(12);
});

test("resources that are last are replaced", async () => {
  const { sections } = await build(samplePe({ directories: { 5: [0, 0] } }, sampleSections().slice(0, 2)));
  expect(sections).toEqual([
    [".text", 0x1000, 0x400],
    [".rsrc", 0x2000, 0x600],
  ]);
});

const kept = [
  [".text", 0x1000, 0x400],
  [".rsrc", 0x2000, 0x600],
  [".reloc", 0x3000, 0x800],
  [".rsrc", 0x4000, 0xa00],
];

test("a file without resources gets a section for them", async () => {
  const { sections } = await build(samplePe({ directories: { 2: [0, 0] } }));
  expect(sections).toEqual(kept);
});

test.each<[string, SamplePe]>([
  ["code", { directories: { 6: [0, 0], 1: [0x2100, 8] } }],
  ["something in front", { directories: { 2: [0x2008, 0x1f8] } }],
])("a resource section with %s stays, unused", async (_, fields) => {
  const bytes = samplePe(fields);
  // The tree may be read from 8 bytes further on.
  if (fields.directories?.[2]) bytes.copyWithin(tree.root + 8, tree.root, tree.root + 0xe0);
  expect((await build(bytes)).sections).toEqual(kept);
});

test("a resource section that others follow stays, unused", async () => {
  const other = { name: ".other", memorySize: 8, address: 0x4000, size: 0x200, offset: 0xa00 };
  const { sections } = await build(samplePe({}, [...sampleSections(), other]));
  expect(sections).toEqual([...kept.slice(0, 3), [".other", 0x4000, 0xa00], [".rsrc", 0x5000, 0xc00]]);
  // Before it in the file, though behind it in memory.
  const swapped = changedSection(1, { offset: 0x800 });
  swapped[2] = { ...swapped[2]!, offset: 0x600 };
  const bytes = samplePe({}, swapped);
  bytes.copyWithin(0x800, 0x600, 0x800);
  expect((await build(bytes)).sections).toEqual([
    [".text", 0x1000, 0x400],
    [".rsrc", 0x2000, 0x800],
    [".reloc", 0x3000, 0x600],
    [".rsrc", 0x4000, 0xa00],
  ]);
});

test("no section header is written over other things", async () => {
  const bytes = samplePe({ directories: { 2: [0, 0] } });
  bytes[0x80 + 24 + 240 + 3 * 40 + 39] = 1;
  await expect(build(bytes)).rejects.toThrow(/no room for one more section header/);
  const full = samplePe({ directories: { 2: [0, 0] }, headersSize: 0x80 + 24 + 240 + 3 * 40 + 39 });
  await expect(build(full)).rejects.toThrow(/no room for one more section header/);
});

test("patches of the caller become part of the template", async () => {
  const pe = await readPe(fromBytes(samplePe()));
  const patch = { offset: 0x5ff, bytes: Buffer.from("1") };
  const plain = await planPeTemplate(pe, { resourceName });
  const patched = await planPeTemplate(pe, { resourceName, patches: [patch] });
  expect(patched.edit.patches).toContain(patch);
  expect(patched.template.sum).toBe((plain.template.sum + 0x3100) % 0xffff);
  for (const offset of [0, headersSize - 1, 0x600, 0x10000])
    await expect(planPeTemplate(pe, { resourceName, patches: [{ ...patch, offset }] })).rejects.toThrow(
      RangeError,
    );
  for (const name of ["", "lower", "A B", "Ä", "A".repeat(65)])
    await expect(planPeTemplate(pe, { resourceName: name })).rejects.toThrow(RangeError);
});

test("what is no program is no template", async () => {
  for (const fields of [{ flags: 0x2022 }, { subsystem: 1 }, { subsystem: 10 }])
    await expect(build(samplePe(fields))).rejects.toThrow(/only programs with or without a console/);
});

test("payloads that no image can hold are refused before they are touched", async () => {
  const { template } = await planPeTemplate(await readPe(fromBytes(samplePe())), { resourceName });
  const huge = { length: 2 ** 31 - 2 ** 16 } as unknown as Uint8Array;
  expect(() => peTail(template, [huge])).toThrow(
    expect.objectContaining({ code: "EXECUTABLE_PAYLOAD_TOO_LARGE" }),
  );
});

test("an empty payload and one of many parts are fine", async () => {
  const input = fromBytes(samplePe());
  const { edit, template } = await planPeTemplate(await readPe(input), { resourceName });
  for (const parts of [
    [],
    [Buffer.alloc(0)],
    Array.from({ length: 1000 }, (_, index) => Buffer.of(index % 256)),
  ]) {
    const source = editedSource(editedSource(input, edit), peEdit(template, peTail(template, parts)));
    const pe = await readPe(source);
    expect(pe.header.checksum).toBe(await computePeChecksum(pe));
    const { content } = pe.resources.find(({ name }) => name === resourceName)!;
    expect(Buffer.from(await source.read(content.offset, content.size))).toEqual(Buffer.concat(parts));
  }
});

test("a template description survives JSON, and a damaged one is refused", async () => {
  const { template } = await planPeTemplate(await readPe(fromBytes(samplePe())), { resourceName });
  const copy = () => JSON.parse(JSON.stringify(template));
  expect(parsePeTemplate(copy())).toEqual(template);
  expect(parsePeTemplate({ ...copy(), more: 1 })).toEqual(template);
  const [resource] = copy().resources;
  const damages = [
    ...Object.keys(template).map((field) => ({ [field]: undefined })),
    ...["size", "address", "sectionHeaderOffset", "headerOffset"].map((field) => ({ [field]: 1 })),
    { format: "elf" },
    { size: -512 },
    { size: 2 ** 32 },
    { address: 2 ** 31 },
    { sum: 0xffff },
    { fileAlignment: 0 },
    { fileAlignment: 768 },
    { sectionAlignment: 512 },
    { sectionHeaderOffset: 0 },
    { resourceName: "a" },
    { subsystem: "constructor" },
    { resources: {} },
    { resources: [null] },
    ...[
      { type: -1 },
      { type: "" },
      { name: [] },
      { language: 0x10000 },
      { codePage: "1" },
      { content: 1 },
    ].map((change) => ({ resources: [{ ...resource, ...change }] })),
  ];
  for (const damage of damages)
    expect(() => parsePeTemplate({ ...copy(), ...damage }), JSON.stringify(damage)).toThrow(
      expect.objectContaining({ code: "EXECUTABLE_TEMPLATE_INVALID" }),
    );
  for (const value of [undefined, null, 1, "pe", [], {}]) expect(() => parsePeTemplate(value)).toThrow();
});
