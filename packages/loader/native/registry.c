/*
 * Libraries that the payload holds. The stub cannot know where they are in it: the program says so, by asking for names
 * below a folder that cannot be (/dev/null is none).
 *
 *   /dev/null/sbp-add/<address>/<size>/<path>   there is a library now; numbers are hexadecimal
 *   /dev/null/sbp/<path>                        the library
 *
 * The answer to the first is that there is no such file. All of this happens under the lock of ld.so.
 */
#include "memory.h"

enum { most_files = 1024, text_size = 256 * 1024, longest_path = 1024 };
enum { PT_NOTE = 4 };

struct registry {
  word count;
  word text_used;
  struct file files[most_files];
  char text[text_size];
};

static const char added[] = "/dev/null/sbp-add/";
static const char folder[] = "/dev/null/sbp/";

static const char *after(const char *text, const char *beginning) {
  while (*beginning)
    if (*text++ != *beginning++)
      return 0;
  return text;
}

/* A number with the slash behind it; 0 if it is none. */
static const char *after_number(const char *text, word *number) {
  const char *start = text;
  for (*number = 0; text - start < 16; text++) {
    if (*text >= '0' && *text <= '9')
      *number = *number << 4 | (word)(*text - '0');
    else if (*text >= 'a' && *text <= 'f')
      *number = *number << 4 | (word)(*text - 'a' + 10);
    else
      break;
  }
  return *text == '/' && text != start ? text + 1 : 0;
}

/* Only what is in the payload: whatever a program asks for, nothing else is read. */
static int is_payload(word address, word size) {
  const struct program_header *note = &tables.headers[tables.header_count - 1];
  return note->type == PT_NOTE && address >= note->address && size <= note->memory_size &&
         address - note->address <= note->memory_size - size;
}

/* ld.so asks for `a/../b` where a library says that another is beside it. Returns the length; 0 if there is no room. */
static word resolve_path(const char *path, char *result) {
  word length = 0;
  while (*path) {
    word size = 0;
    while (path[size] && path[size] != '/')
      size++;
    if (size == 2 && path[0] == '.' && path[1] == '.') {
      while (length > 0 && result[--length] != '/')
        ;
    } else if (size > 0 && !(size == 1 && path[0] == '.')) {
      if (length + size + 2 > longest_path)
        return 0;
      if (length > 0)
        result[length++] = '/';
      copy_bytes(result + length, path, size);
      length += size;
    }
    path += size;
    while (*path == '/')
      path++;
  }
  result[length] = 0;
  return length;
}

static struct file *find(const char *path) {
  struct registry *registry = tables.registry;
  for (word i = 0; registry && i < registry->count; i++) {
    const char *name = registry->files[i].name;
    word at = 0;
    while (path[at] && path[at] == name[at])
      at++;
    if (path[at] == name[at])
      return &registry->files[i];
  }
  return 0;
}

static int add(const char *text) {
  word address, size;
  char path[longest_path];
  if (!(text = after_number(text, &address)) || !(text = after_number(text, &size)) || !is_payload(address, size))
    return -EINVAL;
  word length = resolve_path(text, path);
  if (length == 0)
    return -EINVAL;
  if (find(path))
    return -ENOENT;
  if (!tables.registry) {
    long memory = system_call(NR_mmap, 0, sizeof(struct registry), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (is_error(memory))
      return (int)memory;
    tables.registry = (struct registry *)memory;
  }
  struct registry *registry = tables.registry;
  if (registry->count == most_files || length + 1 > text_size - registry->text_used)
    return -ENOSPC;
  char *name = registry->text + registry->text_used;
  copy_bytes(name, path, length + 1);
  registry->text_used += length + 1;
  registry->files[registry->count++] = (struct file){name, (const char *)address, size};
  return -ENOENT;
}

const struct file *registered_file(word index) {
  struct registry *registry = tables.registry;
  return registry && index < registry->count ? &registry->files[index] : 0;
}

int open_registered(const char *path, word *index) {
  char resolved[longest_path];
  const char *rest = after(path, added);
  if (rest)
    return add(rest);
  rest = after(path, folder);
  if (!rest || resolve_path(rest, resolved) == 0)
    return 0;
  struct file *file = find(resolved);
  if (!file)
    return 0;
  *index = (word)(file - tables.registry->files);
  return 1;
}
