import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Artifact, isSbpError } from "@sbp/core";
import * as esbuild from "esbuild";
import { expect, test } from "vitest";
import { artifactOf, makeFolder, strip } from "./strip.ts";

const source = `/*! licence */
export interface Unused { a: 1 }
export class LongClassName {}
function aRatherLongFunctionName(): string {
  console.debug("noise");
  debugger;
  return new Error("here").stack!.split("\\n")[1]!;
}
console.log(aRatherLongFunctionName.name, LongClassName.name);
console.log(aRatherLongFunctionName());
`;

async function makeBundle(pinned: boolean, format: "esm" | "cjs" = "cjs"): Promise<Artifact> {
  const project = await makeFolder();
  const folder = await makeFolder();
  await writeFile(path.join(project, "main.ts"), source);
  const main = `app.${format === "esm" ? "mjs" : "cjs"}`;
  const { outputFiles } = await esbuild.build({
    absWorkingDir: project,
    entryPoints: ["main.ts"],
    outfile: path.join(project, main),
    write: false,
    bundle: true,
    platform: "node",
    format,
    sourcemap: "linked",
    keepNames: pinned,
  });
  for (const file of outputFiles) await writeFile(path.join(folder, path.basename(file.path)), file.contents);
  await writeFile(path.join(folder, "packages.json"), "[]");
  return artifactOf("bundle", folder, {
    format,
    main,
    entry: "main.ts",
    bytes: 1,
    ...(pinned && { keepNames: true }),
  });
}

async function run(folder: string, main: string): Promise<string[]> {
  const file = path.join(folder, main);
  const { stdout } = await promisify(execFile)(process.execPath, ["--enable-source-maps", file]);
  return stdout.trim().split("\n");
}

test.each([
  [true, "cjs"],
  [false, "cjs"],
  [true, "esm"],
] as const)("a smaller bundle that says the same (names pinned: %s, %s)", async (pinned, format) => {
  const bundle = await makeBundle(pinned, format);
  const main = String(bundle.meta["main"]);
  const { folder, output } = await strip("javascript", bundle);
  const code = await readFile(path.join(folder, main), "utf8");
  expect(code.length).toBeLessThan((await bundle.read(main)).length);
  expect(output.meta).toEqual({
    ...bundle.meta,
    keepNames: true,
    bytes: code.length,
    sourceMap: "embedded",
    stripped: { before: (await bundle.read(main)).length, after: code.length },
  });
  expect(output.files.map((file) => file.path)).toEqual([main, `${main}.map`, "packages.json"].sort());
  expect(code).toContain("/*! licence */");
  expect(code).not.toContain("base64");
  expect(code.match(/sourceMappingURL=/g)).toHaveLength(1);
  const lines = await run(folder, main);
  expect(lines).toContain("aRatherLongFunctionName LongClassName");
  expect(lines.at(-1)).toMatch(/main\.ts:7:10/);
  const map = JSON.parse(await readFile(path.join(folder, `${main}.map`), "utf8"));
  expect(map.sources).toEqual(["main.ts"]);
  expect(map.sourcesContent ?? [null]).toEqual([null]);
});

test("lines stay short: node prints the one that threw", async () => {
  const folder = await makeFolder();
  const statements = Array.from({ length: 300 }, (_, index) => `globalThis.f${index} = () => ${index};`);
  await writeFile(path.join(folder, "app.cjs"), `${statements.join("\n")}\n`);
  const bundle = await artifactOf("bundle", folder, { format: "cjs", main: "app.cjs" });
  const { folder: stripped } = await strip("javascript", bundle);
  const lines = (await readFile(path.join(stripped, "app.cjs"), "utf8")).split("\n");
  expect(lines.length).toBeGreaterThan(10);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(300);
});

test("classes stay classes to code that looks at their text", async () => {
  const folder = await makeFolder();
  const isClass = 'typeof value === "function" && String(value).startsWith("class ")';
  await writeFile(
    path.join(folder, "app.cjs"),
    `let Provider = class Provider {}; Provider = Object(Provider);
     const told = [Provider, () => 1].map((value) => ${isClass}); console.log(told.join());
     const byPattern = [Provider].some((value) => /^\\s*class\\s/.test(value)); console.log(byPattern);`,
  );
  const bundle = await artifactOf("bundle", folder, { format: "cjs", main: "app.cjs" });
  const { folder: stripped } = await strip("javascript", bundle);
  expect(await run(stripped, "app.cjs")).toEqual(["true,false", "true"]);
});

test("names may go where the bundle has not pinned them", async () => {
  const bundle = await makeBundle(false);
  const kept = await strip("javascript", bundle);
  const { folder, output } = await strip("javascript", bundle, { keepNames: false });
  expect(output.meta["bytes"]).toBeLessThan(Number(kept.output.meta["bytes"]));
  expect(await readFile(path.join(folder, "app.cjs"), "utf8")).not.toContain("aRatherLongFunctionName");
});

test("names that are pinned are not pinned again", async () => {
  const { output } = await strip("javascript", await makeBundle(true));
  const code = (await output.read("app.cjs")).toString();
  expect(code.match(/aRatherLongFunctionName/g)).toHaveLength(1);
});

test("drop leaves statements out, without minification too", async () => {
  const bundle = await makeBundle(true);
  const { folder } = await strip("javascript", bundle, { minify: false, drop: ["console", "debugger"] });
  const code = await readFile(path.join(folder, "app.cjs"), "utf8");
  expect(code).not.toContain("console.");
  expect(code).not.toContain("debugger");
  expect(code).toContain("aRatherLongFunctionName");
});

test("with nothing to do the files stay as they are", async () => {
  const bundle = await makeBundle(true);
  const { output } = await strip("javascript", bundle, { minify: false, sourcesContent: true });
  expect(output.meta).toEqual({ ...bundle.meta, bytes: expect.any(Number), sourceMap: "embedded" });
  for (const { path: name } of bundle.files) expect(await output.read(name)).toEqual(await bundle.read(name));
});

test("a bundle without a source map", async () => {
  const folder = await makeFolder();
  await writeFile(path.join(folder, "x.mjs"), "const longName = 1;\nexport default longName + longName;\n");
  const bundle = await artifactOf("bundle", folder, { main: "x.mjs", format: "esm" });
  const { output } = await strip("javascript", bundle);
  expect(output.files.map((file) => file.path)).toEqual(["x.mjs"]);
  expect((await output.read("x.mjs")).toString()).toMatch(/^const \w=1;/);
});

test("SBP_STRIP_BUNDLE: no main file, or none that is JavaScript", async () => {
  const folder = await makeFolder();
  await writeFile(path.join(folder, "x.mjs"), "const = 1;\n");
  for (const meta of [{}, { main: "y.mjs" }, { main: "x.mjs", format: "esm" }]) {
    const error = await strip("javascript", await artifactOf("bundle", folder, meta)).catch((error) => error);
    expect(isSbpError(error) && error.code).toBe("SBP_STRIP_BUNDLE");
  }
});

test("cancelling", async () => {
  const reason = new Error("stop");
  const cancelled = strip("javascript", await makeBundle(true), {}, AbortSignal.abort(reason));
  await expect(cancelled).rejects.toBe(reason);
});
