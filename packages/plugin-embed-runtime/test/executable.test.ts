import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { fromBytes, readElf } from "@sbp/executable";
import { beforeAll, describe, expect, test } from "vitest";
import { type AppBuilder, appBuilder, appFiles, packOf, run } from "./app.ts";

let builder: AppBuilder;
beforeAll(async () => {
  builder = await appBuilder("26.10.0");
});

describe("an executable", () => {
  test("is the template and its tail, and says what is in it", async () => {
    const { path, artifact } = await builder.build("main.mjs", `console.log("ü")`);
    expect(artifact.files.map((file) => file.path)).toEqual(["app"]);
    const { pack, bytes } = await packOf(path);
    expect(artifact.meta).toEqual({
      target: "linux-x64",
      nodeVersion: "26.10.0",
      main: "main.mjs",
      codeCache: true,
      sourceMap: "none",
      payloadBytes: expect.any(Number),
    });
    const template = await readFile(await builder.template.path("node"));
    expect(bytes.subarray(0, template.length).equals(template)).toBe(true);
    // It ends at a multiple of 64 KiB.
    expect(bytes.length - template.length).toBeLessThanOrEqual(65_536);
    expect(bytes.length - template.length).toBeGreaterThan(artifact.meta["payloadBytes"] as number);
    expect(pack.info.main).toBe("main.mjs");
    expect(appFiles(pack)).toMatchObject([{ path: "main.mjs", ascii: false, script: { module: true } }]);
  });

  test("has its contents at multiples of 8 in memory, as V8 wants the code cache", async () => {
    const { path } = await builder.build("main.cjs", "console.log(1)");
    const { pack, address, bytes, start } = await packOf(path);
    const [main] = pack.files;
    for (const part of [main!.content, main!.codeCache!])
      expect((address + part.byteOffset - bytes.byteOffset - start) % 8).toBe(0);
  });

  test("is the same from the same input", async () => {
    const main = createRequire(import.meta.url).resolve("esbuild");
    const source = await readFile(main, "utf8");
    const builds = [await builder.build("main.cjs", source), await builder.build("main.cjs", source)];
    const [first, second] = await Promise.all(builds.map(({ path }) => readFile(path)));
    expect(first!.equals(second!)).toBe(true);
    expect(builds[0]!.artifact.meta["codeCache"]).toBe(true);
  });

  test("has the name of the option", async () => {
    const { artifact } = await builder.build("main.cjs", "", { name: "tool" });
    expect(artifact.files.map((file) => file.path)).toEqual(["tool"]);
  });

  test("may have its main file in a folder", async () => {
    const { path } = await builder.build(
      "lib/ü/main.mjs",
      "console.log(import.meta.dirname, import.meta.url)",
    );
    expect((await run(path)).stdout).toBe("/sys/sbp/0/lib/ü file:///sys/sbp/0/lib/%C3%BC/main.mjs\n");
  });

  test("does without a code cache", async () => {
    const { path, artifact } = await builder.build("main.cjs", "console.log(1)", { codeCache: false });
    expect(artifact.meta["codeCache"]).toBe(false);
    expect((await packOf(path)).pack.files[0]!.codeCache).toBeUndefined();
    expect(await run(path)).toMatchObject({ stdout: "1\n", stderr: "", code: 0 });
  });

  test("has a code cache where that pays, if it may choose", async () => {
    const small = await builder.build("main.cjs", "console.log(1)", { codeCache: "auto" });
    expect(small.artifact.meta["codeCache"]).toBe(false);
    const large = `console.log(1);\n${"function f() { return 1; }\n".repeat(1000)}`;
    const { path, artifact } = await builder.build("main.cjs", large, { codeCache: "auto" });
    expect(artifact.meta["codeCache"]).toBe(true);
    expect(await run(path)).toMatchObject({ stdout: "1\n", stderr: "", code: 0 });
  });

  test("for another processor is whole, without this host's code cache", async () => {
    const foreign = await appBuilder("26.10.0", "linux-arm64");
    const { path, artifact } = await foreign.build("main.cjs", "console.log(1)");
    expect(artifact.meta).toMatchObject({ target: "linux-arm64", codeCache: false });
    const { pack, bytes } = await packOf(path);
    expect(appFiles(pack)).toMatchObject([{ path: "main.cjs", codeCache: undefined }]);
    expect((await readElf(fromBytes(bytes))).header.machine).toBe("aarch64");
    expect((await stat(path)).mode & 0o111).toBe(0o111);
  });
});

describe("a bundle is refused", () => {
  const refused = async (main: string, source: string, meta = {}) =>
    expect(builder.build(main, source, { meta })).rejects;

  test("that imports what is not in it", async () => {
    await (await refused("main.mjs", `// first\nimport x from "lodash";`)).toMatchObject({
      code: "SBP_BUNDLE_IMPORT",
      message: `the bundle is not complete: it imports "lodash", which is no builtin module of Node`,
      location: { file: "main.mjs", line: 2, column: 1, lineText: `import x from "lodash";` },
    });
  });

  test("that imports what this version of Node does not have", async () => {
    const source =
      'import { join, nothing } from "node:path";\nimport "node:nonsense";\nimport fs, * as all from "node:fs";';
    await (await refused("main.mjs", source)).toMatchObject({
      code: "SBP_BUNDLE_BUILTIN",
      message: "Node 26.10.0 does not have what the app imports: nothing of node:path, node:nonsense",
    });
  });

  test("that is no JavaScript, though small", async () => {
    const built = builder.build("main.cjs", "let 1", { codeCache: "auto" });
    await expect(built).rejects.toMatchObject({ code: "SBP_BUNDLE_SYNTAX" });
  });

  test("that is no JavaScript", async () => {
    await (await refused("main.mjs", `let x = "`)).toMatchObject({
      code: "SBP_BUNDLE_SYNTAX",
      location: { file: "main.mjs", line: 1 },
    });
    await (await refused("main.cjs", `a;\nb;\nlet 1`)).toMatchObject({
      code: "SBP_BUNDLE_SYNTAX",
      message: "Node 26.10.0 cannot compile the bundle: SyntaxError: Unexpected number",
      location: { file: "main.cjs", line: 3 },
    });
  });

  test("that does not say what it is", async () => {
    await (await refused("main.cjs", "", { main: "other.cjs" })).toMatchObject({
      code: "SBP_BUNDLE_INVALID",
    });
    await (await refused("main.cjs", "", { main: 1 })).toMatchObject({ code: "SBP_BUNDLE_INVALID" });
    await (await refused("main.cjs", "", { format: "amd" })).toMatchObject({ code: "SBP_BUNDLE_INVALID" });
  });
});
