import { expect, test } from "vitest";
import { bundleApp, makeApp, runCarried, runSources } from "./app.ts";

/** A package in which, as it says, importing alone does nothing. */
const pure = (name: string, code: string) => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, type: "module", sideEffects: false }),
  [`node_modules/${name}/index.js`]: code,
});

test.each([
  false,
  true,
])("what packages only pass on is started where others ask for it late (minify: %s)", async (minify) => {
  const app = await makeApp({
    "src/main.ts": `
        import { store } from "all";
        import { other } from "some";
        console.log(store(), other(), (await import("store")).store(), (await import("other")).other());`,
    ...pure("all", 'export * from "most";'),
    ...pure("most", 'export * from "store"; export const unused = 1;'),
    ...pure("store", 'export const store = () => "stored";'),
    ...pure("some", 'export { other } from "other";'),
    ...pure("other", 'export const other = () => "other";'),
  });
  const bundled = await bundleApp(app, { minify });
  expect(await runCarried(bundled)).toBe("stored other stored other\n");
  expect(await bundled.text("demo.mjs")).not.toContain("unused");
});

test("what import() gives says that it is a module", async () => {
  const app = await makeApp({
    "src/main.ts": `
      const kinds = [await import("./a.ts"), await import("./b.cjs")].map((given) => given[Symbol.toStringTag]);
      console.log(kinds, Object.keys(await import("./a.ts")));`,
    "src/a.ts": "export const a = 1; export default 2;",
    "src/b.cjs": "exports.b = 1;",
  });
  expect(await runCarried(await bundleApp(app))).toBe(await runSources(app, "src/main.ts"));
});
