/** Reads and writes the little-endian fields of ELF-64 structures. */

import { unsupported } from "../error.ts";

export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A 64-bit field as a number. Values above 2^53 are refused: they are no offset or size of a real file, and no
 * address of a program (those end at 2^47).
 */
export function readWord(data: DataView, at: number, what: string, fileOffset: number): number {
  const value = data.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw unsupported(`${what} is 0x${value.toString(16)}, which no program has`, fileOffset + at);
  return Number(value);
}

export function writeWord(data: DataView, at: number, value: number): void {
  data.setBigUint64(at, BigInt(value), true);
}

/** `value` rounded up to a multiple of `alignment`, a power of two. */
export function alignUp(value: number, alignment: number): number {
  const rest = value % alignment;
  return rest === 0 ? value : value + alignment - rest;
}

/** `value` rounded down to a multiple of `alignment`. */
export function alignDown(value: number, alignment: number): number {
  return value - (value % alignment);
}

export function isPowerOfTwo(value: number): boolean {
  return value > 0 && (BigInt(value) & BigInt(value - 1)) === 0n;
}

/** The bytes before the first NUL as text, or undefined when there is none. */
export function terminatedText(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0);
  return end < 0 ? undefined : Buffer.from(bytes.subarray(0, end)).toString("utf8");
}

export const hex = (value: number) => `0x${value.toString(16)}`;
