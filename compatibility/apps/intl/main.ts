console.log(new Intl.NumberFormat("de-DE", { style: "currency", currency: "EUR" }).format(1234.5));
console.log(new Intl.DateTimeFormat("ja-JP", { dateStyle: "full", timeZone: "Asia/Tokyo" }).format(0));
console.log([..."zäa"].sort(new Intl.Collator("sv").compare).join(""), new Intl.PluralRules("ar").select(3));
console.log([...new Intl.Segmenter("th", { granularity: "word" }).segment("สวัสดีครับ")].length);
console.log(new TextDecoder("shift_jis").decode(new Uint8Array([0x83, 0x65])), "İ".toLocaleLowerCase("tr"));
