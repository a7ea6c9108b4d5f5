/*
 * Libraries that may come and go. Their bytes are in memory as they would be in a file, and are copied into fresh pages at
 * every mapping, so that the next one finds them untouched.
 */
#include "memory.h"

long map_file(const struct file *file, const struct mapping *mapping) {
  long base = system_call(NR_mmap, (long)mapping->address, (long)mapping->size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | (long)(mapping->flags & MAP_FIXED), -1, 0);
  if (is_error(base))
    return base;
  read_bytes((char *)base, mapping->size, mapping->offset, file->content, file->size);
  if (mapping->protection & PROT_EXEC)
    instructions_written((word)base, mapping->size);
  long result = system_call(NR_mprotect, base, (long)mapping->size, (long)mapping->protection, 0, 0, 0);
  return is_error(result) ? result : base;
}
