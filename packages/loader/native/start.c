/*
 * What happens before ld.so runs, and between ld.so and the program.
 *
 * The kernel knows no interpreter for this file, so it starts the stub, and tells it in the auxiliary vector of the
 * program header table that lists what to map. ld.so must see another one: the program's own. Therefore the vector is
 * changed in place to what the kernel would have written had it loaded program and ld.so separately.
 */
#include "tables.h"

enum { AT_NULL = 0, AT_PHDR = 3, AT_PHNUM = 5, AT_BASE = 7, AT_ENTRY = 9, AT_SECURE = 23 };
enum { PT_NOTE = 4 };

/* Defined in assembly. */
void resume(void) __attribute__((visibility("hidden")));

struct auxiliary {
  word type, value;
};

/*
 * Libraries that the environment adds to every program are made for the C library of the machine: with ours, which may be
 * older, ld.so would give up. So ld.so does not see these variables. The program does, and hands them on to its children.
 */
static const char hidden_names[2][12] = {"LD_PRELOAD=", "LD_AUDIT="};
enum { hidden_mark = 1 };

static int is_hidden_name(const char *entry, char first) {
  if (*entry != first)
    return 0;
  for (unsigned i = 0; i < 2; i++) {
    const char *name = hidden_names[i];
    unsigned at = 1;
    while (name[at] && name[at] == entry[at])
      at++;
    if (!name[at])
      return 1;
  }
  return 0;
}

/* Both return what comes behind the environment: the auxiliary vector. */
static struct auxiliary *rename_variables(word *stack, char from, char to) {
  char **entry = (char **)(stack + 1 + *stack + 1);
  for (; *entry; entry++)
    if (is_hidden_name(*entry, from))
      **entry = to;
  return (struct auxiliary *)(entry + 1);
}

static struct auxiliary *skip_variables(word *stack) {
  char **entry = (char **)(stack + 1 + *stack + 1);
  while (*entry)
    entry++;
  return (struct auxiliary *)(entry + 1);
}

/* Returns where to go on: the entry of ld.so. */
__attribute__((used)) word prepare(word *stack) {
  struct auxiliary *const vector = skip_variables(stack);
  word is_secure = 0, count = 0;
  const struct program_header *mapped = 0;

  for (struct auxiliary *entry = vector; entry->type != AT_NULL; entry++) {
    if (entry->type == AT_PHDR) {
      mapped = (const struct program_header *)entry->value;
      entry->value = (word)tables.headers;
    } else if (entry->type == AT_PHNUM) {
      count = entry->value;
      entry->value = tables.header_count;
    } else if (entry->type == AT_BASE) {
      entry->value = tables.loader_base;
    } else if (entry->type == AT_ENTRY) {
      entry->value = (word)&resume;
    } else if (entry->type == AT_SECURE) {
      is_secure = entry->value;
    }
  }

  /* The payload is the last thing in the kernel's table. Its size is not known when the tables are made. */
  if (mapped && count > 0 && mapped[count - 1].type == PT_NOTE) {
    const word *from = (const word *)&mapped[count - 1];
    word *to = (word *)&tables.headers[tables.header_count - 1];
    for (unsigned i = 0; i < sizeof(struct program_header) / sizeof(word); i++)
      to[i] = from[i];
  }

  /* With other privileges than its user's, a program must not hand these variables on: ld.so takes them away. */
  if (!is_secure)
    rename_variables(stack, 'L', hidden_mark);
  return tables.loader_entry;
}

/* Returns where to go on: the program's entry. */
__attribute__((used)) word finish(word *stack) {
  struct auxiliary *entry = rename_variables(stack, hidden_mark, 'L');
  for (; entry->type != AT_NULL; entry++)
    if (entry->type == AT_ENTRY)
      entry->value = tables.program_entry;
  return tables.program_entry;
}
