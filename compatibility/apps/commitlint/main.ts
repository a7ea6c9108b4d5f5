import lint from "@commitlint/lint";
import load from "@commitlint/load";

const { rules, parserPreset } = await load(
  { extends: ["@commitlint/config-conventional"] },
  { cwd: import.meta.dirname },
);
const parserOpts = parserPreset?.parserOpts as object | undefined;
for (const message of ["feat(api): add a thing", "foo: bar", "fix: Ends with a stop."]) {
  const { valid, errors } = await lint(message, rules, parserOpts ? { parserOpts } : {});
  console.log(message, valid, errors.map(({ name }) => name).join(" "));
}
