import { type CompletedCommand, firstWords, membersOf, type Wanted } from "./words.ts";

/** A completion script for fish. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const first = [...firstWords(commands)];
  const lines = [
    "# Completes sbp in fish. To load it: sbp completion fish | source",
    "complete -c sbp -e",
    "complete -c sbp -f",
    "complete -c sbp -n __fish_use_subcommand -l version -s v -d 'Print the version of sbp'",
    "complete -c sbp -l help -s h -d 'Print this help'",
  ];
  for (const [word, summary] of first)
    lines.push(`complete -c sbp -n __fish_use_subcommand -a ${word} -d ${quote(summary)}`);
  for (const [word] of first) {
    lines.push(`complete -c sbp -n '__fish_seen_subcommand_from help' -a ${word}`);
    const members = membersOf(commands, word);
    for (const member of members) {
      const summary = commands.find(({ name }) => name === `${word} ${member}`)?.summary ?? "";
      const none = `__fish_seen_subcommand_from ${word}; and not __fish_seen_subcommand_from ${members.join(" ")}`;
      lines.push(`complete -c sbp -n '${none}' -a ${member} -d ${quote(summary)}`);
    }
  }
  for (const { name, options, argument } of commands) {
    const seen = name.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`);
    const here = `complete -c sbp -n '${seen.join("; and ")}'`;
    if (argument === "file") lines.push(`${here} -F`);
    else if (argument.length > 0) lines.push(`${here}${taken(argument)}`);
    for (const { long, short, description, value } of options)
      if (long !== "help")
        lines.push(
          `${here} -l ${long}${short ? ` -s ${short}` : ""}${value === undefined ? "" : ` -r${taken(value)}`} -d ${quote(description)}`,
        );
  }
  return lines.join("\n");
}

function taken(value: Wanted): string {
  if (typeof value !== "string") return ` -f -a ${quote(value.join(" "))}`;
  return { file: " -F", folder: " -f -a '(__fish_complete_directories)'", anything: " -f" }[value];
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
