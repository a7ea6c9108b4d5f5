import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseEntitlements } from "../src/entitlements.ts";
import { scratchFolder } from "./app.ts";

const parse = (text: string) => parseEntitlements("e.plist", Buffer.from(text));
const values = {
  b: false,
  a: true,
  text: "ä <&> \"'",
  list: ["x", ""],
  none: [],
  empty: "",
  __proto__x: "y",
};

/** A property list by Python's own writer. */
async function written(format: "XML" | "BINARY"): Promise<Buffer> {
  const file = join(await scratchFolder(), "e.plist");
  const script = `import json, plistlib, sys
plistlib.dump(json.loads(sys.argv[1]), open(sys.argv[2], "wb"), fmt=plistlib.FMT_${format})`;
  execFileSync("python3", ["-c", script, JSON.stringify(values), file]);
  return readFile(file);
}

test("a property list of Python is read", async () => {
  expect(parseEntitlements("e.plist", await written("XML"))).toEqual(values);
});

test("a binary one is refused with the way to convert it", async () => {
  const bytes = await written("BINARY");
  expect(() => parseEntitlements("e.plist", bytes)).toThrow(
    expect.objectContaining({
      code: "SBP_ENTITLEMENTS_INVALID",
      hint: "Convert it: plutil -convert xml1 e.plist",
    }),
  );
});

test("all that may stand around it is passed over", () => {
  const text =
    `\uFEFF<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE plist SYSTEM "x">\n<!-- b --><plist version="1.0">
    <dict ><!-- > --><key>a&#x62;&#99;</key> <true /></dict><!--c--></plist>\n`.replace("<dict >", "<dict>");
  expect(parse(text)).toEqual({ abc: true });
  expect(parse("<plist><dict/></plist>")).toEqual({});
});

describe("refused with the place is", () => {
  test.each([
    ["", 1, "<plist> is expected"],
    ["{}", 1, "<plist> is expected"],
    ["<plist>\n<array/></plist>", 2, "<dict> is expected"],
    ["<plist><dict>\n\n<string/></dict></plist>", 3, "<key> is expected"],
    ["<plist><dict><key>a</key>\n<integer>1</integer></dict></plist>", 2, "<array> is expected"],
    ["<plist><dict><key>a</key><dict/></dict></plist>", 1, "<array> is expected"],
    ["<plist><dict><key>a</key><array><true/></array></dict></plist>", 1, "</array> is expected"],
    ["<plist><dict><key>a</key><true/><key>a</key><true/></dict></plist>", 1, '"a" is there twice'],
    ["<plist><dict><key>a</key><string>&x;</string></dict></plist>", 1, '"&x" is no character'],
    ["<plist><dict><key>a</key><string>&#1114112;</string></dict></plist>", 1, "is no character"],
    ["<plist><dict><key>a</key><string>&#xD800;</string></dict></plist>", 1, "is no character"],
    ["<plist><dict><key>a</key><string>a & b</string></dict></plist>", 1, "is no character"],
    ["<plist><dict><key>&toString;</key><true/></dict></plist>", 1, "is no character"],
    ["<plist><dict/></plist><plist/>", 1, "something follows"],
    ["<plist><dict><!-- <key>a</key>", 1, "<key> is expected"],
    ["<!DOCTYPE plist [<!ENTITY a 'b'>]><plist><dict/></plist>", 1, "<plist> is expected"],
  ])("%j", (text, line, problem) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: "SBP_ENTITLEMENTS_INVALID",
        message: expect.stringContaining(problem),
        location: expect.objectContaining({ file: "e.plist", line }),
        exitCode: 2,
      }),
    );
  });

  test("64 KB of anything, at once", () => {
    for (const part of ["<!--", "<!-- -->", " ", "<plist><dict>", "<key>", "&", "<!DOCTYPE "]) {
      const text = part.repeat(65536 / part.length);
      expect(() => parse(text)).toThrow(expect.objectContaining({ code: "SBP_ENTITLEMENTS_INVALID" }));
    }
  });
});
