import { parseArgs } from "node:util";
import {
  type Command,
  type GlobalValues,
  globalOptions,
  type OptionSpec,
  type OptionTable,
  type OptionValues,
} from "./command.ts";
import { commandNames, commandsOfGroup } from "./commands.ts";
import { unknownWord, usageError } from "./usage-error.ts";

/** Which command the words name, and what is left for its own options. */
export interface CommandWords {
  /** `build`, `cache ls`; undefined when no word names one. */
  readonly name: string | undefined;
  /** A group was named without one of its commands. */
  readonly group: string | undefined;
  readonly rest: readonly string[];
}

/**
 * Finds the command among the words: the first that is no global option. Throws SBP_USAGE for a word that
 * names no command, and for an option that stands before the command and is not global.
 */
export function findCommand(words: readonly string[]): CommandWords {
  const index = skipGlobalOptions(words, 0);
  const first = words[index];
  if (first === undefined) return { name: undefined, group: undefined, rest: words };
  const withoutFirst = [...words.slice(0, index), ...words.slice(index + 1)];
  if (first === "help" || commandNames.includes(first))
    return { name: first, group: undefined, rest: withoutFirst };
  const members = commandsOfGroup(first);
  if (members.length === 0) {
    const groups = commandNames.map((name) => name.split(" ")[0]!);
    throw unknownWord(
      "command",
      first,
      [...new Set([...groups, "help"])],
      "`sbp --help` lists the commands.",
    );
  }
  const memberIndex = skipGlobalOptions(withoutFirst, index);
  const member = withoutFirst[memberIndex];
  if (member === undefined) return { name: undefined, group: first, rest: withoutFirst };
  const name = `${first} ${member}`;
  if (!members.includes(name)) {
    const names = members.map((known) => known.slice(first.length + 1));
    throw unknownWord(
      `command of sbp ${first}`,
      member,
      names,
      `\`sbp ${first} --help\` lists the commands.`,
    );
  }
  return {
    name,
    group: first,
    rest: [...withoutFirst.slice(0, memberIndex), ...withoutFirst.slice(memberIndex + 1)],
  };
}

/** The index of the first word from `start` that is neither a global option nor the value of one. */
function skipGlobalOptions(words: readonly string[], start: number): number {
  let index = start;
  for (; index < words.length; index++) {
    const word = words[index]!;
    if (!word.startsWith("-") || word === "-" || word === "--") break;
    const name = word.replace(/^--?/, "").replace(/=.*$/s, "");
    const option = Object.entries<OptionSpec>(globalOptions).find(
      ([long, spec]) => (word.startsWith("--") ? long : spec.short) === name,
    )?.[1];
    if (!option) {
      const known = Object.keys(globalOptions).map((long) => `--${long}`);
      throw unknownWord("option", word, known, "Options of a command stand behind its name.");
    }
    if (option.type === "string" && !word.includes("=")) index++;
  }
  return index;
}

export interface ParsedArguments {
  readonly options: OptionValues<OptionTable>;
  readonly globals: GlobalValues;
  readonly positionals: readonly string[];
  readonly passedThrough: readonly string[];
}

/** Parses a command's words by its table. Throws SBP_USAGE for everything that the table does not allow. */
export function parseArguments(name: string, command: Command, words: readonly string[]): ParsedArguments {
  const table: OptionTable = { ...globalOptions, ...command.options };
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(table).map(([long, { type, short }]) => [long, short ? { type, short } : { type }]),
    ),
    // All is checked below: parseArgs' own messages know no nearest name.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const help = `\`sbp ${name} --help\` shows all options.`;
  const values: Record<string, boolean | string | string[]> = {};
  const positionals: string[] = [];
  const passedThrough: string[] = [];
  let terminated = false;
  for (const token of tokens) {
    if (token.kind === "option-terminator") terminated = true;
    else if (token.kind === "positional")
      (terminated && command.passThrough ? passedThrough : positionals).push(token.value);
    else {
      const spec = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
      if (!spec) {
        const known = Object.keys(table).map((long) => `--${long}`);
        throw unknownWord("option", token.rawName, known, help);
      }
      if (spec.type === "boolean") {
        if (token.value !== undefined) throw usageError(`option --${token.name} takes no value`, help);
        values[token.name] = true;
        continue;
      }
      // Without "=", an option in the place of a value is a forgotten value.
      if (!token.value || (!token.inlineValue && token.value.startsWith("-")))
        throw usageError(`option --${token.name} needs a value: --${token.name} ${spec.value}`, help);
      values[token.name] = spec.multiple
        ? [...((values[token.name] as string[]) ?? []), token.value]
        : token.value;
    }
  }
  const most = command.arguments?.length ?? 0;
  if (positionals.length > most) {
    const hint = command.passThrough
      ? `Arguments for the app stand behind "--": sbp ${name} -- ${positionals.slice(most).join(" ")}`
      : help;
    throw usageError(`unexpected argument "${positionals[most]}"`, hint);
  }
  return {
    options: complete(command.options, values),
    globals: complete(globalOptions, values) as unknown as GlobalValues,
    positionals,
    passedThrough,
  };
}

/** Every option of the table with its value, or with that of an option not given. */
function complete(
  table: OptionTable,
  values: Readonly<Record<string, boolean | string | string[]>>,
): OptionValues<OptionTable> {
  const completed: Record<string, boolean | string | string[] | undefined> = {};
  for (const [name, { type, multiple }] of Object.entries(table))
    completed[name] = values[name] ?? (type === "boolean" ? false : multiple ? [] : undefined);
  return completed as unknown as OptionValues<OptionTable>;
}
