import { Watcher, type WatchOptions } from "./watcher.ts";

/**
 * Builds a project, and builds it again whenever an input of the build changes: the files that its steps have declared or
 * discovered, config, sbp.lock.json and plugins. Tells of everything as events, in order; mistakes in config, plan and
 * sources end nothing. Throws SBP_WATCH_LIMIT where the system lets nobody watch as much.
 *
 *     for await (const event of watch({ load, dir, store })) if (event.type === "built") restart(event.bundle);
 */
export function watch(options: WatchOptions): Watcher {
  return new Watcher(options);
}
