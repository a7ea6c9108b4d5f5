import type { Command } from "./command.ts";

type LoadCommand = () => Promise<{ readonly command: Command }>;

/** All commands in the order of the help text; a name with a space is a command of a group. */
export const commands: Readonly<Record<string, LoadCommand>> = {
  init: () => import("./commands/init.ts"),
  build: () => import("./commands/build.ts"),
  run: () => import("./commands/run.ts"),
  explain: () => import("./commands/explain.ts"),
  schema: () => import("./commands/schema.ts"),
  "cache ls": () => import("./commands/cache-ls.ts"),
  "cache gc": () => import("./commands/cache-gc.ts"),
  "cache clear": () => import("./commands/cache-clear.ts"),
};

export const commandNames: readonly string[] = Object.keys(commands);

/** The commands of a group (`cache`), by their full names; none for a word that is no group. */
export function commandsOfGroup(group: string): readonly string[] {
  return commandNames.filter((name) => name.startsWith(`${group} `));
}
