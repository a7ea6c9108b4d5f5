/** What stands between `import` and the module's name. Names are decoded, locals are as in the source. */
export interface ImportClause {
  /** `import * as local`. */
  readonly namespace: string | undefined;
  /** `import { name as local }`, and `import local` with the name "default". */
  readonly names: readonly { readonly name: string; readonly local: string }[];
}

/**
 * Reads an import clause (ECMAScript, ImportClause), for instance ` fs, { readFile as read } from `. The lexer
 * has found the statement; what is not a clause throws SyntaxError.
 */
export function parseImportClause(text: string): ImportClause {
  const tokens = tokensOf(text);
  const names: { name: string; local: string }[] = [];
  let namespace: string | undefined;
  let at = 0;
  const next = () => tokens[at++] ?? fail(text);
  const expect = (token: string) => {
    if (next() !== token) fail(text);
  };

  if (tokens.length === 0) return { namespace, names };
  if (tokens[at] !== "{" && tokens[at] !== "*") {
    names.push({ name: "default", local: binding(next(), text) });
    if (tokens[at] === ",") at++;
  }
  if (tokens[at] === "*") {
    at++;
    expect("as");
    namespace = binding(next(), text);
  } else if (tokens[at] === "{") {
    at++;
    while (tokens[at] !== "}") {
      const name = next();
      // "as" is a fine name itself: `{ as }`, `{ as as x }`.
      const renamed = tokens[at] === "as";
      if (renamed) at++;
      names.push({ name: decoded(name, text), local: binding(renamed ? next() : name, text) });
      if (tokens[at] === ",") at++;
      else if (tokens[at] !== "}") fail(text);
    }
    at++;
  }
  expect("from");
  if (at !== tokens.length) fail(text);
  return { namespace, names };
}

/** Names, strings and punctuators; white space and comments are dropped. */
function tokensOf(text: string): string[] {
  const token =
    /\s+|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/|([{},*]|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|[^\s{},*"'/]+)/uy;
  const tokens: string[] = [];
  while (token.lastIndex < text.length) {
    const match = token.exec(text) ?? fail(text);
    if (match[1] !== undefined) tokens.push(match[1]);
  }
  return tokens;
}

function binding(token: string, text: string): string {
  return /^[{},*"']/.test(token) ? fail(text) : token;
}

/** The name that a token means: identifiers and strings may hold escapes. */
function decoded(token: string, text: string): string {
  if (/^[{},*]/.test(token)) fail(text);
  const inner = /^["']/.test(token) ? token.slice(1, -1) : token;
  return inner.replace(
    /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|(["'\\]))/gi,
    (_, a, b, c, d) => (d === undefined ? String.fromCodePoint(Number.parseInt(a ?? b ?? c, 16)) : d),
  );
}

function fail(text: string): never {
  throw new SyntaxError(`cannot read the import clause "${text.trim().slice(0, 80)}"`);
}
