import * as esbuild from "esbuild";
import { describe, expect, test } from "vitest";
import { addFiles, bundleApp, makeApp, runCarried, runSources } from "./app.ts";

/** As a compiler leaves it: with a map that names a source elsewhere. */
function compiled(file: string, source: string, code: string): Record<string, string> {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const out = esbuild.transformSync(code, { loader: "ts", sourcemap: "external", sourcefile: source });
  return { [file]: `${out.code}//# sourceMappingURL=${name}.map\n`, [`${file}.map`]: out.map };
}

describe("an app that was compiled with source maps", () => {
  test("finds files beside what it was compiled to", async () => {
    const app = await makeApp({
      "package.json": '{"type":"module"}',
      ...compiled(
        "dist/main.js",
        "../src/main.ts",
        'import { text } from "./lib/read.js"; console.log(text);',
      ),
      ...compiled(
        "dist/lib/read.js",
        "../../src/lib/read.ts",
        `import { readFileSync } from "node:fs";
         export const text: string = readFileSync(new URL("./data.txt", import.meta.url), "utf8");`,
      ),
      "dist/lib/data.txt": "data",
    });
    const bundled = await bundleApp(app, { entry: "dist/main.js" });
    expect(bundled.carried).toEqual(["dist/lib/data.txt"]);
    expect(bundled.diagnostics).toEqual([]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "dist/main.js"));
  });

  test("warns with the line of the source, as far as that is there", async () => {
    const source = 'import { fork } from "node:child_process";\n\nfork(process.argv[2]!);\n';
    const app = await makeApp(compiled("dist/main.js", "../src/main.ts", source));
    const finding = async () => (await bundleApp(app, { entry: "dist/main.js" })).diagnostics[0];
    expect(await finding()).toMatchObject({ code: "SBP_BUNDLE_SCRIPT", location: { file: "dist/main.js" } });
    await addFiles(app, { "src/main.ts": source });
    expect(await finding()).toMatchObject({
      location: { file: "src/main.ts", line: 3, lineText: "fork(process.argv[2]!);" },
    });
  });
});
