import stylelint from "stylelint";

const { errored, results } = await stylelint.lint({
  code: "a { color: #FFFFFFF; }\n\n\na { top: 0px }\n",
  config: { extends: "stylelint-config-standard" },
});
console.log(errored);
for (const { line, rule } of results[0]!.warnings) console.log(line, rule);
