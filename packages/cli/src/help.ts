import { type Command, globalOptions, type OptionTable } from "./command.ts";
import { commandNames, commands, commandsOfGroup } from "./commands.ts";
import type { Colors } from "./terminal.ts";

/** The help text of sbp, or of a group of its commands. */
export function overview(paint: Colors, group?: string): string {
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
export function commandHelp(name: string, command: Command, paint: Colors): string {
  const positionals = [
    ...(command.arguments ?? []).map((argument) => [argument.name, argument.description] as const),
    ...(command.passThrough
      ? [[`-- ${command.passThrough.name}`, command.passThrough.description] as const]
      : []),
  ];
  const own = optionRows(command.options);
  return [
    command.description,
    "",
    `${paint.bold("Usage:")} sbp ${signature(name, command)}${own.length > 0 ? " [options]" : ""}`,
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

function signature(name: string, { arguments: positionals = [], passThrough }: Command): string {
  const words = [name, ...positionals.map((argument) => `[${argument.name}]`)];
  if (passThrough) words.push(`[-- ${passThrough.name}]`);
  return words.join(" ");
}

function optionRows(table: OptionTable): (readonly [string, string])[] {
  return Object.entries(table).map(([long, { short, value, description }]) => [
    `${short ? `-${short}, ` : ""}--${long}${value ? ` ${value}` : ""}`,
    description,
  ]);
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
