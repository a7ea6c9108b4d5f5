import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { disposePlugins } from "../build.ts";
import { fileSystemTime } from "../build-session.ts";
import { configName, type Project } from "../config/index.ts";
import type { SbpError } from "../error.ts";
import type { Input, Inputs } from "../inputs.ts";
import { lockFileName } from "../lock-file.ts";
import type { Store } from "../store/store.ts";

/** Folders that hold nothing that could mend a config, and more than anybody wants to watch. */
const neverSearched = new Set(["node_modules", ".git", ".hg", ".svn"]);
const mostFolders = 2000;

/** The project of a watcher, and the files that it was read from. */
export class ProjectSource {
  readonly #load: () => Promise<Project>;
  readonly #dir: string;
  readonly #store: Store;
  #isStale = true;
  /** The last one that could be read. */
  project: Project | undefined;

  constructor(load: () => Promise<Project>, dir: string, store: Store) {
    this.#load = load;
    this.#dir = dir;
    this.#store = store;
  }

  /** What it was read from has changed. */
  invalidate(): void {
    this.#isStale = true;
  }

  /** True where the next `read` reads the files. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** The project as it is now. Throws what `load` throws. */
  async read(): Promise<Project> {
    if (!this.#isStale && this.project) return this.project;
    const before = this.project;
    const project = await this.#load();
    this.#isStale = false;
    this.project = project;
    if (before) {
      const kept = new Set(project.steps.map(({ plugin }) => plugin));
      await disposePlugins({ steps: before.steps.filter(({ plugin }) => !kept.has(plugin)) }, () => {});
    }
    return project;
  }

  /** A moment before the project is read, on the clock that stamps files. */
  async now(): Promise<bigint> {
    const dir = await this.#store.workDir();
    try {
      return fileSystemTime(dir);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  /** All files that decide the project, with their values. */
  inputs(inputs: Inputs): Promise<Input[]> {
    return Promise.all(this.files().map((file) => inputs.present({ file })));
  }

  /** Whether one of them may have changed after a moment: then the project may be another than the files say. */
  async changedSince(moment: bigint, inputs: Inputs): Promise<boolean> {
    for (const file of this.files())
      if (await inputs.changedSince(inputs.named({ file }), moment)) return true;
    return false;
  }

  /** Absolute. A config may appear where there is none. */
  files(): string[] {
    const { dir, configFile, files } = this.project!;
    return [...new Set([...files, configFile ?? join(dir, configName), join(dir, "package.json")])];
  }

  get lockFile(): string {
    return join(this.project!.dir, lockFileName);
  }

  /** Everywhere that a change could mend what keeps the project from being read: its folders, and those of its files. */
  folders({ location, diagnostics }: SbpError): Set<string> {
    const dir = this.project?.dir ?? this.#dir;
    const found = new Set([dir, this.#dir]);
    for (const place of [location, ...diagnostics.map((one) => one.location)])
      if (place) found.add(dirname(resolve(dir, place.file)));
    const outDir = this.project?.outDir;
    for (const folder of found) {
      if (found.size > mostFolders) break;
      for (const entry of entriesOf(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory() && !neverSearched.has(entry.name) && path !== outDir) found.add(path);
      }
    }
    for (const file of this.project?.files ?? []) found.add(dirname(file));
    return found;
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
