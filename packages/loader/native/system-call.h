/*
 * System calls of Linux on both machines: numbers (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h)
 * and how to make one.
 */
#ifndef SYSTEM_CALL_H
#define SYSTEM_CALL_H

#if defined(__x86_64__)

enum {
  NR_read = 0,
  NR_close = 3,
  NR_fstat = 5,
  NR_mmap = 9,
  NR_mprotect = 10,
  NR_pread64 = 17,
  NR_mremap = 25,
  NR_openat = 257,
  NR_newfstatat = 262,
};

/* struct stat: offsets of what the hook fills in, and its size. */
enum { STAT_mode = 24, STAT_size = 144 };

static inline long system_call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

enum {
  NR_openat = 56,
  NR_close = 57,
  NR_read = 63,
  NR_pread64 = 67,
  NR_newfstatat = 79,
  NR_fstat = 80,
  NR_mremap = 216,
  NR_mmap = 222,
  NR_mprotect = 226,
};

enum { STAT_mode = 16, STAT_size = 128 };

static inline long system_call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}

#endif

#endif
