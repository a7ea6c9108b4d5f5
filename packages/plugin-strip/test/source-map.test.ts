import { copyFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { JsonObject } from "@sbp/core";
import * as esbuild from "esbuild";
import { expect, test } from "vitest";
import { artifactOf, makeFolder, strip } from "./strip.ts";

const source = "export const aLongName: number = 1;\nconsole.log(aLongName);\n";

async function makeBundle(withMap = true) {
  const { code, map } = await esbuild.transform(source, {
    loader: "ts",
    sourcefile: "src/main.ts",
    sourcemap: "external",
  });
  const folder = await makeFolder();
  const comment = "//# sourceMappingURL=app.mjs.map\n";
  await writeFile(path.join(folder, "app.mjs"), withMap ? code + comment : code);
  if (withMap) await writeFile(path.join(folder, "app.mjs.map"), map);
  return artifactOf("bundle", folder, { format: "esm", main: "app.mjs" });
}

/** Where the map is said to be, what it holds, and whether the code names it. */
async function result(options: JsonObject, withMap = true) {
  const { output, diagnostics } = await strip("javascript", await makeBundle(withMap), options);
  const isThere = output.files.some((file) => file.path === "app.mjs.map");
  const map = isThere ? JSON.parse((await output.read("app.mjs.map")).toString()) : undefined;
  return {
    place: output.meta["sourceMap"],
    sources: map?.sources,
    content: map?.sourcesContent?.find((text: unknown) => text !== null),
    isNamed: (await output.read("app.mjs")).includes("sourceMappingURL"),
    codes: diagnostics.map(({ code }) => code),
  };
}

const sources = ["src/main.ts"];
const content = source;

test.each([true, false])("the source map is where it is wanted (minified: %s)", async (minify) => {
  const codes: string[] = [];
  expect(await result({ minify })).toEqual({ place: "embedded", sources, isNamed: true, codes });
  expect(await result({ minify, sourcesContent: true })).toEqual({
    place: "embedded",
    sources,
    content,
    isNamed: true,
    codes,
  });
  expect(await result({ minify, sourceMap: "external" })).toEqual({
    place: "external",
    sources,
    content,
    isNamed: false,
    codes,
  });
  expect(await result({ minify, sourceMap: "none" })).toEqual({ place: "none", isNamed: false, codes });
});

test("the maps of scripts follow it", async () => {
  const scriptMap = async (options: JsonObject) => {
    const bundle = await makeBundle();
    const folder = path.dirname(await bundle.path("app.mjs"));
    await mkdir(path.join(folder, "maps"));
    await copyFile(path.join(folder, "app.mjs.map"), path.join(folder, "maps/work.mjs.map"));
    const whole = await artifactOf("bundle", folder, bundle.meta);
    const { output } = await strip("javascript", whole, options);
    const isThere = output.files.some((file) => file.path === "maps/work.mjs.map");
    return isThere && JSON.parse((await output.read("maps/work.mjs.map")).toString());
  };
  expect(await scriptMap({})).toMatchObject({ sources });
  expect(await scriptMap({})).not.toHaveProperty("sourcesContent");
  expect(await scriptMap({ sourcesContent: true })).toMatchObject({ sources, sourcesContent: [content] });
  expect(await scriptMap({ sourceMap: "external" })).toMatchObject({ sources, sourcesContent: [content] });
  expect(await scriptMap({ sourceMap: "none" })).toBe(false);
});

test("without a map there is none, which matters to who wants a file of it", async () => {
  const none = { place: "none", isNamed: false };
  expect(await result({}, false)).toEqual({ ...none, codes: [] });
  expect(await result({ sourceMap: "none" }, false)).toEqual({ ...none, codes: [] });
  expect(await result({ sourceMap: "external" }, false)).toEqual({
    ...none,
    codes: ["SBP_STRIP_SOURCE_MAP"],
  });
});

test("SBP_STRIP_BUNDLE: a source map that is none", async () => {
  const bundle = await makeBundle();
  await writeFile(await bundle.path("app.mjs.map"), "{");
  const stripped = strip("javascript", bundle, { minify: false });
  await expect(stripped).rejects.toMatchObject({ code: "SBP_STRIP_BUNDLE" });
});

test("two steps strip: what both saved counts from the first bundle", async () => {
  const bundle = await makeBundle();
  const before = (await bundle.read("app.mjs")).length;
  const once = await strip("javascript", bundle, { minify: false, drop: ["console"] });
  const twice = await strip("javascript", once.output);
  const after = (await twice.output.read("app.mjs")).length;
  expect(twice.output.meta["stripped"]).toEqual({ before, after });
});
