import { type Command, globalOptions, type OptionTable } from "./command.ts";
import { commandNames, commands, commandsOfGroup } from "./commands.ts";
import { wrap } from "./render/text.ts";
import type { Channel } from "./terminal.ts";

/** Lines of text are read more easily when they are not much longer. */
const widest = 100;

/** Where the help is printed. */
type Page = Pick<Channel, "paint" | "width">;

/** The help text of sbp, or of a group of its commands. */
export function overview({ paint, width }: Page, group?: string): string {
  const columns = rowsFor(width());
  const names = group === undefined ? commandNames : commandsOfGroup(group);
  const lines = [
    group === undefined
      ? "sbp ships a TypeScript or JavaScript app as one executable."
      : `The commands of sbp ${group}.`,
    "",
    `${paint.bold("Usage:")} sbp ${group === undefined ? "COMMAND" : `${group} COMMAND`} [options]`,
    "",
    paint.bold("Commands:"),
    ...columns(names.map((name) => [signature(name, commands[name]!), commands[name]!.summary])),
    "",
    paint.bold("Options:"),
    ...columns([
      ...optionRows(globalOptions),
      ...(group === undefined ? [["-v, --version", "Print the version of sbp"] as const] : []),
    ]),
    "",
    `\`sbp help COMMAND\` tells more about a command.`,
  ];
  return lines.join("\n");
}

/** The help text of a command, made from its table. */
export function commandHelp(name: string, command: Command, { paint, width }: Page): string {
  const columns = rowsFor(width());
  const positionals = [
    ...(command.arguments ?? []).map((argument) => [argument.name, argument.description] as const),
    ...(command.passThrough
      ? [[`-- ${command.passThrough.name}`, command.passThrough.description] as const]
      : []),
  ];
  const own = optionRows(command.options);
  return [
    ...wrap(command.description, Math.min(width(), widest)),
    "",
    `${paint.bold("Usage:")} sbp ${signature(name, command, own.length > 0 ? ["[options]"] : [])}`,
    ...section("Arguments:", positionals),
    ...section("Options:", own),
    ...section("Global options:", optionRows(globalOptions)),
    "",
    paint.bold("Examples:"),
    ...columns(command.examples.map((example) => [example.command, example.description])),
  ].join("\n");

  function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
    return rows.length === 0 ? [] : ["", paint.bold(title), ...columns(rows)];
  }
}

function signature(
  name: string,
  { arguments: positionals = [], passThrough }: Command,
  options: readonly string[] = [],
): string {
  const words = [
    name,
    ...positionals.map((argument) => (argument.required ? `<${argument.name}>` : `[${argument.name}]`)),
    ...options,
  ];
  if (passThrough) words.push(`[-- ${passThrough.name}]`);
  return words.join(" ");
}

function optionRows(table: OptionTable): (readonly [string, string])[] {
  return Object.entries(table).map(([long, { short, value, description }]) => [
    `${short ? `-${short}, ` : ""}--${long}${value ? ` ${value}` : ""}`,
    description,
  ]);
}

/** Two columns within so many; where there is no room for a few words on the right, they go below. */
function rowsFor(columns: number): (rows: readonly (readonly [string, string])[]) => string[] {
  return (rows) => {
    const left = Math.max(...rows.map(([name]) => name.length)) + 4;
    const right = Math.min(columns, widest) - left;
    const below = (lines: readonly string[], indent: number) =>
      lines.map((line) => " ".repeat(indent) + line);
    return rows.flatMap(([name, text]) => {
      if (right < 20) return [`  ${name}`, ...below(wrap(text, columns - 6), 6)];
      const [first = "", ...more] = wrap(text, right);
      return [`  ${name.padEnd(left - 2)}${first}`, ...below(more, left)];
    });
  };
}
