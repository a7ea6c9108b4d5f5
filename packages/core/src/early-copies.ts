import { mkdir, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Project } from "./config/index.ts";
import { Limit } from "./limit.ts";
import type { Action } from "./plan.ts";
import type { ProjectState } from "./project-state.ts";
import { prepareHash } from "./resumable-sha256.ts";
import type { Spare } from "./store/spares.ts";
import type { Store } from "./store/store.ts";
import type { ArtifactInStore } from "./store/stored-artifact.ts";
import type { StoredFile } from "./store/stored-file.ts";
import { temporaryName } from "./write-file-atomic.ts";

/*
 * An executable is a large base that is known before its step runs, and a small tail that is known afterwards. While
 * the steps before it work, the base is copied to where the executable will be: on a guess, from what the output was
 * last time. A wrong guess costs a copy that is thrown away.
 */
export class EarlyCopies {
  readonly #project: Project;
  readonly #state: ProjectState;
  readonly #store: Store;
  /** Node does such work with four threads: some must be left for the steps. */
  readonly #limit = new Limit(2);
  readonly #copies = new Map<
    string,
    { readonly base: string; readonly temporary: Promise<string | undefined> }
  >();

  constructor(project: Project, state: ProjectState, store: Store) {
    this.#project = project;
    this.#state = state;
    this.#store = store;
  }

  /** Starts copying for the outputs that the action had last time, if it is given the same base again. */
  begin(action: Action, consumed: Iterable<ArtifactInStore>): void {
    if (action.published.length === 0) return;
    const folder = resolve(this.#project.outDir, action.target ?? "");
    const files = [...consumed].flatMap(({ stored }) => stored.files);
    for (const [path, { base, spare }] of this.#state.publishedIn(folder)) {
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
    if (spare && (await spares.take(path, spare, { ...base, path: blobs.path(base) }, destination))) return;
    await blobs.copy(file, destination, 0o600);
  }

  /** The copy of a base that is to become an output, once it is complete. It is the caller's from then on. */
  async take(path: string, base: string): Promise<string | undefined> {
    const early = this.#copies.get(path);
    if (early?.base !== base) return undefined;
    this.#copies.delete(path);
    return early.temporary;
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
