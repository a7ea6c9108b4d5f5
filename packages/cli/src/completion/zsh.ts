import { globalOptions } from "../command.ts";
import {
  type CompletedCommand,
  type CompletedOption,
  firstWords,
  membersOf,
  optionsOf,
  type Wanted,
} from "./words.ts";

/** A completion script for zsh; works both as `_sbp` on `$fpath` and when it is sourced. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const first = [...firstWords(commands)];
  const cases = first.map(([word]) => {
    const members = membersOf(commands, word);
    if (members.length === 0) return `        ${word}) ${argumentsOf(commands, word, "          ")} ;;`;
    const summaries = members.map((member) => describe(member, summaryOf(commands, `${word} ${member}`)));
    const inner = members.map(
      (member) => `            ${member}) ${argumentsOf(commands, `${word} ${member}`, "              ")} ;;`,
    );
    return `        ${word})
          if (( CURRENT == 2 )); then
            members=(${summaries.join(" ")})
            _describe command members
            return
          fi
          shift words; (( CURRENT-- ))
          case $words[1] in
${inner.join("\n")}
          esac ;;`;
  });
  const globals = optionsOf(globalOptions);
  return `#compdef sbp
# Completes sbp in zsh. To load it: source <(sbp completion zsh)
_sbp() {
  local state line
  local -a commands members
  commands=(${first.map(([word, summary]) => describe(word, summary)).join(" ")})
  _arguments -C '(- *)--version[Print the version of sbp]' \\
    ${globals.flatMap(optionSpecs).join(" \\\n    ")} \\
    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${cases.join("\n")}
      esac ;;
  esac
}
if [[ $funcstack[1] == _sbp ]]; then _sbp "$@"; else compdef _sbp sbp; fi`;
}

function argumentsOf(commands: readonly CompletedCommand[], name: string, indent: string): string {
  if (name === "help") return "_describe command commands";
  const { options, argument } = commands.find((command) => command.name === name)!;
  const lines = [
    ...options.flatMap(optionSpecs),
    ...(argument.length > 0 ? [quote(`*:argument:${action(argument)}`)] : []),
  ];
  return `_arguments -s \\\n${lines.map((line) => indent + line).join(" \\\n")}`;
}

function optionSpecs({ long, short, description, value }: CompletedOption): string[] {
  const what = `[${description.replace(/[[\]:\\]/g, "\\$&")}]`;
  const taken = value === undefined ? "" : `:value:${action(value)}`;
  const spec = (name: string) => quote(`*${name}${what}${taken}`);
  return [spec(`--${long}`), ...(short ? [spec(`-${short}`)] : [])];
}

function action(value: Wanted): string {
  if (typeof value !== "string") return `(${value.join(" ")})`;
  return { file: "_files", folder: "_files -/", anything: " " }[value];
}

function describe(word: string, summary: string): string {
  return quote(`${word}:${summary.replaceAll(":", "\\:")}`);
}

function summaryOf(commands: readonly CompletedCommand[], name: string): string {
  return commands.find((command) => command.name === name)?.summary ?? "";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
