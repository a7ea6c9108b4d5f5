/** A builtin module that an app imports, and the names that it takes of it. */
export type BuiltinImport = readonly [specifier: string, names: readonly string[]];

/**
 * What the head of an ES module's script imports (`bindingsOf` in module-script.ts writes it). Of a head that another
 * hand wrote, what can be understood.
 */
export function builtinImports(head: string): readonly BuiltinImport[] {
  const [, importName] = /^\(async function \([\w$]+, ([\w$]+)\)/.exec(head) ?? [];
  if (importName === undefined) return [];
  const text = String.raw`"(?:[^"\\]|\\.)*"`;
  const call = new RegExp(
    `${importName.replaceAll("$", "\\$")}\\((${text})(?:, (\\[(?:${text},?)*\\]))?\\);`,
    "g",
  );
  return [...head.matchAll(call)].flatMap(([, specifier, names = "[]"]): BuiltinImport[] => {
    try {
      return [[JSON.parse(specifier!), JSON.parse(names)]];
    } catch {
      return [];
    }
  });
}
