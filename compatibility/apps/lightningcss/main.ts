import { transform } from "lightningcss";

const { code, exports } = transform({
  filename: "a.css",
  code: Buffer.from(".a { color: #ff0000; & .b { margin: 0px 0px } }"),
  minify: true,
  cssModules: { pattern: "[local]_x" },
});
console.log(code.toString(), Object.keys(exports).sort().join());
