import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ArtifactKind } from "./artifact.ts";
import { type FileStat, isFileStat } from "./file-stat.ts";
import type { Spare } from "./store/spares.ts";
import type { Target } from "./target.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

/** What an action's fingerprint was made of: names for people, values short enough to show. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** What is remembered of an action's last time in this project. */
export interface ActionState {
  readonly fingerprint: string;
  readonly fields: Fields;
  /** Which trace of the record it was; absent when the result could not be kept. */
  readonly trace?: string;
  readonly decision: "ran" | "cached";
  readonly reason: string;
}

/** A file in the output folder as we left it. */
export interface PublishedFile {
  readonly sha256: string;
  readonly executable: boolean;
  readonly stat: FileStat;
  /** What it is of: see `artifactName`. */
  readonly artifact?: string;
  /** SHA-256 of the blob that it is a copy of, but for its tail and what was replaced. */
  readonly base?: string;
  readonly patched?: Spare["patched"];
  /** The file that it has replaced. */
  readonly spare?: Spare;
}

/** Names what one lane, or the whole project, makes of a kind. */
export function artifactName(kind: ArtifactKind, target: Target | undefined): string {
  return target ? `${target}/${kind}` : kind;
}

interface State {
  actions: Record<string, unknown>;
  published: Record<string, unknown>;
}

/** The memory of one project folder: it makes `sbp explain` possible and spares copies that are in place. */
export class ProjectState {
  readonly #path: string;
  readonly #before: string;
  readonly #state: State;

  private constructor(path: string, before: string, state: State) {
    this.#path = path;
    this.#before = before;
    this.#state = state;
  }

  static load(path: string): ProjectState {
    try {
      const text = readFileSync(path, "utf8");
      const { actions, published } = JSON.parse(text) as State;
      return new ProjectState(path, text, { actions: { ...actions }, published: { ...published } });
    } catch {
      return new ProjectState(path, "", { actions: {}, published: {} });
    }
  }

  /** Undefined when there is none, or when it cannot be understood. */
  action(id: string): ActionState | undefined {
    const state = Object.hasOwn(this.#state.actions, id) ? this.#state.actions[id] : undefined;
    return isActionState(state) ? state : undefined;
  }

  setAction(id: string, state: ActionState): void {
    this.#state.actions[id] = state;
  }

  /** Undefined when there is none, or when it cannot be understood. */
  published(path: string): PublishedFile | undefined {
    const file = Object.hasOwn(this.#state.published, path) ? this.#state.published[path] : undefined;
    return isPublishedFile(file) ? file : undefined;
  }

  /** The files directly in a folder. */
  publishedIn(folder: string): [path: string, file: PublishedFile][] {
    return Object.keys(this.#state.published).flatMap((path) => {
      const file = dirname(path) === folder ? this.published(path) : undefined;
      return file ? [[path, file]] : [];
    });
  }

  /** The files of artifacts, as `artifactName` names these. */
  publishedAs(artifacts: readonly string[]): [path: string, file: PublishedFile][] {
    return Object.keys(this.#state.published).flatMap((path) => {
      const file = this.published(path);
      return file?.artifact !== undefined && artifacts.includes(file.artifact) ? [[path, file]] : [];
    });
  }

  setPublished(path: string, file: PublishedFile): void {
    this.#state.published[path] = file;
  }

  forgetPublished(path: string): void {
    delete this.#state.published[path];
  }

  /** Writes what has changed. */
  async save(): Promise<void> {
    const text = JSON.stringify(this.#state);
    if (text !== this.#before) await writeFileAtomic(this.#path, text);
  }
}

function isActionState(value: unknown): value is ActionState {
  const { fingerprint, fields, trace, decision, reason } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof fingerprint === "string" &&
    typeof reason === "string" &&
    (decision === "ran" || decision === "cached") &&
    (trace === undefined || typeof trace === "string") &&
    Array.isArray(fields) &&
    fields.every(
      (field) =>
        Array.isArray(field) && field.length === 2 && field.every((part) => typeof part === "string"),
    )
  );
}

function isPublishedFile(value: unknown): value is PublishedFile {
  const { sha256, executable, stat, artifact, base, patched, spare } = (value ?? {}) as Record<
    string,
    unknown
  >;
  const isArtifact = artifact === undefined || typeof artifact === "string";
  const isBase = base === undefined || typeof base === "string";
  const isPatched = patched === undefined || isRanges(patched);
  const hasSpare = spare === undefined || isSpare(spare);
  return (
    isArtifact &&
    isBase &&
    isPatched &&
    hasSpare &&
    typeof sha256 === "string" &&
    typeof executable === "boolean" &&
    isFileStat(stat)
  );
}

function isSpare(value: unknown): value is Spare {
  const { base, patched, stat } = (value ?? {}) as Record<string, unknown>;
  return typeof base === "string" && isRanges(patched) && isFileStat(stat);
}

function isRanges(value: unknown): value is Spare["patched"] {
  return (
    Array.isArray(value) &&
    value.every((range) => {
      const { offset, length } = Object(range);
      return [offset, length].every((n) => Number.isSafeInteger(n) && n >= 0);
    })
  );
}
