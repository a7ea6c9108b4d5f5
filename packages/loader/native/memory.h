/* What the parts of the hook share. */
#ifndef MEMORY_H
#define MEMORY_H

#include "system-call.h"
#include "tables.h"

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum { MAP_PRIVATE = 2, MAP_FIXED = 0x10, MAP_ANONYMOUS = 0x20, MAP_NORESERVE = 0x4000 };
enum { ENOENT = 2, EINVAL = 22, ENOSPC = 28 };

/* What ld.so asks mmap for. */
struct mapping {
  word address, size, protection, flags, offset;
};

static inline int is_error(long result) { return (word)result >= (word)-4095; }

static inline word smaller(word a, word b) { return a < b ? a : b; }

static inline void copy_bytes(char *to, const char *from, word size) {
#if defined(__x86_64__)
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
#else
  /* Words where both are aligned, as pages are. The empty statements keep the compiler from calling memcpy. */
  if (((word)to | (word)from) % sizeof(word) == 0)
    for (; size >= sizeof(word); size -= sizeof(word), to += sizeof(word), from += sizeof(word)) {
      *(word *)to = *(const word *)from;
      __asm__ volatile("" : : : "memory");
    }
  for (; size > 0; size--) {
    *to++ = *from++;
    __asm__ volatile("" : : : "memory");
  }
#endif
}

/*
 * Has the processor see instructions that were written as data. The kernel does so, too, when it makes fresh pages
 * executable, but does not promise it. Only AArch64 asks for this (Arm ARM, "Synchronization and coherency issues between
 * data and instruction accesses").
 */
static inline void instructions_written(word address, word size) {
#if defined(__aarch64__)
  word type;
  __asm__("mrs %0, ctr_el0" : "=r"(type));
  word data_line = 4ul << (type >> 16 & 15), code_line = 4ul << (type & 15);
  for (word at = address & -data_line; at < address + size; at += data_line)
    __asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
  __asm__ volatile("dsb ish" : : : "memory");
  for (word at = address & -code_line; at < address + size; at += code_line)
    __asm__ volatile("ic ivau, %0" : : "r"(at) : "memory");
  __asm__ volatile("dsb ish\n isb" : : : "memory");
#else
  (void)address, (void)size;
#endif
}

/* Reads from bytes in memory as pread does from a file. */
static inline long read_bytes(char *buffer, word size, word offset, const char *content, word content_size) {
  if (offset >= content_size)
    return 0;
  size = smaller(size, content_size - offset);
  copy_bytes(buffer, content + offset, size);
  return (long)size;
}

long read_library(const struct library *library, char *buffer, word size, word offset);
long map_library(struct library *library, const struct mapping *mapping);
/* 1 with the number of a file of the payload; 0 for a path of none; a negative error number. */
int open_registered(const char *path, word *index);
/* The file of this number; 0 for none. */
const struct file *registered_file(word index);

long map_file(const struct file *file, const struct mapping *mapping);

#endif
