/*
 * Libraries that may come and go. Their bytes are in memory as they would be in a file, and are copied into fresh pages at
 * every mapping, so that the next one finds them untouched.
 */
#include "memory.h"

enum { PT_LOAD = 1, largest_page = 0x10000 };
/* Of the ELF header: its size, and where e_phoff and e_phnum are. */
enum { header_size = 64, headers_field = 32, count_field = 56 };

/*
 * How much of a mapping is worth copying. The first one spans the whole library, but only its first segment stays: further
 * ones are mapped over it. Anything that is no such library is copied whole, and left to ld.so.
 */
static word useful_size(const struct file *file, const struct mapping *mapping) {
  if (mapping->offset != 0 || file->size < header_size)
    return mapping->size;
  word start = *(const word *)(file->content + headers_field);
  word count = *(const unsigned short *)(file->content + count_field);
  if (start > file->size || count * sizeof(struct program_header) > file->size - start)
    return mapping->size;
  const struct program_header *headers = (const struct program_header *)(file->content + start);
  word end = 0;
  for (word i = 0; i < count; i++)
    if (headers[i].type == PT_LOAD && headers[i].offset < largest_page && headers[i].file_size <= file->size &&
        headers[i].offset + headers[i].file_size > end)
      end = headers[i].offset + headers[i].file_size;
  return end > 0 ? smaller(end, mapping->size) : mapping->size;
}

long map_file(const struct file *file, const struct mapping *mapping) {
  long base = system_call(NR_mmap, (long)mapping->address, (long)mapping->size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | (long)(mapping->flags & MAP_FIXED), -1, 0);
  if (is_error(base))
    return base;
  read_bytes((char *)base, useful_size(file, mapping), mapping->offset, file->content, file->size);
  if (mapping->protection & PROT_EXEC)
    instructions_written((word)base, mapping->size);
  long result = system_call(NR_mprotect, base, (long)mapping->size, (long)mapping->protection, 0, 0, 0);
  return is_error(result) ? result : base;
}
