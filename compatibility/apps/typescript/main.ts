import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import ts from "typescript";

const folder = mkdtempSync(path.join(os.tmpdir(), "typescript-"));
const file = path.join(folder, "sum.ts");
writeFileSync(
  file,
  "export const sum: number = [1, 2].map(String).length;\nconst wrong: string = new Map<string, number>().size;\n",
);
const program = ts.createProgram([file], {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  types: [],
  strict: true,
  outDir: folder,
});
for (const { code, messageText } of ts.getPreEmitDiagnostics(program)) console.log(code, messageText);
program.emit();
console.log(readFileSync(path.join(folder, "sum.js"), "utf8").trim());
console.log(
  program.getSourceFiles().filter(({ fileName }) => /lib\.[^/]*\.d\.ts$/.test(fileName)).length > 30,
);
rmSync(folder, { recursive: true });
