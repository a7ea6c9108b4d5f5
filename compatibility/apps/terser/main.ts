import { minify } from "terser";

const { code, map } = await minify(
  { "a.js": "function add(first, second) { return first + second; } console.log(add(1, 2));" },
  { sourceMap: true, toplevel: true },
);
console.log(code);
console.log(JSON.parse(String(map)).sources.join());
