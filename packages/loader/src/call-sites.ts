/**
 * Finds the instructions in ld.so by which it opens, reads and maps files.
 *
 * ld.so is handed out without a symbol table, so the instructions themselves are looked for: a system call right behind the
 * load of its number. Of other bytes that look the same there is no danger, as far as the instructions around have to fit,
 * too. What is not found fails the build, never the program: every kind of call must be there.
 */

import type { ElfMachine } from "@sbp/executable";
import { LoaderError } from "./error.ts";
import { machines, type SystemCall } from "./machine.ts";

/** A system call in code. */
export interface CallSite {
  readonly call: SystemCall;
  /** Of the first byte to replace, from the start of the code. */
  readonly offset: number;
  /** How many bytes can be replaced, the instruction itself among them. */
  readonly size: number;
  /** Instructions among them, behind the system call, that must be run elsewhere. */
  readonly displaced: Uint8Array;
}

/**
 * The system calls in the code of ld.so that have to do with files of libraries.
 *
 * @throws LoaderError LOADER_CLOSURE_UNSUPPORTED when a kind of call is missing.
 */
export function findCallSites(machine: ElfMachine, code: Uint8Array): readonly CallSite[] {
  const sites = machine === "x86-64" ? sitesOfX8664(code) : sitesOfAarch64(code);
  const found = new Set(sites.map(({ call }) => call));
  const missing = (["openat", "read", "pread64", "mmap", "close"] as const).filter(
    (call) => !found.has(call),
  );
  if (!found.has("fstat") && !found.has("newfstatat")) missing.push("fstat" as never);
  if (missing.length > 0)
    throw new LoaderError(
      "LOADER_CLOSURE_UNSUPPORTED",
      `ld.so is of an unknown kind: its calls of ${missing.join(", ")} are not to be found`,
    );
  return sites;
}

function nameOf(machine: ElfMachine, number: number): SystemCall | undefined {
  const calls = Object.entries(machines[machine].systemCalls) as [SystemCall, number][];
  return calls.find(([, own]) => own === number)?.[0];
}

/** `mov $number, %eax`, other loads of registers, `syscall`, then a comparison with the highest error. */
function sitesOfX8664(code: Uint8Array): readonly CallSite[] {
  const data = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const sites: CallSite[] = [];
  for (let at = 0; at + 8 <= code.length; at++) {
    if (code[at] !== 0x0f || code[at + 1] !== 0x05) continue;
    // A jump takes five bytes, the system call has two: the comparison behind it makes room.
    const displaced = comparisonAt(code, at + 2);
    const number = displaced && numberBefore(code, data, at);
    const call = number === undefined ? undefined : nameOf("x86-64", number);
    if (call) sites.push({ call, offset: at, size: 2 + displaced!.length, displaced: displaced! });
  }
  return sites;
}

/** `cmp $-4096, %rax` or `cmp $-4096, %eax`: they do not depend on where they are. */
function comparisonAt(code: Uint8Array, at: number): Uint8Array | undefined {
  const start = code[at] === 0x48 ? at + 1 : at;
  const comparison = [0x3d, 0x00, 0xf0, 0xff, 0xff];
  return comparison.every((byte, index) => code[start + index] === byte)
    ? code.slice(at, start + 5)
    : undefined;
}

/** The compiler moves at most two loads of other registers between the number and the call. */
const farthestNumber = 16;

function numberBefore(code: Uint8Array, data: DataView, at: number): number | undefined {
  // `xor %eax, %eax` is as short as the call itself, and stands right before it.
  if (at >= 2 && code[at - 2] === 0x31 && code[at - 1] === 0xc0) return 0;
  for (let from = at - 5; from >= Math.max(0, at - farthestNumber); from--) {
    const number = data.getUint32(from + 1, true);
    if (code[from] === 0xb8 && number < 1024) return number;
  }
  return undefined;
}

const supervisorCall = 0xd4000001;
/** In bytes, with up to nine instructions in between. */
const farthestMove = 40;

/** `mov x8, #number`, other loads of registers, `svc #0`. All instructions have four bytes, as a jump has. */
function sitesOfAarch64(code: Uint8Array): readonly CallSite[] {
  const data = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const sites: CallSite[] = [];
  for (let at = 0; at + 4 <= code.length; at += 4) {
    if (data.getUint32(at, true) !== supervisorCall) continue;
    for (let from = at - 4; from >= Math.max(0, at - farthestMove); from -= 4) {
      const instruction = data.getUint32(from, true);
      if ((instruction & 0xffe0001f) >>> 0 !== 0xd2800008) continue;
      const call = nameOf("aarch64", (instruction >>> 5) & 0xffff);
      if (call) sites.push({ call, offset: at, size: 4, displaced: new Uint8Array(0) });
      break;
    }
  }
  return sites;
}
