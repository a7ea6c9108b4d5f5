import { usageError } from "./usage-error.ts";

const bytes: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};
const days: Readonly<Record<string, number>> = { m: 1 / 1440, h: 1 / 24, d: 1, w: 7 };

/** `5GB`, `1.5 GiB` in bytes. Throws SBP_USAGE; undefined for an option not given. */
export function parseSize(option: string, text: string | undefined): number | undefined {
  const amount = parseAmount(option, text, bytes, "a size like 500MB, 5GB or 2GiB");
  return amount === undefined ? undefined : Math.floor(amount);
}

/** `30d`, `12h` in days. Throws SBP_USAGE; undefined for an option not given. */
export function parseAge(option: string, text: string | undefined): number | undefined {
  return parseAmount(option, text, days, "an age like 12h, 30d or 8w");
}

function parseAmount(
  option: string,
  text: string | undefined,
  units: Readonly<Record<string, number>>,
  expected: string,
): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]+)$/i.exec(text.trim());
  const name = match?.[2]?.toLowerCase() ?? "";
  const factor = Object.hasOwn(units, name) ? units[name] : undefined;
  if (!match || factor === undefined) throw usageError(`${option} ${text}: not ${expected}`);
  return Number(match[1]) * factor;
}
