import { type BuiltinImport, builtinImports } from "./builtin-imports.ts";
import { startHostNode } from "./host-node.ts";

/** The builtin modules of a version of Node, each with all its exports. */
export type Builtins = Readonly<Record<string, readonly string[]>>;

// Node lists the modules that only have a name with "node:" from version 23.5 on.
const list = `
const builtins = {};
const unlisted = ["node:sea", "node:sqlite", "node:test", "node:test/reporters"];
for (const name of [...new Set([...require("node:module").builtinModules, ...unlisted])].sort()) {
  const builtin = process.getBuiltinModule(name);
  if (builtin) builtins[name] = Object.getOwnPropertyNames(builtin).sort();
}
require("node:fs").writeFileSync(1, JSON.stringify(builtins));`;

/** Asks a Node of the version. Throws HostNodeError. */
export async function learnBuiltins(
  node: string,
  place: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<Builtins> {
  const printed = await startHostNode([node], ["--no-warnings", "--eval", list], place).finish();
  return JSON.parse(printed.toString());
}

/** What the head of a script imports and these do not have: `node:ffi`, `name of node:util`. */
export function missingBuiltins(head: string, builtins: Builtins): readonly string[] {
  return builtinImports(head).flatMap((imported) => missingOf(imported, builtins));
}

/** Every module has these. */
const always = ["default", "module.exports"];

function missingOf([specifier, names]: BuiltinImport, builtins: Builtins): readonly string[] {
  const own = [specifier, specifier.replace(/^node:/, "")].find((name) => Object.hasOwn(builtins, name));
  if (own === undefined) return [specifier];
  const has = new Set([...always, ...builtins[own]!]);
  return names.filter((name) => !has.has(name)).map((name) => `${name} of ${specifier}`);
}
