import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Artifact } from "../artifact.ts";
import { type BuildResult, buildPlan, disposePlugins, saveMemory } from "../build.ts";
import { openInputs, openProjectMemory } from "../build-session.ts";
import type { Project, Step } from "../config/index.ts";
import { problemsOfPlugin } from "../config/plugin-shape.ts";
import { checkOptions } from "../config/step-options.ts";
import { pluginOfStep } from "../config/step-plugin.ts";
import { type Diagnostic, exitCodes, SbpError } from "../error.ts";
import type { BuildEvent } from "../event.ts";
import { FoundPins } from "../found-pins.ts";
import type { Input, Inputs } from "../inputs.ts";
import type { JsonObject } from "../json.ts";
import { LockFile, lockFileName } from "../lock-file.ts";
import { planBuild } from "../plan.ts";
import type { Plugin } from "../plugin.ts";
import { openStore, type Store } from "../store/store.ts";
import type { Target } from "../target.ts";
import { withEnvironment } from "./environment.ts";
import { contentOf, type FixtureFile, feeders, isPlain, type PluginFixture } from "./fixture.ts";

/** An artifact that the plugin has made. */
export interface MadeArtifact extends Artifact {
  readonly target: Target | undefined;
  /** A file's content as text. */
  text(file: string): Promise<string>;
}

/** One run of a plugin. */
export interface PluginResult {
  readonly outcome: BuildResult["outcome"];
  readonly errors: BuildResult["errors"];
  /** Of the plugin alone, in the order of its transforms and targets. */
  readonly artifacts: readonly MadeArtifact[];
  /** Warnings and notes. */
  readonly diagnostics: readonly Diagnostic[];
  /** What was declared by `dependOn`, `tool` and `pin`, with the value that it had. */
  readonly inputs: readonly Input[];
  /** The plugin's own actions that ran, and were not taken from the store. */
  readonly ran: readonly string[];
}

export interface RigRunOptions {
  /** Stands in for the fixture's plugin, to watch it. */
  readonly plugin?: Plugin;
  readonly signal?: AbortSignal;
  readonly force?: boolean;
  readonly onEvent?: (event: BuildEvent) => void;
}

/** A project folder, a store and a folder for temporary files, in which the real engine runs one plugin. */
export class PluginRig {
  readonly fixture: PluginFixture;
  readonly top: string;
  /** The project's folder. */
  readonly dir: string;
  /** What `os.tmpdir()` says while the plugin runs. */
  readonly temporary: string;
  readonly store: Store;

  private constructor(fixture: PluginFixture, top: string, store: Store) {
    this.fixture = fixture;
    this.top = top;
    this.dir = join(top, "project");
    this.temporary = join(top, "tmp");
    this.store = store;
  }

  /** Writes the fixture's files. `below` are more folders around the project, for a path of another length. */
  static async create(fixture: PluginFixture, below = ""): Promise<PluginRig> {
    const outer = realpathSync(mkdtempSync(join(tmpdir(), "sbp-plugin-test-")));
    removeAtExit(outer);
    const top = join(outer, below);
    mkdirSync(top, { recursive: true });
    const rig = new PluginRig(fixture, top, await openStore(join(top, "cache")));
    mkdirSync(rig.temporary);
    mkdirSync(rig.dir);
    for (const [path, file] of Object.entries(fixture.files ?? {})) rig.write(path, file);
    if (fixture.lock) rig.write(lockFileName, JSON.stringify(fixture.lock));
    return rig;
  }

  /** Writes a file of the project. */
  write(path: string, file: FixtureFile): void {
    const absolute = join(this.dir, path);
    mkdirSync(dirname(absolute), { recursive: true });
    const content = contentOf(file);
    if (typeof content === "object" && "copyOf" in content) copyFileSync(content.copyOf, absolute);
    else writeFileSync(absolute, content);
    if (!isPlain(file) && file.executable) chmodSync(absolute, 0o755);
  }

  /** Builds with the plugin as the last step. */
  async run({ plugin = this.fixture.plugin, ...options }: RigRunOptions = {}): Promise<PluginResult> {
    const { fixture } = this;
    const project = await this.project(plugin);
    const last = project.steps.at(-1)!;
    const plan = planBuild(project, fixture.targets && plugin.lanes ? fixture.targets : undefined);
    const emit = options.onEvent ?? (() => {});
    const build = async () => {
      const memory = openProjectMemory(project, this.store);
      const request = { project, store: this.store, offline: fixture.offline ?? true, ...options };
      try {
        const built = await buildPlan(plan, request, memory, emit);
        await saveMemory(memory, this.store, emit);
        return built;
      } finally {
        await disposePlugins(project, emit);
      }
    };
    const places = { TMPDIR: this.temporary, TEMP: this.temporary, TMP: this.temporary };
    const { result, outcomes } = await withEnvironment(places, build);
    const own = outcomes.filter(({ action }) => action.step === last);
    const traces = own.flatMap((outcome) => ("trace" in outcome ? [outcome.trace] : []));
    return {
      outcome: result.outcome,
      errors: result.errors,
      artifacts: own.flatMap((outcome) =>
        "artifacts" in outcome
          ? [...outcome.artifacts.values()].map((artifact) => made(artifact, outcome.action.target))
          : [],
      ),
      diagnostics: traces.flatMap(({ diagnostics }) => diagnostics),
      inputs: traces.flatMap(({ inputs }) => inputs),
      ran: own.flatMap(({ outcome, action }) => (outcome === "ran" ? [action.id] : [])),
    };
  }

  /** What finds the present values of inputs. */
  async inputs(): Promise<Inputs> {
    const project = await this.project(this.fixture.plugin);
    const found = new FoundPins(LockFile.load(this.dir), true);
    return openInputs(openProjectMemory(project, this.store), project, found);
  }

  async project(plugin: Plugin): Promise<Project> {
    const problems = problemsOfPlugin(plugin);
    if (problems.length > 0) {
      throw new SbpError("SBP_PLUGIN_INVALID", `The fixture's plugin is none: ${problems.join("; ")}`, {
        exitCode: exitCodes.badUsage,
      });
    }
    const { app = { name: "fixture", version: "1.0.0" } } = this.fixture;
    const file = join(this.dir, "sbp.config.json");
    const document = { file, value: {}, locate: () => ({ file }) };
    const given = { use: plugin.name, options: this.fixture.options ?? {}, path: [] };
    const options = await checkOptions(plugin, undefined, given, document);
    const step = (each: Plugin, its: JsonObject): Step => ({
      id: each.name.replace(/^@[^/]*\//, ""),
      use: each.name,
      plugin: each,
      pluginDigest: "fixture",
      options: its,
    });
    const steps = [
      ...feeders(this.fixture).map((each) => step(each, {})),
      step(pluginOfStep(plugin, options), options),
    ];
    return { dir: this.dir, app, outDir: join(this.dir, "dist"), steps, config: {}, files: [] };
  }

  remove(): void {
    removeTop(this.top);
  }
}

function made(artifact: Artifact, target: Target | undefined): MadeArtifact {
  return {
    kind: artifact.kind,
    digest: artifact.digest,
    files: artifact.files,
    meta: artifact.meta,
    target,
    path: (file) => artifact.path(file),
    copy: (file, destination) => artifact.copy(file, destination),
    read: (file) => artifact.read(file),
    text: async (file) => (await artifact.read(file)).toString("utf8"),
  };
}

const tops = new Set<string>();

function removeAtExit(top: string): void {
  if (tops.size === 0) process.once("exit", () => [...tops].forEach(removeTop));
  tops.add(top);
}

function removeTop(folder: string): void {
  const top = [...tops].find((candidate) => folder.startsWith(candidate)) ?? folder;
  tops.delete(top);
  rmSync(top, { recursive: true, force: true });
}
