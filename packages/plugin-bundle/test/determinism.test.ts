import { expect, test } from "vitest";
import { addFiles, bundleApp, digest, makeApp } from "./app.ts";

const files = {
  "package.json": '{"type":"module"}',
  "src/main.ts": `
    import dep from "dep"; import mapped from "mapped"; import { a } from "./a";
    console.log(dep, mapped, a, import.meta.url);`,
  "src/a.ts": "export const a: number = 1; export class Named {}",
  "node_modules/dep/package.json": '{"name":"dep","version":"1.0.0"}',
  "node_modules/dep/index.js": 'module.exports = [__dirname, require("os").EOL];',
  "node_modules/mapped/package.json": '{"name":"mapped","version":"1.0.0"}',
  "node_modules/mapped/index.js": "module.exports = 1;\n//# sourceMappingURL=index.js.map\n",
  "node_modules/mapped/index.js.map":
    '{"version":3,"sources":["/builder/work/mapped.ts","../../../../../../../far/away.ts","./index.ts"],"names":[],"mappings":"AAAA,ACAA,OCAA"}',
};

test.each([
  { minify: false },
  { minify: true },
  { format: "cjs" },
])("two folders, the same bytes: %j", async (options) => {
  const here = await makeApp(files);
  const there = await makeApp({});
  // Another depth, and another order of creation.
  const deep = `${there}/a/b/c/d`;
  await addFiles(deep, Object.fromEntries(Object.entries(files).reverse()));
  const one = await bundleApp(here, options);
  const two = await bundleApp(deep, options);
  expect(await digest(two)).toBe(await digest(one));
  for (const file of one.files) {
    const text = await one.text(file);
    expect(text).not.toContain(here);
    expect(text).not.toContain("sbp-bundle-");
  }
  const { sources } = JSON.parse(await one.text(`${one.meta["main"]}.map`)) as { sources: string[] };
  expect(sources).toContain("outside/mapped.ts");
  expect(sources.filter((source) => source.startsWith("..") || source.startsWith("/"))).toEqual([]);
});
