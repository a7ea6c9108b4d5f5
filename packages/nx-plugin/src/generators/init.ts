import { version } from "@sbp/core";

/** The part of Nx's virtual file system that generators of ours need. */
interface Tree {
  read(path: string, encoding: "utf8"): string | null;
  write(path: string, content: string): void;
}

interface InitOptions {
  readonly prefix?: string;
}

interface NxJson {
  plugins?: (string | { plugin: string; options?: object })[];
}

interface PackageJson {
  devDependencies?: Record<string, string>;
}

const plugin = "@sbp/nx-plugin";

/** Adds the plugin to nx.json and sbp to the workspace's devDependencies; what is there already stays. */
export default async function init(tree: Tree, { prefix = "sbp:" }: InitOptions): Promise<void> {
  change<NxJson>(tree, "nx.json", (nx) => {
    const plugins = nx.plugins ?? [];
    if (plugins.some((one) => (typeof one === "string" ? one : one.plugin) === plugin)) return;
    nx.plugins = [...plugins, prefix === "sbp:" ? plugin : { plugin, options: { prefix } }];
  });
  change<PackageJson>(tree, "package.json", (manifest) => {
    const added = { "@sbp/cli": version, [plugin]: version, ...manifest.devDependencies };
    manifest.devDependencies = Object.fromEntries(Object.entries(added).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function change<T extends object>(tree: Tree, path: string, edit: (value: T) => void): void {
  const value = JSON.parse(tree.read(path, "utf8") ?? "{}") as T;
  edit(value);
  tree.write(path, `${JSON.stringify(value, null, 2)}\n`);
}
