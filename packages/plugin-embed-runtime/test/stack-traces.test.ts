import { SourceMap } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { testedVersions } from "../../../tools/test-runtimes.ts";
import { type AppBuilder, appBuilder, appFiles, packOf, run } from "./app.ts";
import { bundleTypescript, placeOf } from "./typescript-app.ts";

/** Before Node 26, V8 takes the name of a class from its minified text. */
const greet = (place: string) => expect.stringMatching(new RegExp(`^    at \\w+\\.greet \\(${place}\\)$`));
const thrown = placeOf("src/lib/greeter.ts", "new TypeError");
const ofMain = (text: string) => placeOf("src/main.ts", text);

describe.each(testedVersions)("on Node %s", (version) => {
  let builder: AppBuilder;
  beforeAll(async () => {
    builder = await appBuilder(version);
  });

  describe.each([
    ["esm", true],
    ["cjs", false],
  ] as const)("a bundle in %s, minified: %s", (format, minify) => {
    let app: string;
    beforeAll(async () => {
      const { code, map } = await bundleTypescript({ format, minify });
      app = (
        await builder.build(`main.${format === "esm" ? "mjs" : "cjs"}`, code, {
          map,
          meta: { keepNames: true },
        })
      ).path;
    });
    const face = async (name: string) => {
      const ended = await run(app, [name]);
      expect(ended).toMatchObject({ stderr: "", code: 0, signal: null });
      return ended.stdout.trimEnd().split("\n");
    };

    test("is not touched before an error's stack is asked for", async () => {
      expect(await face("hello")).toEqual(["hello 2 false"]);
    });

    test("a caught error's stack", async () => {
      const [message, first, second] = await face("caught");
      expect(message).toBe("TypeError: no greeting for x");
      expect(first).toEqual(greet(thrown));
      expect(second).toContain(ofMain(`greet()).stack),\n  dependency`));
    });

    test("code of a package", async () => {
      expect((await face("dependency"))[1]).toBe("    at shout (node_modules/shout/index.js:3:9)");
    });

    test("node's deprecation of what packages may use is not told for bundled ones", async () => {
      expect(await face("deprecatedInDependency")).toEqual(["by a package"]);
      const { stdout, stderr } = await run(app, ["deprecated"]);
      expect(stdout).toBe("by the app\n");
      expect(stderr).toContain("[DEP0005]");
    });

    test("nested functions", async () => {
      const lines = await face("nested");
      expect(lines.join("\n")).toContain("aLocalFunction");
      const deeper = placeOf("src/lib/greeter.ts", 'new Error("deep")');
      const local = placeOf("src/lib/greeter.ts", "evenDeeper();");
      expect(lines).toContain(`    at evenDeeper (${deeper})`);
      expect(lines).toContain(`    at aLocalFunction (${local})`);
    });

    test("the causes of an error that is printed", async () => {
      const lines = await face("cause");
      expect(lines).toContainEqual(expect.stringContaining(`(${ofMain('new Error("outer"')})`));
      expect(lines).toContainEqual(expect.stringContaining(`(${thrown})`));
    });

    test("an async stack", async () => {
      const [message, ...frames] = await face("async");
      expect(message).toBe("Error: late");
      expect(frames[0]).toContain(`(${ofMain("new Error(input.name)")})`);
      expect(frames[1]).toContain(`    at async awaiting (${ofMain("await afterAWhile")}`.slice(0, -2));
    });

    test("an uncaught error ends the app as before", async () => {
      const { stderr, code } = await run(app, ["uncaught"]);
      const lines = stderr.split("\n");
      expect(lines[lines.indexOf("TypeError: no greeting for x") + 1]).toEqual(greet(thrown));
      expect(code).toBe(1);
    });

    test("a rejected promise", async () => {
      const { stderr, code } = await run(app, ["rejected"]);
      expect(stderr).toContain(`(${ofMain("new Error(input.name)")})`);
      expect(code).toBe(1);
    });

    test("a handler of uncaught exceptions", async () => {
      const { stdout, stderr, code } = await run(app, ["exitCode"]);
      expect([stdout.trimEnd(), stderr, code]).toEqual([greet(thrown), "", 9]);
    });

    test("apps that look at the stack themselves", async () => {
      const [site, , first] = await face("callSite");
      expect(site).toMatch(/^\/sys\/sbp\/0\/main\.[cm]js true$/);
      expect(first).toEqual(greet(thrown));
      expect(await face("ownFormat")).toEqual([
        expect.stringMatching(/^mine: no greeting for x \/sys\/sbp\/0\/main\.[cm]js$/),
      ]);
      const [message, wrapped] = await face("wrappedFormat");
      expect(message).toBe("mine: TypeError: no greeting for x");
      expect(wrapped).toEqual(greet(thrown));
    });

    test("after a stack overflow, after a garbage collection, in frozen intrinsics, through files of the disk", async () => {
      expect((await face("overflow"))[1]).toEqual(greet(thrown));
      expect(await face("garbage")).toEqual([greet(thrown), greet(thrown)]);
      expect(await face("frozen")).toEqual([greet(thrown), greet(thrown)]);
      const [, onDisk, caller] = await face("disk");
      expect(onDisk).toMatch(/empty\/file\.cjs:1:30\)$/);
      expect(caller).toContain("(src/main.ts:");
    });
  });

  test("with the sources' text, an uncaught error shows the line that threw", async () => {
    const { code, map } = await bundleTypescript({ format: "esm", minify: true, sourcesContent: true });
    const { path } = await builder.build("main.mjs", code, { map });
    const { stderr } = await run(path, ["uncaught"]);
    expect(stderr.split("\n").slice(0, 6)).toEqual([
      "src/lib/greeter.ts:9",
      expect.stringMatching(/^ {4}if \(this\.name !== ""\) throw new TypeError/),
      `${" ".repeat(32)}^`,
      "",
      "TypeError: no greeting for x",
      greet(thrown),
    ]);
  });
});

describe("scripts that the app carries", () => {
  test("have stack traces of their own sources, in threads and processes", async () => {
    const builder = await appBuilder("26.10.0");
    const { code, map } = await bundleTypescript({ format: "esm", minify: true });
    const main = `
      const { fork } = require("node:child_process");
      const { join } = require("node:path");
      const { Worker } = require("node:worker_threads");
      new Worker(join(__dirname, "work.mts"), { argv: ["caught"] })
        .on("exit", () => fork(join(__dirname, "work.mts"), ["caught"]).on("exit", () =>
          fork(join(__dirname, "work.mts"), ["uncaught"])));`;
    const { path } = await builder.build("main.cjs", main, {
      map: JSON.stringify({ version: 3, sources: [], names: [], mappings: "" }),
      files: { "src/work.mts": `${code}//# sourceMappingURL=script.mjs.map\n` },
      scriptMaps: { "src/work.mts": map },
      meta: { place: "src/main.cjs", keepNames: true },
    });
    const { stdout, stderr } = await run(path);
    const lines = stdout.split("\n");
    expect(lines.filter((line) => line === "TypeError: no greeting for x")).toHaveLength(2);
    expect(lines.filter((line) => line.endsWith(`.greet (${thrown})`))).toHaveLength(2);
    expect(stderr).toContain(`.greet (${thrown})`);
    const again = await builder.rebuild(path);
    expect((await run(again.path)).stdout).toBe(stdout);
  });

  test("have their maps where the bundle's is", async () => {
    const builder = await appBuilder("26.10.0");
    const { code, map } = await bundleTypescript({ format: "esm", minify: true });
    const build = (sourceMap: string) =>
      builder.build("main.cjs", "", {
        map,
        files: { "src/work.mjs": code },
        scriptMaps: { "src/work.mjs": map },
        meta: { sourceMap },
      });
    const external = await build("external");
    expect(external.sourceMap.files.map((file) => file.path)).toEqual(["main.cjs.map", "src/work.mjs.map"]);
    expect((await packOf(external.path)).pack.info.scriptMaps).toBeUndefined();
    const none = await build("none");
    expect(none.sourceMap.files).toEqual([]);
    expect((await packOf(none.path)).pack.info.scriptMaps).toBeUndefined();
  });
});

describe("where the source map goes", () => {
  let builder: AppBuilder;
  let bundle: { code: string; map: string };
  beforeAll(async () => {
    builder = await appBuilder("26.10.0");
    bundle = await bundleTypescript({ format: "cjs", minify: true, sourcesContent: true });
  });

  const build = (sourceMap?: string) =>
    builder.build("main.cjs", bundle.code, { map: bundle.map, meta: sourceMap ? { sourceMap } : {} });

  test("embedded, unless the bundle says otherwise", async () => {
    const { path, artifact, sourceMap } = await build();
    expect(artifact.meta["sourceMap"]).toBe("embedded");
    expect(sourceMap.files).toEqual([]);
    const { pack } = await packOf(path);
    expect(appFiles(pack).map((file) => file.path)).toEqual([
      "main.cjs",
      ".sbp/source-map.cjs",
      ".sbp/source-map.json.br",
      ".sbp/sources-content.json.br",
    ]);
  });

  test("external: beside the executable, whose places it resolves", async () => {
    const { path, artifact, sourceMap } = await build("external");
    expect(artifact.meta["sourceMap"]).toBe("external");
    expect(sourceMap.files.map((file) => file.path)).toEqual(["main.cjs.map"]);
    expect(appFiles((await packOf(path)).pack).map((file) => file.path)).toEqual(["main.cjs"]);
    const { stdout } = await run(path, ["caught"]);
    const [, line, column] = /\(\/sys\/sbp\/0\/main\.cjs:(\d+):(\d+)\)/.exec(stdout)!;
    const map = new SourceMap(JSON.parse((await sourceMap.read("main.cjs.map")).toString()));
    expect(map.findEntry(Number(line) - 1, Number(column) - 1)).toMatchObject({
      originalSource: "src/lib/greeter.ts",
      originalLine: 8,
      originalColumn: 32,
    });
  });

  test("nowhere", async () => {
    const { path, artifact, sourceMap } = await build("none");
    expect(artifact.meta["sourceMap"]).toBe("none");
    expect(sourceMap.files).toEqual([]);
    const { pack } = await packOf(path);
    expect(pack.info.sourceMap).toBeUndefined();
    expect(appFiles(pack).map((file) => file.path)).toEqual(["main.cjs"]);
  });

  test("what is no source map is refused", async () => {
    const refused = async (map: string, meta = {}) =>
      expect(builder.build("main.cjs", bundle.code, { map, meta })).rejects;
    const invalid = { code: "SBP_BUNDLE_INVALID" };
    await (await refused("{")).toMatchObject(invalid);
    await (await refused("null")).toMatchObject(invalid);
    await (await refused('{"version":3,"sources":[]}')).toMatchObject(invalid);
    await (await refused('{"version":3,"mappings":""}')).toMatchObject(invalid);
    await (await refused(bundle.map, { sourceMap: "inline" })).toMatchObject(invalid);
  });

  test("mappings that make no sense do no harm", async () => {
    const mappings = ";;;,,AAAA!,zzzzzzzzzzzzzzzz,A,,AAggggggggggggB";
    const map = JSON.stringify({ version: 3, sources: [null], names: [], mappings: mappings.repeat(100) });
    const { path } = await builder.build("main.cjs", bundle.code, { map });
    const { stdout, stderr, code } = await run(path, ["caught"]);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(stdout).toContain("TypeError: no greeting for x\n    at ");
  });
});
