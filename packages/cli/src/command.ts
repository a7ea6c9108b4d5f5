import type { JsonObject, SbpError } from "@sbp/core";
import type { Terminal } from "./terminal.ts";

/** One option, as parseArgs and the help text need it. */
export interface OptionSpec {
  readonly type: "boolean" | "string";
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** The value's name in the help text. */
  readonly value?: string;
  readonly description: string;
  /** Values for shells to complete. */
  readonly values?: readonly string[];
}
export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** What the options of a table parse to: flags are there, values may be missing, repeatable ones are lists. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends { type: "boolean" }
    ? boolean
    : Table[Name] extends { multiple: true }
      ? readonly string[]
      : string | undefined;
};

/** The options that every command takes. */
export const globalOptions = {
  config: { type: "string", value: "FILE", description: "Use this config instead of sbp.config.json" },
  cwd: { type: "string", short: "C", value: "DIR", description: "Work as if started in DIR" },
  json: { type: "boolean", description: "Print events as JSON, one per line; the last line is the result" },
  verbose: { type: "boolean", description: "Print debug messages, and stack traces of errors" },
  quiet: { type: "boolean", short: "q", description: "Print errors only" },
  "no-color": { type: "boolean", description: "Print without colors (as NO_COLOR does)" },
  help: { type: "boolean", short: "h", description: "Print this help" },
} as const satisfies OptionTable;
export type GlobalValues = OptionValues<typeof globalOptions>;

/** What a command is given. */
export interface CommandContext<Table extends OptionTable = OptionTable> {
  readonly options: OptionValues<Table>;
  readonly globals: GlobalValues;
  /** Absolute. */
  readonly cwd: string;
  /** The arguments by position. */
  readonly positionals: readonly string[];
  /** What stands behind `--`. */
  readonly passedThrough: readonly string[];
  readonly terminal: Terminal;
}

/** How a command ends. It is printed as text, or as the last line of JSON. */
export interface CommandResult {
  /** Default: 0. */
  readonly exitCode?: number;
  /** For people, without the last line break. */
  readonly text?: string;
  /** For programs. */
  readonly json: JsonObject;
  readonly errors?: readonly SbpError[];
}

/** An argument by position. */
export interface ArgumentSpec {
  readonly name: string;
  readonly description: string;
  /** The command does nothing without it; for the help text, since each command says itself what it lacks. */
  readonly required?: boolean;
  /** Values for shells to complete; without, they complete files. */
  readonly values?: readonly string[];
}

/** A command: its table of options makes both the parser and the help text. */
export interface Command<Table extends OptionTable = OptionTable> {
  /** One line. */
  readonly summary: string;
  /** A paragraph. */
  readonly description: string;
  readonly arguments?: readonly ArgumentSpec[];
  /** What stands behind `--` is taken, and called this. */
  readonly passThrough?: { readonly name: string; readonly description: string };
  readonly options: Table;
  readonly examples: readonly { readonly command: string; readonly description: string }[];
  /** Standard output belongs to the app that it starts: all that sbp itself says goes to standard error. */
  readonly leavesStdout?: boolean;
  run(context: CommandContext<Table>): Promise<CommandResult>;
}

/** Types a command's options from its table. */
export function defineCommand<const Table extends OptionTable>(command: Command<Table>): Command {
  return command as unknown as Command;
}
