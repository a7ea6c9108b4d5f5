import { describe, expect, test } from "vitest";
import {
  describeMacho,
  fromBytes,
  type MachoTemplate,
  machoTail,
  parseMachoTemplate,
  planMachoTemplate,
  readMacho,
} from "../src/index.ts";
import { addSegmentToFixups } from "../src/macho/chained-fixups.ts";
import {
  fixups,
  linkeditOffset,
  page,
  type SampleOptions,
  sampleMacho,
  segment,
  textOffset,
} from "./macho-sample.ts";
import { identifier, place } from "./macho-tools.ts";

const plan = async (options: SampleOptions = {}, bytes: Buffer = sampleMacho(options).bytes) =>
  planMachoTemplate(await readMacho(fromBytes(bytes)), place);

/** The whole executable, from a plan alone. */
async function build(
  { edit, template, linkedit, pageHashes }: Awaited<ReturnType<typeof plan>>,
  source: Buffer,
) {
  const { patches, tail } = await machoTail(template, [Buffer.from("payload")], {
    linkedit,
    pageHashes,
    identifier,
  });
  const file = Buffer.from(source.subarray(0, edit.keep));
  for (const { offset, bytes } of [...edit.patches, ...patches]) file.set(bytes, offset);
  return Buffer.concat([file, ...tail]);
}

test("a template is the runtime up to __LINKEDIT", async () => {
  const { edit, template, linkedit, pageHashes } = await plan();
  expect([edit.keep, edit.size, template.size]).toEqual([linkeditOffset, linkeditOffset, linkeditOffset]);
  expect(template).toMatchObject({ architecture: "arm64", ...place, sdk: 0xf0500, entitlements: null });
  expect(linkedit.length).toBe(template.linkeditSize);
  expect(pageHashes.length).toBe((linkeditOffset / 4096) * 32);
});

test("the payload gets its own segment, and chained fixups one more", async () => {
  const { bytes, parts } = sampleMacho();
  const file = await build(await plan(), bytes);
  const macho = await readMacho(fromBytes(file));
  expect(macho.segments.map(({ name, offset, address }) => [name, offset, address])).toEqual([
    ["__PAGEZERO", 0, 0],
    ["__TEXT", 0, 0x100000000],
    ["__DATA", page, 0x100004000],
    ["NODE_SEA", 2 * page, 0x100008000],
    ["__LINKEDIT", 3 * page, 0x10000c000],
  ]);
  expect(macho.segments[3]).toMatchObject({ memorySize: page, fileSize: page, initialProtection: 1 });
  expect(macho.segments[3]!.sections).toMatchObject([{ name: "__NODE_SEA_BLOB", size: 7, offset: 2 * page }]);
  const fixups = macho.linkeditParts.find(({ kind }) => kind === "fixups")!;
  const [before, after] = [bytes.subarray(parts.fixups), file.subarray(fixups.offset)];
  expect(before.readUInt32LE(32)).toBe(4);
  expect(after.readUInt32LE(32)).toBe(5);
  // Four entries and a count leave room for a fifth before what is aligned to 8 bytes.
  expect(after.readUInt32LE(32 + 4 + 4 * 2)).toBe(before.readUInt32LE(32 + 4 + 4 * 2));
  expect(after.readUInt32LE(32 + 4 + 4 * 4)).toBe(0);
});

test.each([4, 5, 6, 7])("fixups of %d segments get one more, moved if there is no room", (count) => {
  const before = fixups(count);
  const after = Buffer.from(addSegmentToFixups(before, count, 0));
  const start = before.readUInt32LE(32 + 4 + 4 * 2);
  const shift = 4 + 4 * (count + 1) <= start ? 0 : 8;
  expect(shift).toBe(count % 2 === 0 ? 0 : 8);
  expect(after.length).toBe(Math.ceil((before.length + shift) / 8) * 8);
  expect(after.readUInt32LE(32)).toBe(count + 1);
  expect(after.readUInt32LE(32 + 4 + 4 * count)).toBe(0);
  expect(after.readUInt32LE(32 + 4 + 4 * 2)).toBe(start + shift);
  for (const field of [8, 12]) expect(after.readUInt32LE(field)).toBe(before.readUInt32LE(field) + shift);
  expect(after.subarray(32 + start + shift, before.length + shift)).toEqual(before.subarray(32 + start));
});

test("local symbols are left out, the others keep their names", async () => {
  const { bytes } = sampleMacho();
  const file = await build(await plan(), bytes);
  const macho = await readMacho(fromBytes(file));
  const part = (kind: string) => macho.linkeditParts.find((one) => one.kind === kind)!;
  expect(part("symbols").size).toBe(3 * 16);
  const names = [0, 1, 2].map((index) => {
    const at = part("strings").offset + file.readUInt32LE(part("symbols").offset + 16 * index);
    return file.toString("latin1", at, file.indexOf(0, at));
  });
  expect(names).toEqual(["_main", "_exported", "_malloc"]);
  const indirect = file.subarray(part("indirectSymbols").offset);
  expect([0, 4, 8, 12].map((at) => indirect.readUInt32LE(at))).toEqual([2, 0x80000000, 1, 0x40000000]);
});

describe("symbols stay when", () => {
  const unchanged: [string, SampleOptions | ((bytes: Buffer) => void)][] = [
    [
      "something refers to a local one",
      { parts: { indirect: Buffer.from(Uint32Array.of(1, 0, 0, 0).buffer) } },
    ],
    ["their groups are not in order", (bytes) => bytes.writeUInt32LE(1, sampleMacho().command(0xb) + 12)],
    [
      "a name is outside the table",
      (bytes) => bytes.writeUInt32LE(1000, sampleMacho().parts.symbols + 3 * 16),
    ],
    ["one stands for another", (bytes) => bytes.writeUInt8(0x0b, sampleMacho().parts.symbols + 3 * 16 + 4)],
  ];
  test.each(unchanged)("%s", async (_, change) => {
    const { bytes } = sampleMacho(typeof change === "function" ? {} : change);
    if (typeof change === "function") change(bytes);
    const file = await build(await plan({}, bytes), bytes);
    const { linkeditParts } = await readMacho(fromBytes(file));
    expect(linkeditParts.find(({ kind }) => kind === "symbols")!.size).toBe(5 * 16);
  });

  test("the caller wants it", async () => {
    const macho = await readMacho(fromBytes(sampleMacho().bytes));
    const kept = await planMachoTemplate(macho, { ...place, strip: false });
    expect(kept.linkedit.length).toBeGreaterThan((await plan()).linkedit.length);
  });
});

test("an unsigned runtime gets a load command for the signature", async () => {
  const { bytes } = sampleMacho({ isSigned: false });
  const before = await readMacho(fromBytes(bytes));
  const after = await readMacho(fromBytes(await build(await plan({ isSigned: false }), bytes)));
  expect(after.header.commandCount).toBe(before.header.commandCount + 2);
  const { signature } = await describeMacho(after);
  expect(signature).toMatchObject({ hasCms: false, codeDirectories: [{ identifier, flags: 2 }] });
});

test("patches of the caller become part of the template", async () => {
  const macho = await readMacho(fromBytes(sampleMacho().bytes));
  const patch = { offset: page + 5, bytes: Buffer.from("12") };
  const { edit, pageHashes } = await planMachoTemplate(macho, { ...place, patches: [patch] });
  expect(edit.patches).toContain(patch);
  const other = (await plan()).pageHashes;
  const changed = [...Array(8).keys()].filter(
    (index) =>
      Buffer.compare(
        pageHashes.subarray(32 * index, 32 * index + 32),
        other.subarray(32 * index, 32 * index + 32),
      ) !== 0,
  );
  expect(changed).toEqual([4]);
  // Also on the header's last page.
  const near = { offset: 0xfff, bytes: Buffer.from("34") };
  const { template } = await planMachoTemplate(macho, { ...place, patches: [near] });
  expect(Buffer.from(template.header, "base64").at(-1)).toBe("3".charCodeAt(0));
  for (const offset of [0, 31, 900, linkeditOffset - 1, linkeditOffset])
    await expect(planMachoTemplate(macho, { ...place, patches: [{ ...patch, offset }] })).rejects.toThrow(
      RangeError,
    );
});

test("names that no segment or section has are refused", async () => {
  const macho = await readMacho(fromBytes(sampleMacho().bytes));
  for (const name of ["", "a\0b", "é", "x".repeat(17)]) {
    await expect(planMachoTemplate(macho, { ...place, segment: name })).rejects.toThrow(RangeError);
    await expect(planMachoTemplate(macho, { ...place, section: name })).rejects.toThrow(RangeError);
  }
});

describe("refuses", () => {
  const late = (name: string) => segment(name, { address: 0x200000000, memory: 0, offset: 0, size: 0 });
  const cases: [string, SampleOptions, RegExp][] = [
    ["a library", { type: 6 }, /^EXECUTABLE_UNSUPPORTED only executables/],
    [
      "a file with a payload",
      { extra: [late("NODE_SEA")] },
      /^EXECUTABLE_PAYLOAD_EXISTS .* segment NODE_SEA/,
    ],
    [
      "a segment after __LINKEDIT",
      { extra: [late("__CTF")] },
      /^EXECUTABLE_UNSUPPORTED __LINKEDIT is not the last/,
    ],
    [
      "load commands of unknown meaning",
      { extra: [{ type: 0x31, body: Buffer.alloc(32) }] },
      /^EXECUTABLE_UNSUPPORTED load command 0x31/,
    ],
    [
      "encrypted code",
      { extra: [{ type: 0x2c, body: Buffer.from(Uint32Array.of(0, 0, 1, 0).buffer) }] },
      /^EXECUTABLE_UNSUPPORTED load command 0x2c/,
    ],
    [
      "no room for a load command",
      { extra: [{ type: 0x8000001c, body: Buffer.alloc(textOffset - 904, "\x0c\0\0\0") }] },
      /^EXECUTABLE_UNSUPPORTED there is room for \d+ bytes of load commands, not for the 152/,
    ],
  ];
  const outcome = (result: Promise<unknown>) =>
    result.then(
      () => "ok",
      (error) => `${error.code} ${error.message}`,
    );
  test.each(cases)("%s", async (_, options, expected) => {
    expect(await outcome(plan(options))).toMatch(expected);
  });

  test("room that is in use", async () => {
    const { bytes } = sampleMacho();
    bytes[textOffset - 1] = 1;
    expect(await outcome(plan({}, bytes))).toBe("ok");
    bytes[32 + bytes.readUInt32LE(20) + 100] = 1;
    expect(await outcome(plan({}, bytes))).toMatch(/^EXECUTABLE_UNSUPPORTED the room .* is in use/);
  });

  test("bytes after __LINKEDIT", async () => {
    const bytes = Buffer.concat([sampleMacho().bytes, Buffer.alloc(1)]);
    expect(await outcome(plan({}, bytes))).toMatch(/^EXECUTABLE_UNSUPPORTED the file has bytes after/);
  });

  test("a template as a runtime", async () => {
    const { bytes } = sampleMacho();
    const file = await build(await plan(), bytes);
    expect(await outcome(plan({}, file))).toMatch(/^EXECUTABLE_PAYLOAD_EXISTS/);
  });
});

describe("a description from a cache", () => {
  test("comes back as it was", async () => {
    const { template } = await plan();
    expect(parseMachoTemplate(JSON.parse(JSON.stringify(template)))).toEqual(template);
  });

  test("is refused when it is anything else", async () => {
    const { template } = await plan();
    const changed = (change: object) => ({ ...template, ...change });
    const header = (at: number, value: number) => {
      const bytes = Buffer.from(template.header, "base64");
      bytes.writeUInt32LE(value, at);
      return changed({ header: bytes.toString("base64") });
    };
    const wrong: unknown[] = [
      ...[undefined, null, [], "macho", {}],
      changed({ format: "elf" }),
      changed({ architecture: "x86-64" }),
      changed({ architecture: "mips" }),
      changed({ size: template.size + 0x4000 }),
      changed({ size: "0" }),
      changed({ size: 2 ** 40 }),
      changed({ segment: "OTHER" }),
      changed({ section: "" }),
      changed({ section: "other" }),
      changed({ header: "" }),
      changed({ header: "*" }),
      changed({ header: template.header.slice(0, 400) }),
      changed({ header: "A".repeat(200_000) }),
      changed({ linkeditSize: template.linkeditSize + 16 }),
      changed({ linkeditSize: undefined }),
      changed({ sdk: -1 }),
      changed({ infoPlistHash: "ab" }),
      changed({ infoPlistHash: undefined }),
      changed({ entitlements: undefined }),
      changed({ entitlements: { xml: "", der: "" } }),
      changed({ entitlements: { xml: "+t5xcQAAAAg=", der: "+t5xcgAAAAk=" } }),
      header(0, 0),
      header(12, 6),
      header(16, 0xffff),
      header(20, 8),
    ];
    expect(() => parseMachoTemplate(changed({}))).not.toThrow();
    const blobs = { xml: "+t5xcQAAAAg=", der: "+t5xcgAAAAg=" };
    expect(parseMachoTemplate(changed({ entitlements: blobs })).entitlements).toEqual(blobs);
    for (const value of wrong)
      expect(() => parseMachoTemplate(value), JSON.stringify(value)?.slice(0, 200)).toThrow(
        expect.objectContaining({ code: "EXECUTABLE_TEMPLATE_INVALID" }),
      );
  });

  test("carries nothing else along", async () => {
    const { template } = await plan();
    const parsed: MachoTemplate = parseMachoTemplate({ ...template, extra: 1 });
    expect(parsed).toEqual(template);
  });
});
