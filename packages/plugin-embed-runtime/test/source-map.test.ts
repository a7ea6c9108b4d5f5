import { readFile } from "node:fs/promises";
import Module, { createRequire, SourceMap, type SourceMapping } from "node:module";
import { brotliDecompressSync } from "node:zlib";
import { ownFolder } from "@sbp/manifest";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { packSourceMap } from "../src/source-map.ts";

const require = createRequire(import.meta.url);

test("every place is found where Node's own class finds it", async () => {
  const source = await readFile(require.resolve("esbuild"), "utf8");
  const { code, map } = await transform(source, {
    minify: true,
    lineLimit: 200,
    sourcemap: "external",
    sourcefile: "lib/main.js",
  });
  const { files, info } = await packSourceMap(Buffer.from(map), {});
  const find = (path: string) => ({
    bytes: () => files.find((file) => file.path === path)!.content as Buffer,
  });
  const filename = "/nowhere/main.cjs";
  require("../src/bootstrap/parts/source-map.cjs").useSourceMaps([[filename, info]], find);
  const found = Module.findSourceMap(filename)!;
  const expected = new SourceMap(JSON.parse(map));

  const lines = code.split("\n");
  const places = lines.flatMap((text, line) =>
    Array.from({ length: Math.ceil(text.length / 7) }, (_, index) => [line, 7 * index] as const),
  );
  expect(places.length).toBeGreaterThan(5000);
  // Not the names: Node's class has a place without one keep that of the place before.
  const where = (map: SourceMap) =>
    places.map(([line, column]) => {
      const entry: Partial<SourceMapping> = map.findEntry(line, column);
      const { originalSource, originalLine, originalColumn } = entry;
      // What comes from no source has an empty one, for Node's sake.
      return [originalSource || undefined, originalLine, originalColumn];
    });
  expect(where(found)).toEqual(where(expected));
  expect(found.payload.sourcesContent).toEqual([source]);
});

test("without the sources' text, and without names where functions keep theirs", async () => {
  const map = {
    version: 3,
    sourceRoot: "src/",
    sources: ["a.ts", null],
    names: ["x"],
    mappings: "AAAA",
    sourcesContent: [null, null],
  };
  const { files, info } = await packSourceMap(Buffer.from(JSON.stringify(map)), { keepNames: true });
  expect(info).toEqual({ map: `${ownFolder}source-map.json.br` });
  const packed = files.find(({ path }) => path === info.map)!.content as Buffer;
  expect(JSON.parse(brotliDecompressSync(packed).toString())).toEqual({
    sources: ["src/a.ts", ""],
    names: [],
    mappings: "AAAA",
  });
});
