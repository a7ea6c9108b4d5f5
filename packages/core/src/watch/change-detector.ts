import type { Input } from "../inputs.ts";
import { FolderWatch } from "./folder-watch.ts";
import type { WatchedInput, WatchedInputs } from "./watched-inputs.ts";

export interface ChangeDetectorOptions {
  readonly poll: boolean;
  /** Inputs have other values than the known ones; "anything" where values could not tell (see `anywhere`). */
  readonly onChange: (inputs: readonly Omit<Input, "value">[] | "anything") => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Milliseconds without news before values are compared: a file that is written in several parts, or a checkout, is one
 * change. What comes later, while a build runs, cancels it. Longer than a tick of most file systems' clocks (4 ms): what was written
 * in the tick in which an action begins has it run twice.
 */
const quietMs = 5;
/** While news keeps coming. Milliseconds. */
const longestMs = 250;

/** Tells when inputs have changed: hints of the file system, looked into once it is quiet. */
export class ChangeDetector {
  readonly #options: ChangeDetectorOptions;
  readonly #folders: FolderWatch;
  #inputs: WatchedInputs | undefined;
  /** Whatever happens in these folders counts. */
  #anywhere: ReadonlySet<string> = new Set();
  readonly #touched = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #since = 0;
  /** Comparing and arming wait for one another. */
  #work: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: ChangeDetectorOptions) {
    this.#options = options;
    this.#folders = new FolderWatch({
      poll: options.poll,
      onChange: (path) => this.#hint(path),
      onError: options.onError,
      isWanted: (path) => this.#inputs?.has(path) ?? false,
    });
  }

  /** How many folders are watched. */
  get size(): number {
    return this.#folders.size;
  }

  /**
   * From here on these inputs count, with the values given. Settles when they are watched, and none has changed unseen before
   * that without `onChange` being told.
   */
  watch(inputs: WatchedInputs, values: Iterable<Input>): Promise<void> {
    return this.#after(async () => {
      const isOther = inputs !== this.#inputs || this.#anywhere.size > 0;
      this.#inputs = inputs;
      this.#anywhere = new Set();
      const { added, areFoldersOthers } = await inputs.replace(values);
      if (areFoldersOthers || isOther) await this.#arm(inputs);
      // What happened to them since they were read was none of our business until now.
      this.#tell(await inputs.changed(added));
    });
  }

  /** From here on whatever happens in these folders counts, and nothing else. */
  anywhere(folders: ReadonlySet<string>): Promise<void> {
    return this.#after(async () => {
      this.#inputs = undefined;
      this.#anywhere = folders;
      await this.#folders.set(folders);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#work.catch(() => {});
    await this.#folders.close();
  }

  #hint(path: string): void {
    const counts =
      this.#inputs === undefined ? this.#anywhere.size > 0 : this.#inputs.affected(path).size > 0;
    if (!counts || this.#isClosed) return;
    const now = performance.now();
    if (this.#touched.size === 0) this.#since = now;
    this.#touched.add(path);
    clearTimeout(this.#timer);
    const wait = Math.min(quietMs, Math.max(0, this.#since + longestMs - now));
    this.#timer = setTimeout(() => {
      this.#after(() => this.#compare()).catch(this.#options.onError);
    }, wait);
  }

  async #compare(): Promise<void> {
    const touched = [...this.#touched];
    this.#touched.clear();
    const inputs = this.#inputs;
    if (inputs === undefined) {
      if (touched.length > 0 && this.#anywhere.size > 0) this.#options.onChange("anything");
      return;
    }
    const affected = new Set(touched.flatMap((path) => [...inputs.affected(path)]));
    this.#tell(await inputs.changed(affected));
    // After the news: nobody waits for this.
    const isElsewhere = await inputs.relocate(affected);
    if (isElsewhere || touched.some((path) => inputs.folders.has(path))) await this.#arm(inputs);
  }

  /** Watches the inputs' folders, and compares once more as long as some of them were not watched before. */
  async #arm(inputs: WatchedInputs): Promise<void> {
    while (!this.#isClosed && (await this.#folders.set(inputs.folders))) {
      this.#tell(await inputs.changed());
      await inputs.relocate([...inputs.globs()]);
    }
  }

  #tell(changed: readonly WatchedInput[]): void {
    if (changed.length > 0) this.#options.onChange(changed.map(({ input }) => input));
  }

  #after<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }
}
