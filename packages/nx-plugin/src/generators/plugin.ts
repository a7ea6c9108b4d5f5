import { posix } from "node:path";
import { folderHasFiles, pluginFiles, shortName } from "@sbp/cli";
import { exitCodes, isSbpError, SbpError } from "@sbp/core";
import picomatch from "picomatch";
import { readJson, setJson, type Tree } from "./tree.ts";

interface PluginOptions {
  /** Of the package. */
  readonly name: string;
  /** Relative to the workspace. */
  readonly directory?: string;
}

interface PackageJson {
  readonly workspaces?: readonly string[] | { readonly packages?: readonly string[] };
}

/**
 * Makes what `sbp plugin new` makes, as a package of the workspace: its scripts `build` and `test` are Nx targets. Returns
 * what Nx calls once the files are written.
 */
export default async function plugin(tree: Tree, options: PluginOptions): Promise<() => void> {
  try {
    const dir = await generate(tree, options);
    return () => console.log(`next: install the workspace's packages, then nx test ${options.name} (${dir})`);
  } catch (error) {
    // Nx shows a message and nothing else.
    if (!isSbpError(error)) throw error;
    throw new Error(`${error.code}: ${error.message}\n${error.hint ?? ""}`.trim(), { cause: error });
  }
}

async function generate(tree: Tree, { name, directory }: PluginOptions): Promise<string> {
  const files = await pluginFiles(name);
  const dir = posix.normalize((directory ?? `packages/${shortName(name)}`).replaceAll("\\", "/"));
  if (posix.isAbsolute(dir) || dir === "." || dir.split("/").includes("..")) {
    throw new SbpError("SBP_PLUGIN_EXISTS", `${directory} is no folder within the workspace`, {
      hint: "Name a folder by --dir, relative to the workspace: packages/licenses.",
      exitCode: exitCodes.badUsage,
    });
  }
  if (tree.exists(dir) && tree.children(dir).length > 0) throw folderHasFiles(dir, dir);
  for (const [path, text] of files) tree.write(`${dir}/${path}`, text);
  join(tree, dir);
  return dir;
}

/** A package counts only when the workspace's list has it. */
function join(tree: Tree, dir: string): void {
  // pnpm's list is a file of YAML with the author's own comments: theirs to change.
  if (tree.exists("pnpm-workspace.yaml")) return;
  const { workspaces } = readJson<PackageJson>(tree, "package.json");
  const list = (isList(workspaces) ? workspaces : workspaces?.packages) ?? [];
  const globs = list.filter((glob) => !glob.startsWith("!")).map((glob) => glob.replace(/^\.\/|\/$/g, ""));
  if (globs.length > 0 && picomatch(globs)(dir)) return;
  const longer = [...list, dir];
  const changed = workspaces && !isList(workspaces) ? { ...workspaces, packages: longer } : longer;
  setJson(tree, "package.json", "workspaces", changed);
}

function isList(workspaces: PackageJson["workspaces"]): workspaces is readonly string[] {
  return Array.isArray(workspaces);
}
