import * as esbuild from "esbuild";

const { code } = await esbuild.transform("const f = (a: number): number => a ?? 1; export { f }", {
  loader: "ts",
  minify: true,
});
console.log(code.trim());
const { outputFiles } = await esbuild.build({
  stdin: { contents: 'import a from "virtual"; console.log(a)', resolveDir: "." },
  bundle: true,
  write: false,
  plugins: [
    {
      name: "virtual",
      setup(build) {
        build.onResolve({ filter: /^virtual$/ }, () => ({ path: "virtual", namespace: "virtual" }));
        build.onLoad({ filter: /.*/, namespace: "virtual" }, () => ({ contents: "export default 42" }));
      },
    },
  ],
});
console.log(outputFiles[0].text.includes("42"), outputFiles.length);
await esbuild.stop();
