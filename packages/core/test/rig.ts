import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type BuildEvent,
  type BuildOptions,
  type BuildResult,
  build,
  definePlugin,
  type JsonObject,
  openStore,
  type Plugin,
  type Project,
  type RunContext,
  type Store,
  type Transform,
} from "../src/index.ts";

/** A project folder and a store of its own, with plugins that the test controls. */
export class Rig {
  readonly top: string;
  readonly dir: string;
  readonly store: Store;
  readonly events: BuildEvent[] = [];

  private constructor(top: string, store: Store) {
    this.top = top;
    this.dir = join(top, "project");
    this.store = store;
  }

  static async create(): Promise<Rig> {
    const top = await mkdtemp(join(tmpdir(), "sbp-core-"));
    const rig = new Rig(top, await openStore(join(top, "cache")));
    await mkdir(rig.dir);
    return rig;
  }

  async write(name: string, content: string): Promise<void> {
    const path = join(this.dir, name);
    await mkdir(dirname(path), { recursive: true });
    // At once: who watches sees no moment in which it is empty.
    writeFileSync(path, content);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.dir, name), "utf8");
  }

  project(steps: readonly (Plugin | [Plugin, JsonObject])[], dir = this.dir): Project {
    return {
      dir,
      app: { name: "app", version: "1.0.0" },
      outDir: join(dir, "dist"),
      steps: steps.map((step) => {
        const [plugin, options] = Array.isArray(step) ? step : [step as Plugin, {}];
        return { id: plugin.name, use: plugin.name, plugin, pluginDigest: "1", options };
      }),
      config: {},
      files: [],
    };
  }

  async build(
    steps: readonly (Plugin | [Plugin, JsonObject])[],
    options: Partial<BuildOptions> = {},
  ): Promise<BuildResult & { ran: string[] }> {
    this.events.length = 0;
    const result = await build({
      project: this.project(steps),
      store: this.store,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    return { ...result, ran: result.actions.filter(({ outcome }) => outcome === "ran").map(({ id }) => id) };
  }

  /** Waits for the next tick of the file system's clock: what changes from here on is seen to be later. */
  async tick(): Promise<void> {
    const file = join(this.top, "tick");
    const time = async () => {
      await writeFile(file, "");
      return (await stat(file, { bigint: true })).ctimeNs;
    };
    const before = await time();
    while ((await time()) <= before);
  }

  async remove(): Promise<void> {
    await rm(this.top, { recursive: true, force: true });
  }
}

/** Reads one file of the project and makes a bundle of it. */
export function reader(file = "in.txt", extra: Partial<Transform> = {}): Plugin {
  return definePlugin({
    name: "reader",
    produces: ["bundle"],
    scope: "project",
    async run(context: RunContext) {
      context.dependOn({ file });
      const { readFile } = await import("node:fs/promises");
      const text = await readFile(join(context.projectDir, file), "utf8");
      await context.write("bundle", {}, (out) => out.file("text", text));
    },
    ...extra,
  } as Parameters<typeof definePlugin>[0]);
}

/** Turns the bundle into a report in capitals. */
export const shouter: Plugin = definePlugin({
  name: "shouter",
  consumes: ["bundle"],
  produces: ["report"],
  scope: "project",
  async run({ artifacts, write }) {
    const text = (await artifacts.bundle.read("text")).toString().toUpperCase();
    await write("report", { length: text.length }, (out) => out.file("shout.txt", text));
  },
});
