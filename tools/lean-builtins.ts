/**
 * `import … from "node:crypto"` makes Node read every export of the module, those behind getters too, which load half of
 * its insides: 16 ms for fs, crypto and util. Taken by process.getBuiltinModule, only what is used is loaded. The
 * formatter keeps imports in the few shapes that this knows.
 */
export function withLeanBuiltins(source: string): string {
  return source.replace(
    /^import (?!type )(?:(\w+)|\{([^}]*)\}) from ("node:[\w/]+");$/gm,
    (statement, name: string | undefined, names: string | undefined, module: string) => {
      const values = (names ?? "").split(",").filter((text) => text.trim() !== "" && !/^\s*type /.test(text));
      const bindings = name ?? `{ ${values.map((text) => text.trim().replace(" as ", ": ")).join(", ")} }`;
      // Lines stay where they are.
      const lines = "\n".repeat(statement.split("\n").length - 1);
      return `const ${bindings} = process.getBuiltinModule(${module});${lines}`;
    },
  );
}
