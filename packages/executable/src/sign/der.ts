/** Writes DER (ITU-T X.690): what signatures need of it, each function one type. */

/** One element: its tag byte, its length, its contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.of(tag), lengthBytes(content.length), content]);
}

export const sequence = (...elements: readonly Uint8Array[]) => element(0x30, ...elements);

/** SET OF: DER puts the elements in the order of their bytes. */
export function setOf(elements: readonly Uint8Array[]): Uint8Array {
  return element(0x31, ...elements.toSorted(Buffer.compare));
}

export const octetString = (bytes: Uint8Array) => element(0x04, bytes);
export const utf8String = (text: string) => element(0x0c, Buffer.from(text, "utf8"));
export const nullValue = () => element(0x05);
export const booleanValue = (value: boolean) => element(0x01, Uint8Array.of(value ? 0xff : 0));

/** An integer from 0 to 2^53 - 1. */
export function integer(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no integer for DER: ${value}`);
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  // A set first bit would make it negative.
  return element(0x02, ...(bytes[0]! >= 0x80 ? [Uint8Array.of(0)] : []), bytes);
}

/** An object identifier from its dotted form. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  if (first === undefined || second === undefined) throw new RangeError(`no object identifier: ${dotted}`);
  return element(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** UTCTime of the years 1950 to 2049, to the second. */
export function utcTime(date: Date): Uint8Array {
  const year = date.getUTCFullYear();
  if (!(year >= 1950 && year < 2050)) throw new RangeError(`no date for UTCTime: ${date}`);
  return element(0x17, Buffer.from(`${date.toISOString().replace(/\D/g, "").slice(2, 14)}Z`));
}

/** A context-specific constructed element, such as `[0] EXPLICIT`, or `[0] IMPLICIT` of a SET. */
export function tagged(number: number, ...contents: readonly Uint8Array[]): Uint8Array {
  return element(0xa0 + number, ...contents);
}

function lengthBytes(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  return Buffer.concat([Uint8Array.of(0x80 + bytes.length), bytes]);
}

function base128(value: number): number[] {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("no object identifier");
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    digits.unshift(0x80 + (rest % 128));
  return digits;
}
