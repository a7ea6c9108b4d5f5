/*
 * What the rewriter tells the stub: its tables, 64 KiB above the start of the code, writable. All numbers are 64 bits wide
 * and in the machine's order; addresses are absolute unless said. src/tables.ts writes them.
 */
#ifndef TABLES_H
#define TABLES_H

typedef unsigned long word;

/* A piece of a library that ld.so maps in one go (PT_LOAD), rounded out to whole pages. */
struct segment {
  word address;    /* relative to the library's base */
  word size;
  word source;     /* where the kernel has mapped it; 0 once it has been moved to where ld.so wants it */
  word protection; /* PROT_*, as the kernel has mapped it */
};

/* A library that the program needs: loaded once, and never unloaded. */
struct library {
  const char *name; /* what ld.so asks for, without a folder */
  struct segment *segments;
  word segment_count;
  word base; /* where it has been mapped; 0 before */
};

/* A library that only addons may need: loaded and unloaded any number of times. */
struct file {
  const char *name;
  const char *content; /* all of the file, as it is on a disk */
  word size;
};

struct program_header {
  unsigned type, flags;
  word offset, address, physical_address, file_size, memory_size, alignment;
};

struct tables {
  word loader_base;
  word loader_entry;
  word program_entry;
  /* The program's own table, as ld.so must see it, with one entry of type 0 at its end for the payload's note. */
  struct program_header *headers;
  word header_count;
  struct library *libraries;
  word library_count;
  struct file *files;
  word file_count;
  /* What the program has added; 0 before the first (registry.c). */
  struct registry *registry;
};

extern struct tables tables __attribute__((visibility("hidden")));

_Static_assert(sizeof(struct segment) == 32, "as in tables.ts");
_Static_assert(sizeof(struct library) == 32, "as in tables.ts");
_Static_assert(sizeof(struct file) == 24, "as in tables.ts");
_Static_assert(sizeof(struct program_header) == 56, "as in the ELF specification");
_Static_assert(sizeof(struct tables) == 80, "as in tables.ts");

#endif
