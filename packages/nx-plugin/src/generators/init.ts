import { version } from "@sbp/core";
import { readJson, setJson, type Tree } from "./tree.ts";

interface InitOptions {
  readonly prefix?: string;
}

interface NxJson {
  readonly plugins?: readonly (string | { readonly plugin: string; readonly options?: object })[];
}

interface PackageJson {
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const plugin = "@sbp/nx-plugin";

/** Adds the plugin to nx.json and sbp to the workspace's devDependencies; what is there already stays. */
export default async function init(tree: Tree, { prefix = "sbp:" }: InitOptions): Promise<void> {
  const { plugins = [] } = readJson<NxJson>(tree, "nx.json");
  if (!plugins.some((one) => (typeof one === "string" ? one : one.plugin) === plugin)) {
    const added = prefix === "sbp:" ? plugin : { plugin, options: { prefix } };
    setJson(tree, "nx.json", "plugins", [...plugins, added]);
  }
  const { devDependencies = {} } = readJson<PackageJson>(tree, "package.json");
  const missing = Object.entries({ "@sbp/cli": version, [plugin]: version }).filter(
    ([name]) => !Object.hasOwn(devDependencies, name),
  );
  if (missing.length === 0) return;
  const all = [...Object.entries(devDependencies), ...missing].sort(([a], [b]) => (a < b ? -1 : 1));
  setJson(tree, "package.json", "devDependencies", Object.fromEntries(all));
}
