import {
  createScanner,
  findNodeAtLocation,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { Diagnostic, SourceLocation } from "../error.ts";
import type { Json } from "../json.ts";
import { SourceText } from "./source-text.ts";

/** Deeper values are refused: nothing needs them, and the parser recurses. */
const maximumDepth = 100;

// Keys: what jsonc-parser calls its error codes.
const syntaxMessages: Readonly<Record<string, string>> = {
  InvalidSymbol: "This is not a value of JSON; text needs double quotes",
  InvalidNumberFormat: "This is not a number of JSON",
  PropertyNameExpected: "A key in double quotes is expected here",
  ValueExpected: "A value is expected here",
  ColonExpected: "A colon is expected here",
  CommaExpected: "A comma is expected here",
  CloseBraceExpected: "A closing brace is expected here",
  CloseBracketExpected: "A closing bracket is expected here",
  EndOfFileExpected: "Nothing more is expected here",
  InvalidCommentToken: "Comments are not allowed here",
  UnexpectedEndOfComment: "This comment is not closed",
  UnexpectedEndOfString: "This string is not closed",
  UnexpectedEndOfNumber: "This number is not complete",
  InvalidUnicode: "\\u must be followed by four hexadecimal digits",
  InvalidEscapeCharacter: "This escape sequence is not one of JSON",
  InvalidCharacter: "This character must be escaped",
};

/** A path into a JSON value: keys and indices. */
export type JsonPath = readonly (string | number)[];

/** A parsed JSON text that knows where its values stand. */
export interface JsonDocument {
  readonly file: string;
  readonly value: Json;
  /** The place of a value, or of its key; that of the nearest value around it where there is none. */
  locate(path: JsonPath, part?: "value" | "key"): SourceLocation;
}

/** `jsonc` accepts comments and trailing commas, but no key twice; `json` is for files of other programs. */
export interface ParseOptions {
  readonly dialect: "json" | "jsonc";
  /** For the diagnostics. */
  readonly code: string;
}

/** Parses a text; returns the document, or everything that is wrong with the text. */
export function parseJson(
  file: string,
  text: string,
  { dialect, code }: ParseOptions,
): { readonly document: JsonDocument } | { readonly problems: readonly Diagnostic[] } {
  const source = new SourceText(file, text);
  const problem = (message: string, offset: number, length: number): Diagnostic => ({
    severity: "error",
    code,
    message,
    location: source.locate(offset, length),
  });

  const tooDeep = offsetOfDepth(text, maximumDepth);
  if (tooDeep !== undefined) {
    return { problems: [problem(`Values are nested more than ${maximumDepth} deep`, tooDeep, 1)] };
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, {
    disallowComments: dialect === "json",
    allowTrailingComma: dialect === "jsonc",
  });
  if (errors.length > 0 || !root) {
    const told = errors.filter((error, index) => !isEcho(error, errors[index - 1]));
    return { problems: told.map((error) => problem(syntaxMessage(error), error.offset, error.length)) };
  }
  const problems: Diagnostic[] = [];
  const value = readValue(root, (message, node) => {
    if (dialect === "jsonc") problems.push(problem(message, node.offset, node.length));
  });
  if (problems.length > 0) return { problems };
  return {
    document: {
      file,
      value,
      locate(path, part = "value") {
        const node = nodeAt(root, path);
        const shown = part === "key" && node.parent?.type === "property" ? node.parent.children![0]! : node;
        // Of an object or list, its bracket says enough.
        const isGroup = shown.type === "object" || shown.type === "array";
        return source.locate(shown.offset, isGroup ? 1 : shown.length);
      },
    },
  };
}

/** The parser goes on after an error, and then misses what it has just refused. */
function isEcho(error: ParseError, before: ParseError | undefined): boolean {
  if (!before) return false;
  const [name, nameBefore] = [printParseErrorCode(error.error), printParseErrorCode(before.error)];
  return error.offset === before.offset || (name === "ValueExpected" && nameBefore === "InvalidSymbol");
}

function syntaxMessage(error: ParseError): string {
  const name = printParseErrorCode(error.error);
  return syntaxMessages[name] ?? name;
}

function nodeAt(root: Node, path: JsonPath): Node {
  let length = path.length;
  for (; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node) return node;
  }
  return root;
}

/** The offset of the first bracket that opens level `depth` + 1. */
function offsetOfDepth(text: string, depth: number): number | undefined {
  const scanner = createScanner(text, true);
  let level = 0;
  // The scanner's kinds of token are a const enum, which sources run as they are cannot import.
  const [openBrace, closeBrace, openBracket, closeBracket, endOfFile] = [1, 2, 3, 4, 17];
  for (let token = scanner.scan() as number; token !== endOfFile; token = scanner.scan()) {
    if (token === openBrace || token === openBracket) level++;
    else if (token === closeBrace || token === closeBracket) level--;
    if (level > depth) return scanner.getTokenOffset();
  }
  return undefined;
}

function readValue(node: Node, refuse: (message: string, node: Node) => void): Json {
  if (node.type === "array") return (node.children ?? []).map((child) => readValue(child, refuse));
  if (node.type === "object") {
    const object: Record<string, Json> = {};
    for (const property of node.children ?? []) {
      const [key, value] = property.children as [Node, Node];
      const name = key.value as string;
      if (Object.hasOwn(object, name)) refuse(`The key ${JSON.stringify(name)} is there twice`, key);
      else if (name === "__proto__") refuse('The key "__proto__" is not allowed', key);
      else object[name] = readValue(value, refuse);
    }
    return object;
  }
  if (node.type === "number" && !Number.isFinite(node.value)) refuse("This number is too large", node);
  return node.value as Json;
}
