import type { ElfMachine } from "@sbp/executable";

/** What differs between the two machines. */
export interface Machine {
  /**
   * The largest page that a kernel of this machine may use, in bytes. Segments that the kernel maps must not share one, and
   * libraries are linked for it.
   */
  readonly page: number;
  readonly systemCalls: Readonly<Record<SystemCall, number>>;
}

/** The system calls by which ld.so gets at libraries. Of the last two it uses one: which depends on its version. */
export type SystemCall = "openat" | "read" | "pread64" | "mmap" | "close" | "fstat" | "newfstatat";

export const machines: Readonly<Record<ElfMachine, Machine>> = {
  "x86-64": {
    page: 0x1000,
    systemCalls: { openat: 257, read: 0, pread64: 17, mmap: 9, close: 3, fstat: 5, newfstatat: 262 },
  },
  aarch64: {
    page: 0x10000,
    systemCalls: { openat: 56, read: 63, pread64: 67, mmap: 222, close: 57, fstat: 80, newfstatat: 79 },
  },
};

export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

export function alignDown(value: number, alignment: number): number {
  return Math.floor(value / alignment) * alignment;
}
