import { parseSync } from "oxc-parser";

const { program, errors, module } = parseSync(
  "a.ts",
  "import x from 'y'; export const a: number = 1; const b = ;",
);
console.log(errors.length, errors[0].message, module.staticImports.length);
console.log(parseSync("a.ts", "let a: string").program.body[0].type, program.type);
