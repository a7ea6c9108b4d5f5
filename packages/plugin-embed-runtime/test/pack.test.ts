import { entryLength, headerLength } from "@sbp/manifest";
import { describe, expect, test } from "vitest";
import { makePack, type PackFile } from "../src/pack.ts";
import { readPack } from "../src/pack-reader.ts";
import { commonJsScript } from "../src/script.ts";

const text = (content: string) => Buffer.from(content);
const pack = (files: readonly PackFile[], address = 0) =>
  Buffer.concat(makePack(files, { main: "main.cjs" }, address));

const files: PackFile[] = [
  { path: "public/index.html", content: text("<p>ü</p>") },
  { path: "main.cjs", content: commonJsScript("#!/usr/bin/env node\nrun()"), codeCache: text("cache") },
  { path: "public/tool.sh", content: text("#!/bin/sh"), executable: true },
  { path: "public/a/b/deep.txt", content: text("deep") },
  { path: "empty", content: text("") },
];

describe("a pack", () => {
  test("gives back every file", () => {
    const { info, files: read } = readPack(pack(files));
    expect(info).toEqual({ main: "main.cjs" });
    const content = Object.fromEntries(read.map((file) => [file.path, file.content.toString()]));
    expect(content).toEqual({
      empty: "",
      "main.cjs":
        "(function (exports, require, module, __filename, __dirname) {\n///usr/bin/env node\nrun()\n})",
      "public/index.html": "<p>ü</p>",
      "public/tool.sh": "#!/bin/sh",
      "public/a/b/deep.txt": "deep",
    });
    expect(read.filter((file) => file.executable).map((file) => file.path)).toEqual(["public/tool.sh"]);
    expect(read.filter((file) => !file.ascii).map((file) => file.path)).toEqual(["public/index.html"]);
  });

  test("says where the source map is, and is refused where that makes no sense", () => {
    const withMap = (sourceMap: unknown) =>
      readPack(Buffer.concat(makePack(files, { main: "main.cjs", sourceMap: sourceMap as never }, 0))).info;
    for (const sourceMap of [{ map: ".sbp/map" }, { map: ".sbp/map", content: ".sbp/content" }])
      expect(withMap(sourceMap)).toEqual({ main: "main.cjs", sourceMap });
    for (const sourceMap of [null, "x", {}, { map: 1 }, { map: "x", content: 1 }])
      expect(() => withMap(sourceMap)).toThrow(RangeError);
  });

  test("says what of a script is the file's text", () => {
    const main = readPack(pack(files)).files.find(({ path }) => path === "main.cjs")!;
    const { head, foot, module } = main.script!;
    expect(main.content.subarray(head, -foot).toString()).toBe("///usr/bin/env node\nrun()");
    expect(module).toBe(false);
    expect(main.codeCache?.toString()).toBe("cache");
  });

  test("has contents at multiples of 8 in memory, wherever it begins", () => {
    for (const address of [0, 1, 0x7c1_0003]) {
      const bytes = pack(files, address);
      for (const { content, codeCache } of readPack(bytes).files)
        for (const part of [content, codeCache])
          if (part) expect((address + part.byteOffset - bytes.byteOffset) % 8).toBe(0);
    }
  });

  test("is the same whatever the order of the files", () => {
    const names = (bytes: Buffer) => readPack(bytes).files.map(({ path }) => path);
    expect(names(pack(files.toReversed()))).toEqual(names(pack(files)));
  });

  test("holds thousands of files", () => {
    const many = Array.from({ length: 5000 }, (_, nr) => ({
      path: `d${nr % 70}/f${nr}`,
      content: text(`${nr}`),
    }));
    const read = readPack(pack(many)).files;
    expect(read.length).toBe(5000);
    expect(read.every(({ path, content }) => path.endsWith(`f${content}`))).toBe(true);
  });

  test.each([
    "../x",
    "a//b",
    "/a",
    ".",
    "a/./b",
    "a\\b",
    "a\0",
    `${"x".repeat(256)}`,
    "",
  ])("refuses the path %j", (path) => {
    expect(() => pack([{ path, content: text("") }])).toThrow(TypeError);
  });

  test("refuses two files at one place", () => {
    expect(() => pack([files[0]!, files[0]!])).toThrow(TypeError);
    expect(() => pack([files[4]!, { path: "empty/x", content: text("") }])).toThrow(TypeError);
    expect(() => pack([{ path: "empty/x", content: text("") }, files[4]!])).toThrow(TypeError);
  });
});

describe("a damaged pack", () => {
  /** The pack with a 32-bit number replaced. */
  const damaged = (offset: number, value: number) => {
    const bytes = pack(files);
    bytes.writeUInt32LE(value >>> 0, offset);
    return bytes;
  };
  const entry = (nr: number, field: number) => headerLength + nr * entryLength + field;

  test.each([
    ["magic", damaged(0, 1)],
    ["version", damaged(8, 2)],
    ["number of entries", damaged(12, 0xffff_ffff)],
    ["no entries", damaged(12, 0)],
    ["fewer entries", damaged(12, 3)],
    ["place of the entries", damaged(16, 0xffff_fff0)],
    ["place of the names", damaged(20, 0xffff_fff0)],
    ["info", damaged(28, 0)],
    ["length", damaged(36, 1000)],
    ["root that is its own child", damaged(entry(0, 8), 0)],
    ["more children than entries", damaged(entry(0, 12), 0xffff_ffff)],
    ["name outside", damaged(entry(1, 0), 0xffff_ffff)],
    ["empty name", damaged(entry(1, 4), 0o100444 << 16)],
    ["mode", damaged(entry(1, 4), (0o020777 << 16) | 5)],
    ["content outside", damaged(entry(1, 8), 0xffff_ffff)],
    ["wrapper longer than the content", damaged(entry(1, 28), 100)],
    ["code cache outside", damaged(entry(2, 20), 0xffff_ffff)],
    ["nothing", Buffer.alloc(0)],
    ["cut off", pack(files).subarray(0, -1)],
  ])("is refused: %s", (_, bytes) => {
    expect(() => readPack(bytes)).toThrow(/^damaged pack: /);
  });

  test("is never read as something else than RangeError or a pack, whatever byte is wrong", () => {
    const good = pack(files);
    for (let offset = 0; offset < headerLength + 8 * entryLength; offset++) {
      const bytes = Buffer.from(good);
      bytes[offset]! ^= 0x81;
      try {
        readPack(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });

  test("with a name that leaves its directory is refused", () => {
    const bytes = pack([{ path: "xx", content: text("") }]);
    bytes.write("..", bytes.indexOf("xx"), "latin1");
    expect(() => readPack(bytes)).toThrow("damaged pack: name");
  });
});
