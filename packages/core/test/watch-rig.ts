import { join } from "node:path";
import {
  type Plugin,
  type Project,
  type WatchEvent,
  type Watcher,
  type WatchOptions,
  watch,
} from "../src/index.ts";
import type { Rig } from "./rig.ts";

/** How long a test waits for an event that has to come. Milliseconds. */
const deadline = 20_000;

/** A watcher over a rig's project, and its events one by one. */
export class WatchRig {
  readonly rig: Rig;
  readonly watcher: Watcher;
  readonly seen: WatchEvent[] = [];
  readonly #events: AsyncIterator<WatchEvent>;

  constructor(rig: Rig, load: () => Promise<Project>, options: Partial<WatchOptions> = {}) {
    this.rig = rig;
    this.watcher = watch({ load, dir: rig.dir, store: rig.store, ...options });
    this.#events = this.watcher[Symbol.asyncIterator]();
  }

  static steps(rig: Rig, steps: readonly Plugin[], options: Partial<WatchOptions> = {}): WatchRig {
    return new WatchRig(rig, async () => rig.project(steps), options);
  }

  /** The next event of a type. Throws when the watcher ends, or after the deadline. */
  async next<Type extends WatchEvent["type"]>(type: Type): Promise<Extract<WatchEvent, { type: Type }>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no "${type}" after: ${this.#names()}`)), deadline);
    });
    try {
      for (;;) {
        const { value, done } = await Promise.race([this.#events.next(), late]);
        if (done) throw new Error(`ended without "${type}": ${this.#names()}`);
        this.seen.push(value);
        if (value.type === type) return value as Extract<WatchEvent, { type: Type }>;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The text that the first bundle has after the next build. */
  async built(): Promise<string> {
    const { bundle, result } = await this.next("built");
    if (!bundle) throw new Error(`not built: ${result.errors.map(({ message }) => message)}`);
    return (await bundle.read("text")).toString();
  }

  path(name: string): string {
    return join(this.rig.dir, name);
  }

  /** How often an event of a type was seen. */
  count(type: WatchEvent["type"]): number {
    return this.seen.filter((event) => event.type === type).length;
  }

  #names(): string {
    return this.seen.map(({ type }) => type).join(", ");
  }
}
