import type { Command } from "./command.ts";
import { command as build } from "./commands/build.ts";
import { command as cacheClear } from "./commands/cache-clear.ts";
import { command as cacheGc } from "./commands/cache-gc.ts";
import { command as cacheLs } from "./commands/cache-ls.ts";
import { command as dev } from "./commands/dev.ts";
import { command as explain } from "./commands/explain.ts";
import { command as init } from "./commands/init.ts";
import { command as push } from "./commands/push.ts";
import { command as rebase } from "./commands/rebase.ts";
import { command as run } from "./commands/run.ts";
import { command as schema } from "./commands/schema.ts";

/**
 * All commands in the order of the help text; a name with a space is a command of a group. Loaded together: each
 * is small, and one file starts faster than many. What is heavy (log-update, esbuild) is imported where it is used.
 */
export const commands: Readonly<Record<string, Command>> = {
  init,
  build,
  dev,
  run,
  push,
  rebase,
  explain,
  schema,
  "cache ls": cacheLs,
  "cache gc": cacheGc,
  "cache clear": cacheClear,
};

export const commandNames: readonly string[] = Object.keys(commands);

/** The commands of a group (`cache`), by their full names; none for a word that is no group. */
export function commandsOfGroup(group: string): readonly string[] {
  return commandNames.filter((name) => name.startsWith(`${group} `));
}
