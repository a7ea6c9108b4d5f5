import { statSync } from "node:fs";
import { resolve } from "node:path";
import { exitCodes, isSbpError } from "@sbp/core";
import { findCommand, parseArguments } from "./arguments.ts";
import type { Command, CommandResult } from "./command.ts";
import { commandNames, commands, commandsOfGroup } from "./commands.ts";
import { commandHelp, overview } from "./help.ts";
import { printErrors } from "./render/errors.ts";
import { jsonLine } from "./render/json.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import { unknownWord, usageError } from "./usage-error.ts";

/** The command that the words name, once it is known. */
interface Invocation {
  name?: string;
  command?: Command;
}

/** Whether a word is a command's first. */
export function startsCommand(word: string): boolean {
  return commandNames.includes(word) || commandsOfGroup(word).length > 0;
}

/** Runs a command line (without node and script). Prints everything; returns the code to exit with. */
export async function main(words: readonly string[]): Promise<number> {
  // These are needed even where the words cannot be parsed: the error is printed the way they say.
  const own = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  const json = own.includes("--json");
  const verbose = own.includes("--verbose");
  const terminal = openTerminal({ color: !own.includes("--no-color") });
  const invocation: Invocation = {};
  let result: CommandResult;
  let errors: readonly unknown[];
  try {
    result = await dispatch(words, terminal, invocation);
    errors = result.errors ?? [];
  } catch (error) {
    const exitCode = isSbpError(error) ? error.exitCode : exitCodes.stepFailed;
    result = { exitCode, json: { outcome: "failed" } };
    errors = [error];
  }
  const exitCode = result.exitCode ?? exitCodes.done;
  const results = invocation.command?.leavesStdout ? terminal.err : terminal.out;
  if (errors.length > 0) {
    printErrors(errors, { results, err: terminal.err, json, verbose });
  }
  if (json) {
    results.line(jsonLine({ type: "result", command: invocation.name, exitCode, ...result.json }));
  } else if (result.text !== undefined) terminal.out.line(result.text);
  const failure = await terminal.flush();
  if (!failure) return exitCode;
  process.stderr.write(`error SBP_OUTPUT: cannot print: ${failure.message}\n`);
  return exitCode || exitCodes.stepFailed;
}

async function dispatch(
  words: readonly string[],
  terminal: Terminal,
  invocation: Invocation,
): Promise<CommandResult> {
  const { name, group, rest } = findCommand(
    asksForVersion(words) ? ["version", ...words.filter(isNoVersion)] : words,
  );
  if (name === undefined) {
    const asked = rest.includes("--help") || rest.includes("-h");
    return { ...help(group ?? "", terminal), exitCode: asked ? exitCodes.done : exitCodes.badUsage };
  }
  if (name === "help") return help(rest.filter((word) => !word.startsWith("-")).join(" "), terminal);
  const command = commands[name]!;
  invocation.name = name;
  invocation.command = command;
  const parsed = parseArguments(name, command, rest);
  if (parsed.globals.help) return help(name, terminal);
  const cwd = resolve(parsed.globals.cwd ?? ".");
  if (parsed.globals.cwd !== undefined && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory())
    throw usageError(`--cwd ${parsed.globals.cwd}: there is no such folder`);
  return command.run({ ...parsed, cwd, terminal });
}

const isNoVersion = (word: string) => word !== "--version" && word !== "-v";

/** `sbp --version --json`: `main.ts` answers only the option alone. */
function asksForVersion(words: readonly string[]): boolean {
  return !words.every(isNoVersion) && words.every((word) => word.startsWith("-"));
}

/** The help of sbp, of a group of commands or of a command. */
function help(topic: string, terminal: Terminal): CommandResult {
  let text: string;
  if (topic === "") text = overview(terminal.out);
  else if (commandsOfGroup(topic).length > 0) text = overview(terminal.out, topic);
  else if (!commandNames.includes(topic))
    throw unknownWord("command", topic, commandNames, "`sbp --help` lists the commands.");
  else text = commandHelp(topic, commands[topic]!, terminal.out);
  return { text, json: { help: text } };
}
