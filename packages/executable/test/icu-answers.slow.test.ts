/** The proof: official runtimes with reduced data answer as they did before, call by call. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodingNames, icuLocales } from "../src/index.ts";
import { icuData, reducedRuntime } from "./icu-tools.ts";
import { run } from "./tools.ts";

const script = join(import.meta.dirname, "icu-calls.ts");

// The strides are primes, so that all kinds of calls are met; `node test/icu-calls.ts LOCALES 1` makes every call.
const cases = [
  { version: "26.10.0", keep: ["en"], ask: ["en", "en-US", "en-IN"], encodings: true, stride: 3 },
  {
    version: "26.10.0",
    keep: ["en-GB", "de", "ar", "th", "zh-Hant", "ja"],
    ask: ["en-GB", "de-AT", "ar-EG", "th", "zh-TW", "ja"],
    encodings: false,
    stride: 7,
  },
  { version: "26.10.0", keep: ["pt-BR"], ask: ["pt-BR", "pt"], encodings: false, stride: 5 },
  { version: "26.10.0", keep: ["sr-Latn"], ask: ["sr-Latn", "sr-Latn-BA"], encodings: false, stride: 5 },
  {
    version: "24.21.0",
    keep: ["pa-Arab", "hi-Latn", "nb"],
    ask: ["pa-Arab", "hi-Latn", "nb"],
    encodings: true,
    stride: 7,
  },
  {
    version: "22.23.2",
    keep: ["en", "th", "sr-Latn"],
    ask: ["en", "th", "sr-Latn"],
    encodings: true,
    stride: 7,
  },
];

async function answers(
  node: string,
  ask: readonly string[],
  stride: number,
  encodings: boolean,
): Promise<string[]> {
  const options = [
    script,
    JSON.stringify(ask),
    String(stride),
    JSON.stringify(encodings ? encodingNames : []),
  ];
  const { stdout } = await run(node, options, { env: { LC_ALL: "C" }, maxBuffer: 256 * 1024 * 1024 });
  return stdout.split("\n");
}

test.each(cases)("node $version keeps $keep", async ({ version, keep, ask, encodings, stride }) => {
  const { path, runtime } = await reducedRuntime(version, "linux-x64", { locales: keep });
  const before = await answers(runtime, ask, stride, encodings);
  const after = await answers(path, ask, stride, encodings);
  expect(before.length).toBeGreaterThan(3000);
  expect(after.filter((line, index) => line !== before[index])).toEqual([]);
  expect(after.length).toBe(before.length);
});

describe("locales that are gone", () => {
  const probe = `
    const tags = JSON.parse(process.argv[1]);
    const classes = ["Collator", "DateTimeFormat", "DisplayNames", "ListFormat", "NumberFormat", "RelativeTimeFormat", "Segmenter"];
    const listed = classes.map((name) => Intl[name].supportedLocalesOf(tags));
    const different = tags.filter((tag) => {
      const ask = (locale) => [
        new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "full", timeZone: "UTC" }).format(0),
        new Intl.NumberFormat(locale, { style: "currency", currency: "EUR", currencyDisplay: "name" }).format(1234.5),
        new Intl.NumberFormat(locale, { style: "unit", unit: "liter", unitDisplay: "long" }).format(2),
        new Intl.DisplayNames(locale, { type: "region" }).of("DE"),
        new Intl.ListFormat(locale).format(["a", "b", "c"]),
        new Intl.RelativeTimeFormat(locale).format(1, "day"),
        ["b", "ä", "a", "z"].sort(new Intl.Collator(locale).compare),
        [...new Intl.Segmenter(locale, { granularity: "word" }).segment("ภาษาไทย 中华人民 a b")].length,
        new Intl.Locale(locale).getWeekInfo?.() && 1,
      ].join();
      return ask(tag) !== ask("en-US");
    });
    console.log(JSON.stringify({ listed, different, encoding: tryEncoding("shift_jis") }));
    function tryEncoding(name) {
      try { return new TextDecoder(name).encoding; } catch (error) { return error.code; }
    }`;

  test("are not listed, and fall back to the default locale", async () => {
    // Some are other names of one another.
    const tags = Intl.getCanonicalLocales((await icuLocales(await icuData())) as string[]);
    const { path } = await reducedRuntime("26.10.0", "linux-x64", {
      locales: ["en-US", "fr-FR"],
      encodings: "none",
    });
    const { stdout } = await run(path, ["-e", probe, JSON.stringify(tags)], { env: { LC_ALL: "C" } });
    const { listed, different, encoding } = JSON.parse(stdout);
    // By ECMA-402, en-AU is supported where en is.
    const expected = tags.filter((tag) => /^(en|fr)\b/.test(tag));
    for (const list of listed) expect(list).toEqual(expected);
    expect(different.filter((tag: string) => !/^fr|posix$/.test(tag))).toEqual([]);
    expect(encoding).toBe("ERR_ENCODING_NOT_SUPPORTED");
  });
});
