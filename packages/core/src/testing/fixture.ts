import type { ArtifactKind } from "../artifact.ts";
import type { JsonObject } from "../json.ts";
import { type AppIdentity, definePlugin, type Plugin } from "../plugin.ts";
import type { Target } from "../target.ts";

/** A file's content: text, bytes, or what another file holds (which may be large). */
export type FixtureFile =
  | string
  | Uint8Array
  | { readonly content: string | Uint8Array; readonly executable?: boolean }
  | { readonly copyOf: string; readonly executable?: boolean };

/** What a step before the plugin would have made. */
export interface FixtureArtifact {
  readonly files: Readonly<Record<string, FixtureFile>>;
  readonly meta?: JsonObject;
}

/** Everything that one run of a plugin starts from. */
export interface PluginFixture {
  readonly plugin: Plugin;
  /** As they stand in a config beside `use`: checked, and completed by their defaults. */
  readonly options?: JsonObject;
  /** The project's files, by their paths in it. */
  readonly files?: Readonly<Record<string, FixtureFile>>;
  /** What the plugin consumes, by kind. A function makes it for each lane; else it is made once for the project. */
  readonly artifacts?: {
    readonly [kind: string]: FixtureArtifact | ((target: Target) => FixtureArtifact);
  };
  /** The lanes. Default: linux-x64. A plugin that opens lanes itself has those of its options. */
  readonly targets?: readonly Target[];
  /** Default: the app `fixture`, 1.0.0. */
  readonly app?: AppIdentity;
  /** Default: true, so that a forgotten download shows. */
  readonly offline?: boolean;
  /** What sbp.lock.json says. Default: there is none. */
  readonly lock?: JsonObject;
}

const defaultTargets: readonly Target[] = ["linux-x64"];

/** The steps that stand before the plugin: they open the lanes and make the artifacts. */
export function feeders({ plugin, artifacts = {}, targets = defaultTargets }: PluginFixture): Plugin[] {
  const all = Object.entries(artifacts);
  const transform = (kind: ArtifactKind, index: number, scope: "project" | "target"): Plugin =>
    definePlugin({
      name: `fixture-${index}-${kind}`,
      produces: [kind],
      scope,
      async run({ target, write }) {
        const given = artifacts[kind]!;
        const { files, meta = {} } = typeof given === "function" ? given(target!) : given;
        await write(kind, meta, async (out) => {
          for (const [path, file] of Object.entries(files)) {
            const executable = isPlain(file) ? false : (file.executable ?? false);
            await out.file(path, contentOf(file), { executable });
          }
        });
      },
    });
  const lanes = definePlugin({
    name: "fixture-lanes",
    lanes: () => targets,
    produces: ["fixture-lanes"],
    scope: "project",
    run: ({ write }) => write("fixture-lanes", {}, () => {}).then(() => {}),
  });
  return [
    ...(plugin.lanes ? [] : [lanes]),
    ...all.map(([kind, given], index) =>
      transform(kind, index, typeof given === "function" ? "target" : "project"),
    ),
  ];
}

export function contentOf(file: FixtureFile): string | Uint8Array | { readonly copyOf: string } {
  if (isPlain(file)) return file;
  return "copyOf" in file ? { copyOf: file.copyOf } : file.content;
}

export function isPlain(file: FixtureFile): file is string | Uint8Array {
  return typeof file === "string" || file instanceof Uint8Array;
}
