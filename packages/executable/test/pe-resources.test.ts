import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  describePe,
  type Edit,
  editedSource,
  fromBytes,
  type PeTemplate,
  peEdit,
  peTail,
  planPeTemplate,
  readPe,
  readPeIcon,
} from "../src/index.ts";
import { samplePe } from "./pe-sample.ts";
import { checksums, makeExecutable, makeTemplate, readobj } from "./pe-tools.ts";
import { openSource, run, temporaryFolder } from "./tools.ts";

const officialTemplate = () => makeTemplate("24.21.0", "win32-x64");
const payload = [Buffer.from("payload")];

/** A square of one colour. */
function png(size: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const bytes = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc32(bytes));
    return Buffer.concat([length, bytes, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6], 8);
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(4 * size, 0xcc)]);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: size }, () => row)))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** An icon of two sizes, made by icotool. */
async function makeIcon(): Promise<{ icon: Buffer; images: Buffer[] }> {
  const folder = await temporaryFolder();
  const images = [png(16), png(64)];
  for (const [index, image] of images.entries()) await writeFile(join(folder, `${index}.png`), image);
  await run("icotool", ["--create", "--output=icon.ico", "0.png", "--raw=1.png"], { cwd: folder });
  return { icon: await readFile(join(folder, "icon.ico")), images };
}

test("an icon takes the place of the runtime's", async () => {
  const { icon, images } = await makeIcon();
  const executable = await makeExecutable(await officialTemplate(), payload, { icon });
  const folder = await temporaryFolder();
  const { stdout } = await run("wrestool", ["--list", executable]);
  expect(stdout.match(/--type=3 /g)).toHaveLength(2);
  expect(stdout.match(/--type=14 --name=1 /g)).toHaveLength(1);
  expect(stdout).toMatch(/--type=24/);
  await run("wrestool", ["--extract", "--type=14", "--output=again.ico", executable], { cwd: folder });
  const list = async (path: string) => (await run("icotool", ["--list", path])).stdout;
  await writeFile(join(folder, "icon.ico"), icon);
  expect(await list(join(folder, "again.ico"))).toBe(await list(join(folder, "icon.ico")));
  expect((await readFile(join(folder, "again.ico"))).includes(images[1]!)).toBe(true);
  const [stored, computed] = await checksums(executable);
  expect(stored).toBe(computed);
});

test("version information takes the place of the runtime's", async () => {
  const version = {
    fileVersion: "1.2.3-beta.4",
    productVersion: "10.20",
    companyName: "Exämple GmbH",
    fileDescription: "An example 例",
    productName: "Example",
    originalFilename: "example.exe",
    legalCopyright: "© 2026",
  };
  const executable = await makeExecutable(await officialTemplate(), payload, { version });
  const pe = await readPe(await openSource(executable));
  expect((await describePe(pe)).version).toEqual({
    fileVersion: "1.2.3.0",
    productVersion: "10.20.0.0",
    strings: {
      CompanyName: "Exämple GmbH",
      FileDescription: "An example 例",
      FileVersion: "1.2.3-beta.4",
      LegalCopyright: "© 2026",
      OriginalFilename: "example.exe",
      ProductName: "Example",
      ProductVersion: "10.20",
    },
  });
  // Python's reader, from Microsoft's structures.
  const script = join(await temporaryFolder(), "version.py");
  await writeFile(script, versionScript);
  const extracted = await run("wrestool", ["--extract", "--raw", "--type=16", executable], {
    encoding: "buffer",
  });
  await writeFile(`${script}.bin`, extracted.stdout);
  expect(JSON.parse((await run("python3", [script, `${script}.bin`])).stdout)).toEqual({
    key: "VS_VERSION_INFO",
    fixed: [0xfeef04bd, 0x10000, 0x10002, 0x30000, 0xa0014, 0, 0x3f, 0, 0x40004, 1, 0, 0, 0],
    tables: {
      "040904B0": {
        CompanyName: "Exämple GmbH",
        FileDescription: "An example 例",
        FileVersion: "1.2.3-beta.4",
        LegalCopyright: "© 2026",
        OriginalFilename: "example.exe",
        ProductName: "Example",
        ProductVersion: "10.20",
      },
    },
    translation: "0904b004",
  });
  const resources = await readobj(executable, "--coff-resources");
  expect(resources).toMatch(/Type: VERSIONINFO \(ID 16\) \[[\s\S]*?Language: \(ID 1033\)/);
});

const versionScript = `
import json, struct, sys
data = open(sys.argv[1], "rb").read()
align = lambda at: (at + 3) & ~3
def node(at):
    length, value_length, kind = struct.unpack_from("<HHH", data, at)
    end = at + 6
    while data[end:end + 2] != b"\\0\\0":
        end += 2
    key = data[at + 6:end].decode("utf-16le")
    value = align(end + 2)
    return key, value, value_length * (2 if kind else 1), at + length
def children(at, end):
    while align(at) < end:
        child = node(align(at))
        yield child
        at = child[3]
key, value, size, end = node(0)
assert end == len(data), (end, len(data))
result = {"key": key, "fixed": struct.unpack_from("<13I", data, value), "tables": {}}
for name, start, length, stop in children(value + size, end):
    for table, first, _, last in children(start, stop):
        if name == "VarFileInfo":
            result["translation"] = data[first:first + 4].hex()
        else:
            result["tables"][table] = {
                text: data[a:a + n].decode("utf-16le").rstrip("\\0") for text, a, n, _ in children(first, last)
            }
            assert all(data[a + n - 2:a + n] == b"\\0\\0" for _, a, n, _ in children(first, last))
print(json.dumps(result))
`;

test("the subsystem is the runtime's unless given", async () => {
  for (const [subsystem, expected] of [
    [undefined, "IMAGE_SUBSYSTEM_WINDOWS_CUI"],
    ["gui", "IMAGE_SUBSYSTEM_WINDOWS_GUI"],
    ["console", "IMAGE_SUBSYSTEM_WINDOWS_CUI"],
  ] as const) {
    const executable = await makeExecutable(
      await officialTemplate(),
      payload,
      subsystem ? { subsystem } : {},
    );
    expect(await readobj(executable, "--file-headers")).toContain(`Subsystem: ${expected} `);
  }
});

async function sampleTemplate(): Promise<{ bytes: Buffer; template: PeTemplate; edit: Edit }> {
  const bytes = samplePe();
  return { bytes, ...(await planPeTemplate(await readPe(fromBytes(bytes)), { resourceName: "PAYLOAD" })) };
}

/** The sample with this icon. */
async function sampleWith(icon: Uint8Array): Promise<Buffer> {
  const { bytes, edit, template } = await sampleTemplate();
  const tail = peTail(template, payload, { icon });
  const source = editedSource(editedSource(fromBytes(bytes), edit), peEdit(template, tail));
  return Buffer.from(await source.read(0, source.size));
}

test("resources that the runtime names by texts are kept, and found in the order of the format", async () => {
  const { bytes, edit, template } = await sampleTemplate();
  const { icon } = await makeIcon();
  const tail = peTail(template, payload, { icon, version: { fileVersion: "1" } });
  const source = editedSource(editedSource(fromBytes(bytes), edit), peEdit(template, tail));
  const { resources } = await readPe(source);
  expect(resources.map(({ type, name, language }) => [type, name, language])).toEqual([
    ["NAMED", "TEXT", 0x409],
    [3, 1, 0x409],
    [3, 2, 0x409],
    [10, "PAYLOAD", 0],
    [14, 1, 0x409],
    [16, 1, 0x409],
    [24, 1, 0],
  ]);
  const content = async (index: number) => {
    const { offset, size } = resources[index]!.content;
    return Buffer.from(await source.read(offset, size)).toString();
  };
  expect([await content(0), await content(3), await content(6)]).toEqual(["first", "payload", "<a></a>"]);
  for (const { content } of resources) expect(content.offset % 16).toBe(0);
});

test("an icon is read again, so that the same resources come of it", async () => {
  const { template } = await sampleTemplate();
  const { icon } = await makeIcon();
  const again = await readPeIcon(await readPe(fromBytes(await sampleWith(icon))));
  expect(again).toEqual(icon);
  // What is between the images, and their order, is lost.
  const images = icon.subarray(6 + 2 * 16);
  const moved = Buffer.concat([icon.subarray(0, 6 + 2 * 16), Buffer.alloc(5), images]);
  for (const entry of [6, 22]) moved.writeUInt32LE(moved.readUInt32LE(entry + 12) + 5, entry + 12);
  const read = (await readPeIcon(await readPe(fromBytes(await sampleWith(moved)))))!;
  expect(peTail(template, payload, { icon: read })).toEqual(peTail(template, payload, { icon: moved }));
  expect(await readPeIcon(await readPe(fromBytes(samplePe())))).toBeUndefined();
});

test("an icon of a damaged file is refused", async () => {
  const bytes = await sampleWith((await makeIcon()).icon);
  const { resources } = await readPe(fromBytes(bytes));
  const group = resources.find(({ type }) => type === 14)!.content.offset;
  const image = resources.find(({ type }) => type === 3)!.content.offset;
  for (const [at, value, code] of [
    [group + 4, 0, "EXECUTABLE_MALFORMED"],
    [group + 4, 3, "EXECUTABLE_MALFORMED"],
    [group + 4, 255, "EXECUTABLE_MALFORMED"],
    [group + 6 + 12, 9, "EXECUTABLE_MALFORMED"],
    [group, 1, "EXECUTABLE_ICON_INVALID"],
    [image, 0, "EXECUTABLE_ICON_INVALID"],
  ] as const) {
    const changed = Buffer.from(bytes);
    changed[at] = value;
    await expect(readPe(fromBytes(changed)).then(readPeIcon), `${at}`).rejects.toMatchObject({ code });
  }
});

test("icons that are none are refused", async () => {
  const { template } = await sampleTemplate();
  const { icon } = await makeIcon();
  const changed = (at: number, ...values: number[]) => {
    const bytes = Buffer.from(icon);
    bytes.set(values, at);
    return bytes;
  };
  for (const [bytes, message] of [
    [Buffer.alloc(0), /cut short/],
    [icon.subarray(0, 5), /cut short/],
    [icon.subarray(0, 30), /cut short/],
    [png(16), /not in the format/],
    [changed(2, 2), /not in the format/],
    [changed(4, 0), /0 images/],
    [changed(4, 255, 255), /65535 images/],
    [changed(14, 255, 255, 255, 255), /image 1 is outside/],
    [changed(18, 255, 255, 255, 255), /image 1 is outside/],
    [changed(14, 0, 0), /image 1 is neither/],
    [changed(18, 0), /image 1 is neither/],
  ] as const)
    expect(() => peTail(template, payload, { icon: bytes })).toThrow(
      expect.objectContaining({ code: "EXECUTABLE_ICON_INVALID", message: expect.stringMatching(message) }),
    );
});

test("version information that cannot be written is refused", async () => {
  const { template } = await sampleTemplate();
  for (const version of [
    { fileVersion: "v1" },
    { fileVersion: "1.65536" },
    { productVersion: "" },
    { productName: "a\0b" },
    { comments: "x".repeat(40_000) },
  ])
    expect(() => peTail(template, payload, { version })).toThrow(RangeError);
  for (const fileVersion of ["1", "1.2.3.4", "1.2.3.4.5", "65535.0.1", "2026-11-23"])
    expect(peTail(template, payload, { version: { fileVersion } }).tail.length).toBeGreaterThan(0);
});
