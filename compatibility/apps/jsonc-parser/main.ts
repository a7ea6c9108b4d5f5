import { applyEdits, modify, type ParseError, parse, printParseErrorCode } from "jsonc-parser";

const text = `{
  // What the shop sells
  "tea": 2,
}`;
const formattingOptions = { insertSpaces: true, tabSize: 2 };
console.log(applyEdits(text, modify(text, ["milk"], 3, { formattingOptions })));
const errors: ParseError[] = [];
console.log(
  parse('{ "tea": 2 "milk" }', errors),
  errors.map(({ error }) => printParseErrorCode(error)),
);
