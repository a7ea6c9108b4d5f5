import type { Command } from "./command.ts";
import { command as build } from "./commands/build.ts";
import { command as cacheClear } from "./commands/cache-clear.ts";
import { command as cacheGc } from "./commands/cache-gc.ts";
import { command as cacheLs } from "./commands/cache-ls.ts";
import { command as completion } from "./commands/completion.ts";
import { command as dev } from "./commands/dev.ts";
import { command as explain } from "./commands/explain.ts";
import { command as init } from "./commands/init.ts";
import { command as inspect } from "./commands/inspect.ts";
import { command as pluginNew } from "./commands/plugin-new.ts";
import { command as push } from "./commands/push.ts";
import { command as rebase } from "./commands/rebase.ts";
import { command as run } from "./commands/run.ts";
import { command as scan } from "./commands/scan.ts";
import { command as schema } from "./commands/schema.ts";
import { command as targets } from "./commands/targets.ts";
import { command as version } from "./commands/version.ts";

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
  inspect,
  rebase,
  scan,
  explain,
  targets,
  schema,
  "plugin new": pluginNew,
  "cache ls": cacheLs,
  "cache gc": cacheGc,
  "cache clear": cacheClear,
  completion,
  version,
};

export const commandNames: readonly string[] = Object.keys(commands);

/** The commands of a group (`cache`), by their full names; none for a word that is no group. */
export function commandsOfGroup(group: string): readonly string[] {
  return commandNames.filter((name) => name.startsWith(`${group} `));
}
