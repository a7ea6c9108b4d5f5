import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Limit } from "./limit.ts";
import type { Action } from "./plan.ts";
import { artifactName, type ProjectState } from "./project-state.ts";
import { prepareHash } from "./resumable-sha256.ts";
import type { Spare } from "./store/spares.ts";
import type { Store } from "./store/store.ts";
import type { ArtifactInStore } from "./store/stored-artifact.ts";
import type { StoredFile } from "./store/stored-file.ts";
import { temporaryName } from "./write-file-atomic.ts";

/** A file with which an output will begin, as it seems. */
export interface OutputBase {
  /** Of the output that it was the base of last time; absolute. */
  readonly output: string;
  /** Absolute, to read only. It stays as it is for as long as the build runs. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/*
 * An executable is a large base that is known before its step runs, and a small tail that is known afterwards. While
 * the steps before it work, the base is copied to where the executable will be: on a guess, from what the output was
 * last time. A wrong guess costs a copy that is thrown away. A layer of an image is such a file, too, though another step puts it
 * into the output folder, and under another name each time: its copy waits beside the old one.
 */
export class EarlyCopies {
  readonly #state: ProjectState;
  readonly #store: Store;
  readonly #onBase: ((base: OutputBase) => void) | undefined;
  /** Node does such work with four threads: some must be left for the steps. */
  readonly #limit = new Limit(2);
  readonly #copies = new Map<
    string,
    { readonly base: string; readonly temporary: Promise<string | undefined> }
  >();

  constructor(state: ProjectState, store: Store, onBase?: (base: OutputBase) => void) {
    this.#onBase = onBase;
    this.#state = state;
    this.#store = store;
  }

  /** Starts copying for the outputs that these actions had last time, where one of them is given the same base again. */
  begin(actions: readonly Action[], consumed: Iterable<ArtifactInStore>): void {
    const artifacts = actions.flatMap(({ target, published }) =>
      published.map((kind) => artifactName(kind, target)),
    );
    if (artifacts.length === 0) return;
    const files = [...consumed].flatMap(({ stored }) => stored.files);
    for (const [path, { base, spare }] of this.#state.publishedAs(artifacts)) {
      if (base === undefined) continue;
      const file = files.find(({ blob, sha256 }) => blob && sha256 === base);
      if (!file || this.#copies.has(path)) continue;
      const copy = async () => {
        const temporary = temporaryName(path);
        await mkdir(dirname(path), { recursive: true });
        await this.#limit.run(() => this.#copy(path, spare, file, temporary));
        return temporary;
      };
      // Its hash will be wanted, too.
      prepareHash().catch(() => {});
      // Whatever goes wrong is found, and told, when the output is published.
      this.#copies.set(path, { base: file.sha256, temporary: copy().catch(() => undefined) });
    }
  }

  async #copy(path: string, spare: Spare | undefined, file: StoredFile, destination: string): Promise<void> {
    const { blobs, spares } = this.#store;
    const base = await blobs.asBlob(file);
    this.#onBase?.({ output: path, path: blobs.path(base), size: base.size, sha256: base.sha256 });
    if (spare && (await spares.take(path, spare, { ...base, path: blobs.path(base) }, destination))) return;
    await blobs.copy(file, destination, 0o600);
  }

  /**
   * The copy of a base that is to become an output, once it is complete. It is the caller's from then on. It was made for this
   * output, or for one that is none any more, as `isOutput` tells.
   */
  async take(path: string, base: string, isOutput: (path: string) => boolean): Promise<string | undefined> {
    const fitting = [...this.#copies].filter(([, early]) => early.base === base).map(([place]) => place);
    const place = fitting.find((made) => made === path) ?? fitting.find((made) => !isOutput(made));
    if (place === undefined) return undefined;
    const early = this.#copies.get(place);
    this.#copies.delete(place);
    return early?.temporary;
  }

  /** Removes what nobody has taken. */
  async discard(): Promise<void> {
    const copies = [...this.#copies.values()];
    this.#copies.clear();
    for (const { temporary } of copies) {
      const path = await temporary;
      if (path) await rm(path, { force: true });
    }
  }
}
