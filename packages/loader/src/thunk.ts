import type { ElfMachine } from "@sbp/executable";
import type { CallSite } from "./call-sites.ts";

/** Code that takes a system call's place. */
export interface Thunk {
  /** What replaces the call: a jump to the thunk. */
  readonly jump: Uint8Array;
  /** Calls the hook, does what was displaced, and jumps back. */
  readonly code: Uint8Array;
}

/**
 * Makes the thunk for a system call.
 *
 * @param address of the bytes to replace
 * @param place where the thunk will be
 * @param hook where the hook is
 */
export function thunkFor(
  machine: ElfMachine,
  site: CallSite,
  { address, place, hook }: { readonly address: number; readonly place: number; readonly hook: number },
): Thunk {
  const back = address + site.size;
  return machine === "x86-64"
    ? x8664Thunk(site, { address, place, hook, back })
    : aarch64Thunk({ address, place, hook, back });
}

interface Places {
  readonly address: number;
  readonly place: number;
  readonly hook: number;
  readonly back: number;
}

function x8664Thunk({ size, displaced }: CallSite, { address, place, hook, back }: Places): Thunk {
  const bytes: number[] = [];
  const relative = (opcode: number, to: number, from = place) => {
    bytes.push(opcode, ...distance(to - (from + bytes.length + 5)));
  };
  // lea -128(%rsp), %rsp: functions that call no others may keep values below the stack's end (the red zone).
  bytes.push(0x48, 0x8d, 0x64, 0x24, 0x80);
  relative(0xe8, hook);
  // lea 128(%rsp), %rsp: no arithmetic, so that flags stay.
  bytes.push(0x48, 0x8d, 0xa4, 0x24, 0x80, 0, 0, 0);
  bytes.push(...displaced);
  relative(0xe9, back);
  const nop = 0x90;
  const jump = new Uint8Array(size).fill(nop);
  jump.set([0xe9, ...distance(place - (address + 5))]);
  return { jump, code: Uint8Array.from(bytes) };
}

function distance(value: number): readonly number[] {
  const data = new DataView(new ArrayBuffer(4));
  data.setInt32(0, value, true);
  return [...new Uint8Array(data.buffer)];
}

function aarch64Thunk({ address, place, hook, back }: Places): Thunk {
  const branch = (opcode: number, to: number, from: number) =>
    (opcode | (((to - from) / 4) & 0x3ffffff)) >>> 0;
  const code = [
    // stp x29, x30, [sp, #-16]!
    0xa9bf7bfd,
    branch(0x94000000, hook, place + 4),
    // ldp x29, x30, [sp], #16
    0xa8c17bfd,
    branch(0x14000000, back, place + 12),
  ];
  return { jump: words([branch(0x14000000, place, address)]), code: words(code) };
}

function words(values: readonly number[]): Uint8Array {
  const data = new DataView(new ArrayBuffer(4 * values.length));
  for (const [index, value] of values.entries()) data.setUint32(4 * index, value, true);
  return new Uint8Array(data.buffer);
}
