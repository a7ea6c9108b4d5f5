/**
 * Calls everything in JavaScript that asks ICU, for the locales given as JSON in the first argument, and prints one
 * line per call, of key and answer. Runs in the runtime under test: two runtimes are equal when their lines are.
 *
 * The second argument N prints every N-th call only. The third lists the encodings to try.
 */
const locales = JSON.parse(process.argv[2] ?? '["en"]') as string[];
const step = Number(process.argv[3] ?? 1);
const encodings = JSON.parse(process.argv[4] ?? "[]") as string[];
let calls = 0;
const lines: string[] = [];

function call(key: string, answer: () => unknown): void {
  // A prime stride through the calls meets every kind of them.
  if (calls++ % step !== 0) return;
  let text: string;
  try {
    text = JSON.stringify(answer()) ?? "undefined";
  } catch (error) {
    text = `${(error as Error).name}: ${(error as Error).message}`;
  }
  lines.push(`${key}\t${text}`);
}

const kinds = (key: Parameters<typeof Intl.supportedValuesOf>[0]) => Intl.supportedValuesOf(key);
const codes = (first: string, second: string) =>
  [...first].flatMap((a) => [...second].map((b) => `${a}${b}`));
const letters = "abcdefghijklmnopqrstuvwxyz";
const dates = [0, 951_782_400_000, 1_700_000_000_000, 1_720_000_123_456].map((time) => new Date(time));
const numbers = [0, 1, 2, 3, 5, 11, 21, 100, 0.5, 1.5, -1, 1234.567, 1e6, 98_765_432_1, 1e15, Number.NaN, -0];
const styles = ["long", "short", "narrow"] as const;
const lengths = ["full", "long", "medium", "short"] as const;
const zones = [...kinds("timeZone"), "GMT", "EST", "US/Pacific", "+05:30"];
const words =
  "zebra Äpfel apfel Zürich zurich ñandú nube cote coté côte côté résumé resume Öl oel ol œuvre aa å z ch c cz d dž lj š s ß ss i I İ ı 10 9 2 _ - 中 文 一 二 あ ア ガ か ก ข เก ا ب ت α β Ω я а ё е ђ њ".split(
    " ",
  );
const texts = [
  "Mr. Smith paid $3.50. He didn't ask: why? 👩‍👩‍👧‍👦🇩🇪e\u0301 end.",
  "Straße, naïve café — “zitiert”. Das ist z.B. ein Satz. Ende!",
  "Αυτό είναι; Ναι. Привет, мир! Как дела? שלום עולם. مرحبا بالعالم؟",
];
const spaceless: Readonly<Record<string, string>> = {
  th: "ภาษาไทยเป็นภาษาที่ไม่มีช่องว่างระหว่างคำ",
  lo: "ພາສາລາວບໍ່ມີຊ່ອງຫວ່າງ",
  km: "ភាសាខ្មែរមិនមានចន្លោះ",
  my: "မြန်မာဘာသာစကားဖြစ်သည်",
  zh: "中华人民共和国成立了北京大学的学生们",
  ja: "東京都に住んでいる学生はカタカナを読みます。吾輩は猫である。",
};

function everywhere(): void {
  for (const kind of ["calendar", "currency", "numberingSystem", "timeZone", "unit"] as const)
    call(`supportedValuesOf ${kind}`, () => kinds(kind));
  for (const tag of [
    ...[
      "en-GB",
      "iw",
      "no",
      "sh",
      "zh-TW",
      "zh-cmn",
      "i-klingon",
      "en-gb-oed",
      "de-DD",
      "mo",
      "tl",
      "ar-ye",
      "hy-SU",
    ],
    ...[
      "sr-Latn-RS-u-co-standard",
      "cmn-Hans-CN",
      "und-Thai",
      "x",
      "en-u-ca-islamicc",
      "en-US-posix",
      "art-lojban",
      "aaa",
    ],
    ...[
      "ja-u-ca-japanese-nu-jpan",
      "sgn-DE",
      "zh-min-nan",
      "und-u-tz-usnyc",
      "en-t-de",
      "hi-Latn",
      "und-u-rg-uszzzz",
    ],
  ]) {
    call(`getCanonicalLocales ${tag}`, () => Intl.getCanonicalLocales(tag));
    call(`maximize ${tag}`, () => new Intl.Locale(tag).maximize().toString());
    call(`minimize ${tag}`, () => new Intl.Locale(tag).minimize().toString());
  }
  for (const language of codes(letters, letters)) {
    call(`maximize ${language}`, () => new Intl.Locale(language).maximize().toString());
    call(`minimize und-${language}`, () =>
      new Intl.Locale(`und-${language.toUpperCase()}`).minimize().toString(),
    );
  }
  for (let start = 0; start < 0x30000; start += 0x800) {
    const text = Array.from({ length: 0x800 }, (_, at) => start + at)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .join(" ");
    for (const form of ["NFC", "NFD", "NFKC", "NFKD"])
      call(`${form} ${start}`, () => hash(text.normalize(form)));
    call(`upper ${start}`, () => hash(text.toUpperCase() + text.toLowerCase()));
    for (const property of ["L", "Lu", "Emoji", "Script=Greek", "Script_Extensions=Han", "ID_Start", "Sm"])
      call(`property ${property} ${start}`, () =>
        hash(text.replace(new RegExp(`\\p{${property}}`, "gu"), "*")),
      );
    call(`word ${start}`, () => hash(text.replace(/[\w\s]/giu, "*")));
    // biome-ignore lint/complexity/useRegexLiterals: the flag is newer than what the compiler is told.
    call(`emoji ${start}`, () => hash(text.replace(new RegExp("\\p{RGI_Emoji}", "gv"), "*")));
  }
  for (const tag of ["tr", "az", "lt", "el", "en", "nl", "de"]) {
    call(`toLocaleUpperCase ${tag}`, () => "istanbul ıi̇ άέή ijs straße ΐ ὀδυσσεύς".toLocaleUpperCase(tag));
    call(`toLocaleLowerCase ${tag}`, () => "İSTANBUL IÌ ΆΈΉ IJS Σ ΟΔΥΣΣΕΎΣ".toLocaleLowerCase(tag));
  }
  for (const host of [
    "bücher.de",
    "faß.de",
    "例え.jp",
    "xn--bcher-kva.ch",
    "ＧＯ.com",
    "ب.com",
    "a\u00ad.com",
    "☃.net",
    "xn--a",
  ])
    call(`URL ${host}`, () => new URL(`http://${host}/`).hostname);
  for (const encoding of ["utf-8", "utf-16le", "utf-16be", "windows-1252", ...encodings]) {
    for (let lead = 0; lead < 256; lead += 4) {
      const bytes = Uint8Array.from({ length: 4 * 256 * 2 }, (_, at) =>
        at % 2 === 0 ? lead + (at >> 9) : (at >> 1) & 255,
      );
      call(`TextDecoder ${encoding} ${lead}`, () => hash(new TextDecoder(encoding).decode(bytes)));
    }
    call(`TextDecoder ${encoding} escapes`, () =>
      new TextDecoder(encoding).decode(Buffer.from("\x1b$B8l\x1b(J\\~\x1b(I1\x1b(Babc\x1b$@8l", "latin1")),
    );
    call(`TextDecoder ${encoding} fatal`, () =>
      new TextDecoder(encoding, { fatal: true }).decode(Uint8Array.of(0x81, 0xff)),
    );
  }
}

function inLocale(locale: string): void {
  const options = (value: object) => JSON.stringify(value);
  const dateTime = (format: Intl.DateTimeFormatOptions, moments = dates) => {
    const all = { timeZone: "UTC", ...format };
    call(`${locale} DateTimeFormat ${options(all)}`, () => {
      const formatter = new Intl.DateTimeFormat(locale, all);
      return [...moments.map((date) => formatter.format(date)), formatter.resolvedOptions()];
    });
  };
  for (const calendar of [undefined, ...kinds("calendar")]) {
    const base = calendar === undefined ? {} : { calendar };
    for (const dateStyle of lengths) dateTime({ ...base, dateStyle });
    for (const month of ["numeric", "2-digit", ...styles] as const)
      dateTime({ ...base, era: "short", year: "numeric", month, day: "numeric", weekday: "long" });
  }
  for (const timeStyle of lengths) {
    for (const dateStyle of [undefined, ...lengths])
      dateTime({ timeStyle, dateStyle, timeZone: "America/New_York" });
    for (const hourCycle of ["h11", "h12", "h23", "h24"] as const) dateTime({ timeStyle, hourCycle });
  }
  for (const weekday of styles) for (const era of styles) dateTime({ weekday, era });
  for (const dayPeriod of styles)
    for (const hour of ["numeric", "2-digit"] as const) dateTime({ dayPeriod, hour });
  for (const fractionalSecondDigits of [1, 2, 3] as const)
    dateTime({ second: "numeric", fractionalSecondDigits });
  for (const numberingSystem of kinds("numberingSystem")) {
    dateTime({ numberingSystem, dateStyle: "long" });
    number({ numberingSystem });
  }
  for (const timeZone of zones) {
    for (const timeZoneName of [
      "short",
      "long",
      "shortOffset",
      "longOffset",
      "shortGeneric",
      "longGeneric",
    ] as const)
      dateTime({ timeZone, timeZoneName, hour: "numeric" }, dates.slice(2));
    call(`${locale} toLocaleString ${timeZone}`, () =>
      dates.map((date) => date.toLocaleString(locale, { timeZone })),
    );
  }
  for (const dateStyle of lengths)
    call(`${locale} formatRange ${dateStyle}`, () => {
      const formatter = new Intl.DateTimeFormat(locale, { dateStyle, timeZone: "UTC" });
      return [
        formatter.formatRange(dates[0]!, dates[2]!),
        formatter.formatRangeToParts(dates[2]!, dates[3]!),
      ];
    });

  function number(format: Intl.NumberFormatOptions): void {
    call(`${locale} NumberFormat ${options(format)}`, () => {
      const formatter = new Intl.NumberFormat(locale, format);
      return [...numbers.map((value) => formatter.format(value)), formatter.resolvedOptions()];
    });
  }
  for (const unit of [...kinds("unit"), "kilometer-per-hour", "liter-per-second", "byte-per-day"])
    for (const unitDisplay of styles) number({ style: "unit", unit, unitDisplay });
  for (const currency of kinds("currency"))
    for (const currencyDisplay of ["symbol", "narrowSymbol", "name", "code"] as const)
      number({ style: "currency", currency, currencyDisplay });
  for (const notation of ["compact", "scientific", "engineering"] as const)
    for (const compactDisplay of ["long", "short"] as const) {
      number({ notation, compactDisplay });
      number({ notation, compactDisplay, style: "currency", currency: "EUR" });
    }
  for (const signDisplay of ["always", "exceptZero", "never"] as const) {
    number({ signDisplay, style: "percent" });
    number({ signDisplay, style: "currency", currency: "USD", currencySign: "accounting" });
  }
  for (const style of ["decimal", "percent"] as const)
    call(`${locale} number range ${style}`, () => {
      const formatter = new Intl.NumberFormat(locale, { style }) as Intl.NumberFormat & {
        formatRange(start: number, end: number): string;
      };
      return [formatter.formatRange(3, 5), formatter.formatRange(3, 3), formatter.formatToParts(-12_345.6)];
    });

  for (const type of ["cardinal", "ordinal"] as const)
    call(`${locale} PluralRules ${type}`, () => {
      const rules = new Intl.PluralRules(locale, { type });
      const many = Array.from({ length: 130 }, (_, value) => rules.select(value));
      return [...many, ...numbers.map((value) => rules.select(value)), rules.resolvedOptions()];
    });
  for (const unit of ["second", "minute", "hour", "day", "week", "month", "quarter", "year"] as const)
    for (const style of styles)
      for (const numeric of ["auto", "always"] as const)
        call(`${locale} RelativeTimeFormat ${unit} ${style} ${numeric}`, () => {
          const formatter = new Intl.RelativeTimeFormat(locale, { style, numeric });
          return [-2, -1, -0, 0, 1, 2, 5, 1234.5].map((value) => formatter.format(value, unit));
        });
  for (const type of ["conjunction", "disjunction", "unit"] as const)
    for (const style of styles)
      call(`${locale} ListFormat ${type} ${style}`, () => {
        const formatter = new Intl.ListFormat(locale, { type, style });
        return [1, 2, 3, 4].map((count) => formatter.format(["a", "i", "hielo", "oro"].slice(-count)));
      });

  const regions = codes(letters.toUpperCase(), letters.toUpperCase());
  const names: Readonly<Record<string, readonly string[]>> = {
    language: [
      ...codes(letters, letters),
      "zh-Hant",
      "zh-Hans-SG",
      "en-GB",
      "pt-BR",
      "sr-Latn",
      "fil",
      "haw",
      "nl-BE",
    ],
    region: [...regions, "001", "419", "150"],
    script: [
      "Latn",
      "Cyrl",
      "Arab",
      "Hans",
      "Hant",
      "Thai",
      "Deva",
      "Jpan",
      "Kore",
      "Grek",
      "Hebr",
      "Zsye",
      "Brai",
    ],
    currency: kinds("currency"),
    calendar: kinds("calendar"),
    dateTimeField: [
      "era",
      "year",
      "quarter",
      "month",
      "weekOfYear",
      "weekday",
      "day",
      "dayPeriod",
      "hour",
      "timeZoneName",
    ],
  };
  for (const [type, values] of Object.entries(names))
    for (const style of styles)
      for (const value of values)
        call(`${locale} DisplayNames ${type} ${style} ${value}`, () =>
          new Intl.DisplayNames(locale, { type: type as Intl.DisplayNamesType, style }).of(value),
        );

  for (const usage of ["sort", "search"] as const)
    for (const sensitivity of ["base", "accent", "case", "variant"] as const)
      for (const flags of [
        {},
        { numeric: true },
        { caseFirst: "upper" },
        { ignorePunctuation: true },
      ] as const)
        call(`${locale} Collator ${usage} ${sensitivity} ${options(flags)}`, () => {
          const collator = new Intl.Collator(locale, { usage, sensitivity, ...flags });
          return [[...words].sort(collator.compare), collator.resolvedOptions()];
        });
  for (const collation of [
    "emoji",
    "eor",
    "phonebk",
    "trad",
    "pinyin",
    "stroke",
    "zhuyin",
    "unihan",
    "compat",
    "searchjl",
  ])
    call(`${locale} collation ${collation}`, () => {
      const collator = new Intl.Collator(`${locale}-u-co-${collation}`);
      return [[...words].sort(collator.compare), collator.resolvedOptions()];
    });
  call(`${locale} localeCompare`, () => [...words].sort((a, b) => a.localeCompare(b, locale)));

  const written = [
    ...texts,
    ...Object.entries(spaceless).flatMap(([language, text]) =>
      locales.some((kept) => kept.split("-")[0] === language) ? [text] : [],
    ),
  ];
  for (const granularity of ["grapheme", "word", "sentence"] as const)
    for (const [index, text] of written.entries())
      call(`${locale} Segmenter ${granularity} ${index}`, () =>
        [...new Intl.Segmenter(locale, { granularity }).segment(text)].map(({ segment, isWordLike }) => [
          segment,
          isWordLike,
        ]),
      );

  const { DurationFormat } = Intl as unknown as {
    DurationFormat?: new (...a: unknown[]) => { format(d: object): string };
  };
  for (const style of ["long", "short", "narrow", "digital"])
    call(
      `${locale} DurationFormat ${style}`,
      () =>
        DurationFormat &&
        new DurationFormat(locale, { style }).format({
          years: 1,
          months: 2,
          days: 3,
          hours: 4,
          minutes: 5,
          seconds: 6,
          milliseconds: 7,
        }),
    );

  const information = new Intl.Locale(locale) as unknown as Record<string, () => unknown>;
  for (const getter of [
    "Calendars",
    "Collations",
    "HourCycles",
    "NumberingSystems",
    "TimeZones",
    "TextInfo",
    "WeekInfo",
  ])
    call(`${locale} Locale get${getter}`, () => information[`get${getter}`]?.());
  for (const name of [
    "DateTimeFormat",
    "NumberFormat",
    "Collator",
    "PluralRules",
    "Segmenter",
    "DisplayNames",
    "ListFormat",
    "RelativeTimeFormat",
  ])
    call(`${locale} supportedLocalesOf ${name}`, () =>
      (Intl as unknown as Record<string, typeof Intl.NumberFormat>)[name]!.supportedLocalesOf(locale),
    );
  call(`${locale} upper`, () => "iıß".toLocaleUpperCase(locale));
  call(`${locale} Number`, () => (1_234_567.891).toLocaleString(locale));
  call(`${locale} BigInt`, () => 12_345_678_901_234_567_890n.toLocaleString(locale));
}

/** FNV-1a: says whether long texts are equal. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return `${text.length}:${value.toString(16)}`;
}

everywhere();
for (const locale of locales) inLocale(locale);
console.log([`calls ${calls}`, ...lines].join("\n"));
