import type { Artifact, ArtifactKind, ArtifactWriter } from "./artifact.ts";
import type { Diagnostic, SourceLocation } from "./error.ts";
import type { Json, JsonObject } from "./json.ts";
import type { ObjectSchema, OptionsOf } from "./schema.ts";
import type { Target } from "./target.ts";

/** Once for the project, or once in the lane of every target. */
export type Scope = "project" | "target";

/** The app as config and package.json name it. */
export interface AppIdentity {
  readonly name: string;
  readonly version: string;
}

/**
 * Something an action read beyond its options and artifacts. Paths are absolute or relative to the project.
 * - `file`: its content, or its absence.
 * - `directory`: the sorted names in it, which of them are folders and links, or its absence (a name that appears can
 *   change how imports resolve).
 * - `link`: where a symbolic link leads; its absence for what is no link.
 * - `glob`: the matching files' names and contents.
 * - `env`: a variable of the environment, or its absence.
 */
export type Dependency =
  | { readonly file: string }
  | { readonly directory: string }
  | { readonly link: string }
  | { readonly glob: string | readonly string[]; readonly ignore?: readonly string[] }
  | { readonly env: string };

export interface Tool {
  readonly path: string;
  readonly version: string;
}

export interface Log {
  info(message: string): void;
  /** Shown with --verbose. */
  debug(message: string): void;
}

/** What an action has decided on one thing, for people: a package that is carried, one that is left out. */
export interface Decision {
  /** `ejs 3.1.10`. */
  readonly subject: string;
  /** In few words: `bundled`, `carried`, `left out`. */
  readonly decision: string;
  readonly because?: string;
  readonly location?: SourceLocation;
  /** What it takes in the result. */
  readonly bytes?: number;
  readonly files?: number;
}

/** A part of a run that seldom changes, for `memo`. */
export interface Memo<Value extends Json> {
  /** What the value depends on besides the inputs that `work` declares. The plugin and its version count in any case. */
  readonly key: Json;
  /** Whether something is such a value: what was kept is hostile, as all files are. */
  is(value: Json): value is Value;
  /** Makes the value. `isKept: false` where not all that has decided it can be declared. */
  work(dependOn: RunContext["dependOn"]): Promise<{ readonly value: Value; readonly isKept?: boolean }>;
}

/** What a transform's `run` is given. */
export interface RunContext<Options = JsonObject> {
  readonly options: Readonly<Options>;
  /** The lane's target; undefined in scope `project`. */
  readonly target: Target | undefined;
  /** Undefined unless the transform says `usesApp`. */
  readonly app: AppIdentity | undefined;
  /** Absolute. Only to find declared inputs: never put it into an output. */
  readonly projectDir: string;
  /** By kind; those of `consumes` are there, those of `consumesOptional` may be. */
  readonly artifacts: Readonly<Record<ArtifactKind, Artifact>>;
  /** Those of `consumesLanes`, by kind for each target, the targets in alphabetical order; empty in scope `target`. */
  readonly lanes: ReadonlyMap<Target, Readonly<Record<ArtifactKind, Artifact>>>;
  /** What the plugin's `resolve` pinned for this lane. */
  readonly pins: JsonObject | undefined;
  /** Declares inputs. May be called after reading, with what a tool reports to have read. */
  dependOn(...dependencies: Dependency[]): void;
  /**
   * A value that an earlier run in this project has made, while its key and all inputs are as they were, else a new one.
   * Its inputs become those of the run. It changes no result, only when work is done: what is lost is made again.
   */
  memo<Value extends Json>(memo: Memo<Value>): Promise<Value>;
  /** Finds a program on PATH, records its version as an input; throws SBP_TOOL_MISSING with `install` as the cure. */
  tool(name: string, options?: { versionArgs?: readonly string[]; install?: string }): Promise<Tool>;
  /** What `pin` has kept under a key: an input of the result. From sbp.lock.json, so hostile: validate it. */
  pinned(key: string): Json | undefined;
  /**
   * Keeps what was found out while running in sbp.lock.json, so that it stays what it is; for what can be told
   * beforehand, there is `resolve`. Throws SBP_LOCK_OUTDATED where the lock may not change.
   */
  pin(key: string, value: Json): void;
  /** Makes an artifact of one of the `produces` kinds. */
  write(
    kind: ArtifactKind,
    meta: JsonObject,
    fill: (out: ArtifactWriter) => Promise<void> | void,
  ): Promise<Artifact>;
  /** A warning or note for the user; kept with the result and repeated when it is reused. */
  report(diagnostic: Diagnostic): void;
  progress(message: string, state?: { current?: number; total?: number; unit?: "bytes" | "items" }): void;
  readonly log: Log;
  /** Aborted when the user cancels. */
  readonly signal: AbortSignal;
  /** True when nothing may be fetched from a network. */
  readonly offline: boolean;
  /** A fresh empty directory for scratch files, removed afterwards. */
  tmp(): Promise<string>;
}

/** What a transform's `warmUp` is given. */
export interface WarmUpContext<Options = JsonObject>
  extends Pick<RunContext<Options>, "options" | "target" | "signal"> {
  /** Those of the consumed artifacts that are made already. */
  readonly artifacts: Readonly<Partial<Record<ArtifactKind, Artifact>>>;
  /** The meta of what it made last time in this project, by kind. */
  readonly previous: Readonly<Partial<Record<ArtifactKind, JsonObject>>>;
}

/** One job of a plugin: the unit of caching and of parallel work. */
export interface Transform<Options = JsonObject> {
  /** Unique within the plugin; leave out for a plugin with one transform. */
  readonly name?: string;
  readonly consumes?: readonly ArtifactKind[];
  /** Taken when there is one, done without otherwise. */
  readonly consumesOptional?: readonly ArtifactKind[];
  /** For scope `project`: kinds that the lanes make, taken from every lane (`context.lanes`). */
  readonly consumesLanes?: readonly ArtifactKind[];
  readonly produces: readonly ArtifactKind[];
  readonly scope: Scope;
  /**
   * The options it reads, which may depend on the target; a change of another option does not run it again. The
   * target is undefined in scope `project` and for `targetless`. Default: all.
   */
  readonly reads?:
    | readonly (keyof Options & string)[]
    | ((target: Target | undefined) => readonly (keyof Options & string)[]);
  /** It reads the app's name or version. Default: false. */
  readonly usesApp?: boolean;
  /** Whether the step's options ask for it; else it is left out. Default: always. */
  isWanted?(options: Readonly<Options>): boolean;
  /** Left out, instead of refused, where what it consumes is not made. Default: false. */
  readonly optional?: boolean;
  /** The result does not depend on the lane's target but only on pins and artifacts. Default: false. */
  readonly targetless?: boolean;
  /** The part of the lane's pins it depends on, undefined for none. Default: all of them. */
  readonly pins?: (pins: JsonObject) => JsonObject | undefined;
  /**
   * Seconds that `run` may take: longer is taken for a hang, and ends with SBP_PLUGIN_TIMED_OUT. Default: 3600, an hour.
   */
  readonly timeLimit?: number;
  /**
   * Told, while something it depends on is still being made, that `run` will probably follow: it may start what that
   * would wait for, such as a process. It must not change any result, and its errors are dropped; what no run has
   * taken, the plugin's `dispose` ends.
   */
  warmUp?(context: WarmUpContext<Options>): Promise<void>;
  run(context: RunContext<Options>): Promise<void>;
  /** What a result says of its decisions, for `sbp explain`: read from the artifacts that `run` wrote, whoever ran it. */
  explain?(artifacts: Readonly<Record<ArtifactKind, Artifact>>): Promise<readonly Decision[]>;
}

/** What a plugin's `resolve` is given. */
export interface ResolveContext<Options = JsonObject> {
  readonly options: Readonly<Options>;
  readonly targets: readonly Target[];
  /** The host's target, where sbp knows it. */
  readonly host: Target | undefined;
  readonly projectDir: string;
  /** What this plugin wrote to sbp.lock.json last time, or undefined. Hostile: validate it. */
  readonly locked: Json | undefined;
  readonly offline: boolean;
  readonly signal: AbortSignal;
  progress(message: string, state?: { current?: number; total?: number; unit?: "bytes" | "items" }): void;
  readonly log: Log;
}

export interface Resolution {
  /** Per target: becomes `context.pins` and part of the fingerprint. */
  readonly pins: Readonly<Partial<Record<Target, JsonObject>>>;
  /** What sbp.lock.json keeps for this plugin; written when it differs from `locked`. */
  readonly lock: Json;
  /** One line per change of the lock, for people. */
  readonly changes: readonly string[];
}

interface PluginBase<Options> {
  /** What `use` says and what errors name. */
  readonly name: string;
  /** Part of every fingerprint: raise it when the same inputs give other outputs. Default: hash of the code. */
  readonly version?: string | undefined;
  /** JSON schema of an object; unknown options are refused. */
  readonly options?: ObjectSchema;
  /** Opens the lanes: the targets that the options name. */
  lanes?(options: Readonly<Options>): readonly Target[];
  /**
   * Turns what is open in the options ("node@26") into exact pins, before anything runs and on every build:
   * with a lock that answers it must need no network.
   */
  resolve?(context: ResolveContext<Options>): Promise<Resolution>;
  /** Frees what a session holds (a compiler kept for rebuilds). */
  dispose?(): Promise<void>;
}

/**
 * A plugin with one transform says it in place; one with several lists them; one whose options say what it consumes and
 * produces makes them of its options, once for each step.
 */
export type PluginDefinition<Options = JsonObject> = PluginBase<Options> &
  (
    | (Omit<Transform<Options>, "name" | "optional"> & {
        readonly transforms?: never;
        readonly transformsFor?: never;
      })
    | {
        readonly transforms: readonly Transform<Options>[];
        // The engine's form of a plugin is a definition, too.
        transformsFor?(options: Readonly<Options>): readonly Transform<Options>[];
        readonly run?: never;
      }
    | {
        transformsFor(options: Readonly<Options>): readonly Transform<Options>[];
        readonly transforms?: never;
        readonly run?: never;
      }
  );

/** The form the engine works with. */
export interface Plugin extends PluginBase<JsonObject> {
  /** None where `transformsFor` makes them. */
  readonly transforms: readonly Transform<JsonObject>[];
  transformsFor?(options: Readonly<JsonObject>): readonly Transform<JsonObject>[];
}

/** Types a plugin's options from their schema. Returns the engine's form of the plugin. */
export function definePlugin<const Schema extends ObjectSchema>(
  definition: PluginDefinition<OptionsOf<Schema>> & { readonly options?: Schema },
): Plugin {
  const { name, version, options, lanes, resolve, dispose, transforms, transformsFor, ...single } =
    definition as PluginDefinition<JsonObject>;
  const base: PluginBase<JsonObject> = { name, version, options, lanes, resolve, dispose };
  if (transformsFor) return { ...base, transforms: [], transformsFor };
  return { ...base, transforms: transforms ?? [single as Transform<JsonObject>] };
}
