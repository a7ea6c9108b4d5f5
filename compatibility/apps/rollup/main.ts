import { rollup } from "rollup";

const files: Record<string, string> = {
  "main.js": 'import { used } from "./library.js"; console.log(used());',
  "library.js": "export const used = () => 1 + 1; export const unused = () => 2;",
};
const bundle = await rollup({
  input: "main.js",
  plugins: [
    {
      name: "memory",
      resolveId: (name) => name.replace("./", ""),
      load: (name) => files[name],
    },
  ],
});
const { output } = await bundle.generate({ format: "es" });
console.log(output[0].code.trim());
await bundle.close();
