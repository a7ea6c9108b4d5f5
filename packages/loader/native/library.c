/*
 * Libraries that the program needs. The kernel has mapped all of their segments already when it loaded the executable; here
 * they are only moved (mremap) to where ld.so wants them, so that they stay pages of the file, shared between processes.
 */
#include "memory.h"

enum { MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2 };
enum { smallest_page = 4096 };

/* ld.so reads the headers only, which are at the start of the first segment, in the file as in memory. */
long read_library(const struct library *library, char *buffer, word size, word offset) {
  const struct segment *first = &library->segments[0];
  word content = library->base ? library->base : first->source;
  return read_bytes(buffer, size, offset, (const char *)content, first->size);
}

/* Brings `size` bytes of a segment, after `skipped` bytes of it, to an address. */
static long move_segment(struct segment *segment, word skipped, word address, word size, word protection) {
  if (segment->source) {
    long result = system_call(NR_mremap, (long)(segment->source + skipped), (long)size, (long)size,
                              MREMAP_MAYMOVE | MREMAP_FIXED, (long)address, 0);
    if (is_error(result))
      return result;
    segment->source = 0;
    if (protection == segment->protection)
      return result;
  }
  /* Mapped a second time, or otherwise than its header says: with branch protection, for instance. */
  long result = system_call(NR_mprotect, (long)address, (long)size, (long)protection, 0, 0, 0);
  return is_error(result) ? result : (long)address;
}

/*
 * ld.so maps the whole of a library first, which reserves addresses and brings in its first segment, and then each further
 * segment over that.
 */
static long map_first(struct library *library, const struct mapping *mapping) {
  struct segment *first = &library->segments[0];
  long base = system_call(NR_mmap, (long)mapping->address, (long)mapping->size, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (long)(mapping->flags & MAP_FIXED), -1, 0);
  if (is_error(base))
    return base;
  word rounded = (mapping->size + smallest_page - 1) & -(word)smallest_page;
  long result = move_segment(first, 0, (word)base, smaller(first->size, rounded), mapping->protection);
  if (!is_error(result))
    library->base = (word)base;
  return result;
}

long map_library(struct library *library, const struct mapping *mapping) {
  if (!library->base)
    return map_first(library, mapping);
  /* A library can be mapped once: another namespace (dlmopen) cannot have it. */
  if (!(mapping->flags & MAP_FIXED))
    return -EINVAL;
  word distance = mapping->address - library->base;
  for (word i = 0; i < library->segment_count; i++) {
    struct segment *segment = &library->segments[i];
    word skipped = distance - segment->address;
    if (distance >= segment->address && skipped < segment->size && mapping->size <= segment->size - skipped)
      return move_segment(segment, skipped, mapping->address, mapping->size, mapping->protection);
  }
  return -EINVAL;
}
