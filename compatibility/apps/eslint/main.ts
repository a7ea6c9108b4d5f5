import js from "@eslint/js";
import { ESLint } from "eslint";

const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [js.configs.recommended, { rules: { "prefer-const": "error" } }],
  fix: true,
});
const [result] = await eslint.lintText("let a = 1;\nunknown(a);\n");
for (const { ruleId, line, message } of result.messages) console.log(ruleId, line, message);
console.log(result.output?.trim());
const formatter = await eslint.loadFormatter("json");
console.log(JSON.parse(await formatter.format([result])).length);
