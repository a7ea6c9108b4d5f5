/*
 * Answers ld.so's system calls. Those about a library that the executable carries are answered from memory; all others go
 * to the kernel as they are. ld.so opens, reads, looks at, maps and closes one library after the other, under its lock, so
 * that nothing here needs one.
 */
#include "memory.h"

enum { O_ACCMODE = 3, O_RDONLY = 0 };
enum { S_IFREG_0555 = 0100555 };

/* Descriptors: above any number that the kernel gives out (fs.nr_open). Those of libraries come first. */
enum { first_descriptor = 0x7fff0000 };
/* Their device, which no real file has. */
static const word own_device = 0x7fffffffff5b9000;

static int is_same(const char *a, const char *b) {
  while (*a && *a == *b)
    a++, b++;
  return *a == *b;
}

/* The library of a descriptor; 0 if it is none's. */
static struct library *library_of(int descriptor) {
  word index = (word)(long)descriptor - first_descriptor;
  return index < tables.library_count ? &tables.libraries[index] : 0;
}

/* The same for files: those of the tables come first, then those that the program has added. */
static const struct file *file_of(int descriptor) {
  word index = (word)(long)descriptor - first_descriptor - tables.library_count;
  if (index < tables.file_count)
    return &tables.files[index];
  return registered_file(index - tables.file_count);
}

/*
 * Folders for some processors only, in which ld.so looks before the one that they are in (glibc 2.33 and later use the
 * first, the others are older).
 */
static const char variant_folders[][16] = {"glibc-hwcaps/", "tls/",      "x86_64/",  "haswell/",
                                           "avx512_1/",     "xeon_phi/", "aarch64/", "atomics/"};

/* Whether a path leads through such a folder; `name` is what comes behind its last slash. */
static int is_variant(const char *path, const char *name) {
  for (const char *part = path; part < name; part++) {
    if (part != path && part[-1] != '/')
      continue;
    for (unsigned i = 0; i < sizeof variant_folders / sizeof variant_folders[0]; i++) {
      const char *folder = variant_folders[i];
      unsigned at = 0;
      while (folder[at] && folder[at] == part[at])
        at++;
      if (!folder[at])
        return 1;
    }
  }
  return 0;
}

static int find_name(const char *name) {
  for (word i = 0; i < tables.library_count; i++)
    if (is_same(name, tables.libraries[i].name))
      return first_descriptor + (int)i;
  for (word i = 0; i < tables.file_count; i++)
    if (is_same(name, tables.files[i].name))
      return first_descriptor + (int)(tables.library_count + i);
  return 0;
}

/*
 * Wherever ld.so looks for a library of ours, it finds ours: it belongs to the C library that is running. But not in a
 * folder of variants, whose name would become part of the library's: ld.so goes on looking. Returns 0 where the kernel has
 * to open a file.
 */
static int open_library(const char *path, long flags) {
  const char *name = path;
  for (const char *at = path; *at; at++)
    if (*at == '/')
      name = at + 1;
  word index;
  int registered = open_registered(path, &index);
  if (registered != 0)
    return registered < 0 ? registered : first_descriptor + (int)(tables.library_count + tables.file_count + index);
  /* Libraries for every program of the machine: see start.c. */
  if (is_same(path, "/etc/ld.so.preload"))
    return -ENOENT;
  if ((flags & O_ACCMODE) != O_RDONLY)
    return 0;
  int descriptor = find_name(name);
  return descriptor && is_variant(path, name) ? -ENOENT : descriptor;
}

/* ld.so knows by device and number whether two names are the same file. */
static long describe(int descriptor, char *status) {
  for (unsigned i = 0; i < STAT_size / sizeof(word); i++)
    ((volatile word *)status)[i] = 0;
  ((word *)status)[0] = own_device;
  ((word *)status)[1] = (word)(long)descriptor;
  *(unsigned *)(status + STAT_mode) = S_IFREG_0555;
  return 0;
}

static int is_own(int descriptor) { return library_of(descriptor) || file_of(descriptor); }

static long read_at(int descriptor, char *buffer, word size, word offset) {
  const struct library *library = library_of(descriptor);
  if (library)
    return read_library(library, buffer, size, offset);
  const struct file *file = file_of(descriptor);
  return read_bytes(buffer, size, offset, file->content, file->size);
}

static long map(int descriptor, const struct mapping *mapping) {
  struct library *library = library_of(descriptor);
  return library ? map_library(library, mapping) : map_file(file_of(descriptor), mapping);
}

/* A system call: its number, and six arguments. Returns what the kernel would: a negative error number on failure. */
__attribute__((used)) long answer(const long *call) {
  const long number = call[0];
  switch (number) {
  case NR_openat: {
    int descriptor = open_library((const char *)call[2], call[3]);
    if (descriptor != 0)
      return descriptor;
    break;
  }
  case NR_read:
    /* Each is read once, from its start. */
    if (is_own((int)call[1]))
      return read_at((int)call[1], (char *)call[2], (word)call[3], 0);
    break;
  case NR_pread64:
    if (is_own((int)call[1]))
      return read_at((int)call[1], (char *)call[2], (word)call[3], (word)call[4]);
    break;
  case NR_fstat:
    if (is_own((int)call[1]))
      return describe((int)call[1], (char *)call[2]);
    break;
  case NR_newfstatat:
    if (is_own((int)call[1]))
      return describe((int)call[1], (char *)call[3]);
    break;
  case NR_mmap:
    if (is_own((int)call[5])) {
      const struct mapping mapping = {(word)call[1], (word)call[2], (word)call[3], (word)call[4], (word)call[6]};
      return map((int)call[5], &mapping);
    }
    break;
  case NR_close:
    if (is_own((int)call[1]))
      return 0;
    break;
  }
  return system_call(number, call[1], call[2], call[3], call[4], call[5], call[6]);
}
