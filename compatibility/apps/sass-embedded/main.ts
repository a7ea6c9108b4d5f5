import * as sass from "sass-embedded";

const compiler = await sass.initAsyncCompiler();
const { css } = await compiler.compileStringAsync(
  "@use 'sass:math'; .a { width: math.div(10px, 4); .b & { color: red } }",
  { style: "compressed" },
);
console.log(css);
await compiler.dispose();
