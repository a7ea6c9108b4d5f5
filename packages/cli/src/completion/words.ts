import { type Command, globalOptions, type OptionTable } from "../command.ts";

/** What a shell can complete in a place. */
export type Wanted = readonly string[] | "file" | "folder" | "anything";

export interface CompletedOption {
  readonly long: string;
  readonly short: string | undefined;
  readonly description: string;
  /** Undefined for an option without a value. */
  readonly value: Wanted | undefined;
}

export interface CompletedCommand {
  /** `build`; `cache ls` of a group. */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments are. */
  readonly argument: Wanted;
}

/** All that shells are told of the commands: made from the same tables as parser and help. */
export function completedCommands(commands: Readonly<Record<string, Command>>): readonly CompletedCommand[] {
  return Object.entries(commands).map(([name, { summary, options, arguments: args = [] }]) => ({
    name,
    summary,
    options: optionsOf({ ...options, ...globalOptions }),
    argument: args[0]?.values ?? (args.length > 0 ? "file" : []),
  }));
}

export function optionsOf(table: OptionTable): readonly CompletedOption[] {
  return Object.entries(table).map(([long, { type, short, value, values, description }]) => ({
    long,
    short,
    description,
    value: type === "boolean" ? undefined : (values ?? kindOf(value)),
  }));
}

/** The first words of commands, each with what it does: groups stand once. */
export function firstWords(commands: readonly CompletedCommand[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [first = "", member] = name.split(" ");
    if (member === undefined) words.set(first, summary);
    else if (!words.has(first)) words.set(first, `Commands: ${membersOf(commands, first).join(", ")}`);
  }
  return words.set("help", "Tell more about a command");
}

/** The commands of a group by their second words; none for a word that is no group. */
export function membersOf(commands: readonly CompletedCommand[], group: string): readonly string[] {
  return commands.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : []));
}

/** What a value's name in the help text says that it is. */
function kindOf(value: string | undefined): Wanted {
  if (value === "FILE" || value === "PATH" || value === "RUNTIME" || value === "OLD") return "file";
  return value === "DIR" ? "folder" : "anything";
}
