/*
 * Where a name of the bundle means what it was given at one place. Long names of a package mostly mean one thing; short ones are
 * those of a minifier, which gives `t` to all that is apart from one another:
 *
 *   let t = join(__dirname, "assets");      ends with its block
 *   t = join(__dirname, "assets");          a variable of the source, or of the module's top level
 *
 * esbuild writes blocks by their indentation, and renames what would hide a name of the top level.
 */

/** Names that minifiers give, and what esbuild makes of them. */
const short = /^[A-Za-z_$][\w$]?\d*$/;

export interface NameScope {
  /** Behind the name's last use at most, in UTF-16 units; undefined where it does not end. */
  readonly end?: number;
  /** Other sources mean something else by it. */
  readonly isOwn?: boolean;
}

/** The scope of a name that is given a value at an offset of the bundle's code. */
export function scopeOf(name: string, offset: number, code: string): NameScope {
  if (!short.test(name)) return {};
  const start = code.lastIndexOf("\n", offset) + 1;
  const [, indent = "", keyword] = /^([ \t]*)(?:(const|let|var)\s)?/.exec(
    code.slice(start, Math.min(offset, start + 200)),
  )!;
  if (indent === "") return {};
  if (keyword !== undefined && keyword !== "var") {
    const end = new RegExp(`\\n[ \\t]{0,${indent.length - 1}}\\}`, "g");
    end.lastIndex = offset;
    return { end: end.exec(code)?.index ?? code.length, isOwn: true };
  }
  const declared = new RegExp(
    `^(?:var|let|const)\\s(?:[^\\n]*[\\s,])?${name.replaceAll("$", "\\$")}(?:\\s*=|,|;)`,
    "m",
  );
  return keyword === "var" || !declared.test(code) ? { isOwn: true } : {};
}
