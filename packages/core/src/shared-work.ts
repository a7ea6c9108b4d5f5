import { Limit } from "./limit.ts";

/** What builds that go on at the same time share: how many actions may run, and which do. */
export class SharedWork {
  readonly limit: Limit;
  /** By fingerprint: ends when the action's result is in the store, or has failed. */
  readonly running = new Map<string, Promise<unknown>>();

  constructor(concurrency: number) {
    this.limit = new Limit(concurrency);
  }
}
