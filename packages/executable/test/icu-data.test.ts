import { describe, expect, test } from "vitest";
import { testedVersions } from "../../../tools/test-runtimes.ts";
import {
  encodingNames,
  findIcuData,
  fromBytes,
  icuDataPatch,
  icuLocales,
  reduceIcuData,
} from "../src/index.ts";
import { contents, icuData, icuPackage } from "./icu-tools.ts";

const runtimes = [
  ...testedVersions.map((version) => [version, "linux-x64"] as const),
  ["26.10.0", "linux-arm64"] as const,
  ["26.10.0", "darwin-x64"] as const,
  ["22.23.3", "win32-x64"] as const,
];

test.each(runtimes)("node %s %s has ICU data", async (version, target) => {
  const data = await icuData(version, target);
  expect(data.prefix).toBe("icudt78l/");
  expect(data.items.length).toBeGreaterThan(4000);
  const locales = await icuLocales(data);
  expect(locales).toEqual(
    expect.arrayContaining(["de", "en-GB", "zh-Hant-TW", "zh-TW", "iw", "en-US-POSIX"]),
  );
  expect(locales).toEqual([...locales].sort());
  // What the linker says the symbol's size is, but for its padding.
  expect(data.size - 33_000_000).toBeLessThan(150_000);
  const { bytes } = await reduceIcuData(data, { locales: ["en"] });
  expect(bytes.length).toBeLessThan(5_100_000);
});

/** The items of a reduced package, all of them what they were before but for the indexes. */
async function kept(reduction: Parameters<typeof reduceIcuData>[1]) {
  const data = await icuPackage();
  const reduced = await reduceIcuData(data, reduction);
  const after = await findIcuData(fromBytes(reduced.bytes));
  expect(after).toMatchObject({ offset: 0, size: reduced.bytes.length, prefix: data.prefix });
  expect(data.items.length - after.items.length).toBe(reduced.removedItems);
  const [before, items] = [await contents(data), await contents(after)];
  for (const [name, bytes] of items) {
    if (name.endsWith("res_index.res")) expect(bytes.length).toBe(before.get(name)!.length);
    else expect(bytes.equals(before.get(name)!.subarray(0, bytes.length)), name).toBe(true);
  }
  expect(await icuLocales(after)).toEqual(reduced.locales);
  return { names: [...items.keys()], locales: reduced.locales, bytes: reduced.bytes };
}

test("a language stands for all that is below it", async () => {
  const { locales, names } = await kept({ locales: ["de"] });
  expect(locales).toEqual(["de", "de-AT", "de-BE", "de-CH", "de-DE", "de-IT", "de-LI", "de-LU"]);
  expect(names).toEqual(expect.arrayContaining(["de.res", "curr/de_CH.res", "zone/de.res", "coll/de.res"]));
  expect(names.filter((name) => /(^|\/)fr(_|\.)/.test(name))).toEqual([]);
});

test("parents come along, one after the other", async () => {
  expect((await kept({ locales: ["en-AU"] })).locales).toEqual(["en", "en-001", "en-AU"]);
  expect((await kept({ locales: ["pt-BR"] })).locales).toEqual(["pt", "pt-BR"]);
  expect((await kept({ locales: ["pt-AO"] })).locales).toEqual(["pt", "pt-AO", "pt-PT"]);
  expect((await kept({ locales: ["nb"] })).locales).toEqual(expect.arrayContaining(["nb", "no"]));
});

test("scripts keep their language, which some classes of Intl turn to", async () => {
  const { locales, names } = await kept({ locales: ["sr-Latn-BA"] });
  expect(locales).toEqual(expect.arrayContaining(["sr", "sr-Latn", "sr-Latn-BA"]));
  expect(locales).not.toContain("sr-Cyrl");
  expect(names).toEqual(expect.arrayContaining(["sr_Latn.res", "coll/sr_Latn.res", "coll/sr.res"]));
  const chinese = await kept({ locales: ["zh-Hant"] });
  expect(chinese.locales).toEqual(
    expect.arrayContaining(["zh", "zh-Hant", "zh-Hant-HK", "zh-Hant-TW", "zh-TW"]),
  );
  expect(chinese.locales).not.toContain("zh-Hans");
});

test("trees may have parents of their own", async () => {
  const { locales, names } = await kept({ locales: ["hi-Latn"] });
  expect(locales).toEqual(expect.arrayContaining(["en", "en-001", "en-IN", "hi", "hi-Latn"]));
  expect(locales).not.toContain("hi-IN");
  expect(names).toContain("coll/hi.res");
  // In rbnf, zh_Hant_HK is another name of yue.
  const cantonese = await kept({ locales: ["zh-HK"] });
  expect(cantonese.locales).not.toContain("yue");
  expect(cantonese.names).toContain("rbnf/yue.res");
  expect(cantonese.names).not.toContain("yue.res");
});

test("names stand for one another", async () => {
  for (const name of ["he", "iw"])
    expect((await kept({ locales: [name] })).locales).toEqual(expect.arrayContaining(["he", "he-IL", "iw"]));
  const { locales } = await kept({ locales: ["zh-TW"] });
  expect(locales).toEqual(["zh", "zh-Hant", "zh-Hant-TW", "zh-TW"]);
  expect((await kept({ locales: ["EN-gb"] })).locales).toEqual(["en", "en-001", "en-GB"]);
});

test("what belongs to no locale stays", async () => {
  const { names } = await kept({ locales: [] });
  expect(names).toEqual(
    expect.arrayContaining([
      ...["root.res", "pool.res", "res_index.res", "metadata.res", "supplementalData.res", "keyTypeData.res"],
      ...["zoneinfo64.res", "timezoneTypes.res", "numberingSystems.res", "uts46.nrm", "coll/ucadata.icu"],
      ...["zone/tzdbNames.res", "curr/supplementalData.res", "brkitr/word.brk", "cnvalias.icu"],
    ]),
  );
});

test("encodings are kept by name, with what they are made of", async () => {
  const converters = async (encodings: "all" | "none" | string[]) =>
    (await kept({ locales: [], encodings })).names.filter((name) => name.endsWith(".cnv"));
  expect(await converters("none")).toEqual([]);
  expect(await converters(["Shift_JIS"])).toEqual(["ibm-943_P15A-2003.cnv"]);
  expect(await converters(["iso-2022-jp"])).toEqual(["ibm-943_P15A-2003.cnv"]);
  expect(await converters(["gbk"])).toContain("gb18030-2022.cnv");
  expect(await converters("all")).toEqual(await converters([...encodingNames]));
});

test("dictionaries follow the locales unless others are asked for", async () => {
  const dictionaries = async (locales: string[], segmentation?: "all" | string[]) =>
    (await kept({ locales, ...(segmentation && { segmentation }) })).names.filter((name) =>
      name.endsWith(".dict"),
    );
  const thai = "brkitr/thaidict.dict";
  expect(await dictionaries(["en"])).toEqual([]);
  expect(await dictionaries(["th-TH"])).toEqual([thai]);
  expect(await dictionaries(["en"], ["th", "en"])).toEqual([thai]);
  expect(await dictionaries(["th"], [])).toEqual([]);
  expect(await dictionaries(["en"], "all")).toHaveLength(5);
  for (const locale of ["ja", "zh", "yue"])
    expect(await dictionaries([locale])).toEqual(["brkitr/cjdict.dict"]);
});

describe("names that nobody knows", () => {
  test.each([
    [{ locales: ["en-GV"] }, "EXECUTABLE_LOCALE_UNKNOWN", '"en-GV"; there is for en-GB'],
    [{ locales: ["english"] }, "EXECUTABLE_LOCALE_UNKNOWN", 'there is no data for locale "english"'],
    [{ locales: [""] }, "EXECUTABLE_LOCALE_UNKNOWN", 'for locale ""'],
    [{ locales: ["root"] }, "EXECUTABLE_LOCALE_UNKNOWN", 'for locale "root"'],
    [{ locales: [], segmentation: ["jaa"] }, "EXECUTABLE_LOCALE_UNKNOWN", '"jaa"; there is for '],
    [{ locales: [], encodings: ["shift-jis"] }, "EXECUTABLE_ENCODING_UNKNOWN", "it has shift_jis"],
    [{ locales: [], encodings: ["utf-8"] }, "EXECUTABLE_ENCODING_UNKNOWN", 'no legacy encoding "utf-8"'],
  ])("%j", async (reduction, code, message) => {
    await expect(reduceIcuData(await icuPackage(), reduction)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});

test("the same locales in any order give the same bytes, and can be reduced again", async () => {
  const one = await kept({ locales: ["de", "fr"] });
  const other = await kept({ locales: ["fr", "de", "de-DE"] });
  expect(Buffer.compare(one.bytes, other.bytes)).toBe(0);
  const again = await reduceIcuData(await findIcuData(fromBytes(one.bytes)), { locales: ["de"] });
  expect(Buffer.compare(again.bytes, (await kept({ locales: ["de"] })).bytes)).toBe(0);
});

test("a patch for files of any format fills the old place", async () => {
  const data = await icuData();
  const reduced = await reduceIcuData(data, { locales: ["en"] });
  const patch = icuDataPatch(data, reduced);
  expect(patch.offset).toBe(data.offset);
  expect(patch.bytes.length).toBe(data.size);
  expect(reduced.freed).toEqual({
    offset: data.offset + reduced.bytes.length,
    size: data.size - reduced.bytes.length,
  });
  expect(Buffer.compare(patch.bytes.subarray(0, reduced.bytes.length), reduced.bytes)).toBe(0);
});
