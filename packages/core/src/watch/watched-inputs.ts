import { realpathSync } from "node:fs";
import { dirname, sep } from "node:path";
import type { Input, Inputs } from "../inputs.ts";
import type { ProjectPaths } from "../project-paths.ts";

/** An input with the value that counts as known. */
export interface WatchedInput {
  readonly input: Omit<Input, "value">;
  value: string;
  /** Where it lies, also behind a link. */
  paths: readonly string[];
  folders: readonly string[];
}

/** Two actions of a build have seen different values: no value is equal to this one. */
const disputed = "disputed";

/** The inputs of a build: where changes of them show, and whether they have changed. */
export class WatchedInputs {
  readonly #inputs: Inputs;
  readonly #paths: ProjectPaths;
  readonly #watched = new Map<string, WatchedInput>();
  readonly #atPath = new Map<string, Set<WatchedInput>>();
  readonly #inFolder = new Map<string, Set<WatchedInput>>();
  readonly #folders = new Set<string>();

  constructor(inputs: Inputs, paths: ProjectPaths) {
    this.#inputs = inputs;
    this.#paths = paths;
  }

  get size(): number {
    return this.#watched.size;
  }

  /** The folders to watch, those above them in the repository included: they may be renamed. */
  get folders(): ReadonlySet<string> {
    return this.#folders;
  }

  /** Takes these inputs and their values for the known ones. Returns those that were not watched before. */
  async replace(
    inputs: Iterable<Input>,
  ): Promise<{ readonly added: readonly WatchedInput[]; readonly areFoldersOthers: boolean }> {
    const values = new Map<string, { readonly input: Input; value: string }>();
    for (const input of inputs) {
      if (!isInFiles(input)) continue;
      const key = `${input.kind} ${input.name}`;
      const same = values.get(key);
      if (!same) values.set(key, { input, value: input.value });
      else if (same.value !== input.value) same.value = disputed;
    }
    const added: WatchedInput[] = [];
    let isOther = false;
    for (const [key, watched] of this.#watched) {
      const value = values.get(key)?.value;
      if (value !== undefined) watched.value = value;
      else {
        this.#unplace(watched);
        this.#watched.delete(key);
        isOther = true;
      }
    }
    for (const [key, { input, value }] of values) {
      if (this.#watched.has(key)) continue;
      const watched: WatchedInput = {
        input: { kind: input.kind, name: input.name },
        value,
        paths: [],
        folders: [],
      };
      this.#watched.set(key, watched);
      await this.#place(watched);
      added.push(watched);
      isOther = true;
    }
    return { added, areFoldersOthers: isOther && this.#findFolders() };
  }

  *globs(): Iterable<WatchedInput> {
    for (const watched of this.#watched.values()) if (watched.input.kind === "glob") yield watched;
  }

  /** The value that counts as known; undefined for an input that is not watched. */
  known({ kind, name }: Omit<Input, "value">): string | undefined {
    return this.#watched.get(`${kind} ${name}`)?.value;
  }

  has(path: string): boolean {
    return this.#atPath.has(path) || this.#inFolder.has(dirname(path));
  }

  /** The inputs that something at a path may have changed. */
  affected(path: string): Set<WatchedInput> {
    const found = new Set<WatchedInput>();
    for (const at of [this.#atPath.get(path), this.#inFolder.get(dirname(path)), this.#inFolder.get(path)])
      for (const watched of at ?? []) found.add(watched);
    if (this.#folders.has(path)) {
      const isBelow = (other: string) => other.startsWith(path + sep);
      for (const watched of this.#watched.values())
        if (watched.paths.some(isBelow) || watched.folders.some(isBelow)) found.add(watched);
    }
    return found;
  }

  /** Those of the inputs that have other values now; these are known from here on. Default: all. */
  async changed(candidates: Iterable<WatchedInput> = this.#watched.values()): Promise<WatchedInput[]> {
    const changed: WatchedInput[] = [];
    for (const watched of candidates) {
      const value = await this.#inputs.value(watched.input);
      if (value === watched.value) continue;
      watched.value = value;
      changed.push(watched);
    }
    return changed;
  }

  /** Looks anew where inputs lie: a glob finds new folders, a link leads elsewhere. True when the folders to watch are others now. */
  async relocate(inputs: Iterable<WatchedInput>): Promise<boolean> {
    let isOther = false;
    for (const watched of inputs) {
      const before = JSON.stringify([watched.paths, watched.folders]);
      this.#unplace(watched);
      await this.#place(watched);
      if (JSON.stringify([watched.paths, watched.folders]) !== before) isOther = true;
    }
    return isOther && this.#findFolders();
  }

  async #place(watched: WatchedInput): Promise<void> {
    const { paths, folders } = await this.#inputs.places(watched.input).catch(() => watched);
    watched.paths = paths.flatMap(withTarget);
    watched.folders = folders.flatMap(withTarget);
    for (const path of watched.paths) put(this.#atPath, path, watched);
    for (const folder of watched.folders) put(this.#inFolder, folder, watched);
  }

  #unplace(watched: WatchedInput): void {
    for (const path of watched.paths) drop(this.#atPath, path, watched);
    for (const folder of watched.folders) drop(this.#inFolder, folder, watched);
  }

  #findFolders(): boolean {
    const before = new Set(this.#folders);
    this.#folders.clear();
    const add = (folder: string): void => {
      if (this.#folders.has(folder)) return;
      this.#folders.add(folder);
      const above = dirname(folder);
      if (above !== folder && this.#paths.isShared(above)) add(above);
    };
    for (const path of this.#atPath.keys()) add(dirname(path));
    for (const folder of this.#inFolder.keys()) add(folder);
    return this.#folders.size !== before.size || [...this.#folders].some((folder) => !before.has(folder));
  }
}

function isInFiles({ kind }: Input): boolean {
  return kind === "file" || kind === "directory" || kind === "glob";
}

/** A path, and the one that it leads to where it is a link. */
function withTarget(path: string): string[] {
  try {
    const real = realpathSync.native(path);
    return real === path ? [path] : [path, real];
  } catch {
    return [path];
  }
}

function put<Value>(map: Map<string, Set<Value>>, key: string, value: Value): void {
  const values = map.get(key);
  if (values) values.add(value);
  else map.set(key, new Set([value]));
}

function drop<Value>(map: Map<string, Set<Value>>, key: string, value: Value): void {
  const values = map.get(key);
  values?.delete(value);
  if (values?.size === 0) map.delete(key);
}
