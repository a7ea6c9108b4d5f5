import { execFile } from "node:child_process";
import { copyFile, open, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { appendEdit, applyEdit, elfTail, fromFile, planElfTemplate, readElf } from "@sbp/executable";
import { headerLength, packMagic } from "@sbp/manifest";
import { beforeAll, describe, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { readBuildFacts } from "../src/build-facts.ts";
import { packedApps } from "../src/index.ts";
import { makePack } from "../src/pack.ts";
import { readPackIndex } from "../src/pack-reader.ts";
import { commonJsScript } from "../src/script.ts";
import { type AppBuilder, appBuilder, packOf, scratchFolder } from "./app.ts";

const run = promisify(execFile);
const { readPackedApp } = await packedApps();
let builder: AppBuilder;
let built: string;
let folder: string;

beforeAll(async () => {
  folder = await scratchFolder();
  builder = await appBuilder("26.10.0");
  built = (await builder.build("main.mjs", `import { sep } from "node:path";\nconsole.log("ü", sep);\n`))
    .path;
});

async function copy(name: string): Promise<string> {
  const file = join(folder, name);
  await copyFile(built, file);
  return file;
}

/** The code of the refusal; what is no SbpError is a bug. */
async function refusal(file: string): Promise<string> {
  try {
    await readPackedApp(file);
    return "none";
  } catch (error) {
    expect(error).toMatchObject({ name: "SbpError" });
    return (error as { code: string }).code;
  }
}

describe("an executable", () => {
  test("tells how it was made, and gives its main script back", async () => {
    const app = await readPackedApp(built);
    expect(app.build).toEqual({
      target: "linux-x64",
      app: { name: "@acme/app", version: "1.0.0" },
      name: "app",
      node: { version: "26.10.0" },
      codeCache: true,
      strip: [],
      selfContained: true,
    });
    expect(app).toMatchObject({ size: (await stat(built)).size, codeCache: true, signed: false });
    expect(app.meta).toMatchObject({ format: "packed", main: "main.mjs" });
    expect(app.files.map(({ path }) => path)).toEqual(["main.mjs"]);
    const [{ offset, size }] = app.files as [(typeof app.files)[0]];
    const { head, foot, module } = app.meta.scripts["main.mjs"]!;
    expect(module).toBe(true);
    const main = (await readFile(built)).subarray(offset + head, offset + size - foot);
    expect(main.toString()).toMatch(/^;\s+;\nconsole\.log\("ü", sep\);\n$/);
  });

  test("says the same whatever folder it was made in", async () => {
    const { pack, bytes, start } = await packOf(built);
    expect(pack.info.build).toEqual((await readPackedApp(built)).build);
    const info = bytes
      .subarray(start + bytes.readUInt32LE(start + 28))
      .subarray(0, bytes.readUInt32LE(start + 32));
    expect(info.toString()).toMatch(
      /^\{"build":\{"app":\{"name":"@acme\/app","version":"1\.0\.0"\},"codeCache":true,/,
    );
    expect(info.toString()).not.toContain(folder);
  });
});

describe("refused is", () => {
  test("what is no executable, or carries no app of sbp's", async () => {
    const text = join(folder, "text");
    await writeFile(text, "#!/bin/sh\n");
    const empty = join(folder, "empty");
    await writeFile(empty, "");
    for (const file of [text, empty, "/bin/ls", process.execPath]) {
      expect(await refusal(file), file).toBe("SBP_REBASE_NO_APP");
    }
    const foreign = { "darwin-arm64": "26.10.0", "win32-x64": "26.10.0", "linux-arm64": "26.10.0" };
    for (const [target, version] of Object.entries(foreign))
      expect(await refusal(await testRuntime(version, target)), target).toBe("SBP_REBASE_NO_APP");
  });

  test("what is not there, or no file", async () => {
    for (const file of [join(folder, "none"), folder]) expect(await refusal(file)).toBe("SBP_REBASE_FILE");
  });

  test("a single executable application of another tool", async () => {
    const node = await testRuntime("26.10.0", "linux-x64");
    await writeFile(join(folder, "main.js"), "console.log(1)");
    await writeFile(join(folder, "pack"), Buffer.concat(makePack([], { main: "main.js" }, 0)));
    const config = { main: "main.js", output: "blob", assets: { pack: "pack" } };
    await writeFile(join(folder, "sea.json"), JSON.stringify(config));
    await run(node, ["--experimental-sea-config", "sea.json"], { cwd: folder });
    const handle = await open(node);
    const { edit, template } = planElfTemplate(await readElf(await fromFile(handle)), {
      noteName: "NODE_SEA_BLOB",
    });
    await applyEdit(node, join(folder, "template"), edit);
    await handle.close();
    const blob = await open(join(folder, "blob"));
    const tail = elfTail(template, [await blob.readFile()]);
    await blob.close();
    await applyEdit(join(folder, "template"), join(folder, "sea"), appendEdit(template.size, tail));
    expect(await refusal(join(folder, "sea"))).toBe("SBP_REBASE_NO_APP");
  });

  test("one that is cut short, wherever", async () => {
    const file = await copy("short");
    const { size } = await stat(file);
    const { start } = await packOf(file);
    const lengths = [
      size - 1,
      size - 9,
      start + 500,
      start + 60,
      start + 1,
      start - 4,
      start - 3000,
      start >> 1,
      5000,
      64,
      20,
      3,
    ];
    for (const length of lengths) {
      await truncate(file, length);
      const code = await refusal(file);
      expect(["SBP_REBASE_DAMAGED", "SBP_REBASE_NO_APP"], `${length} bytes`).toContain(code);
      if (length > 5000) expect(code, `${length} bytes`).toBe("SBP_REBASE_DAMAGED");
    }
  });

  test("one whose bytes were changed, unless it still says something that holds together", async () => {
    const file = await copy("changed");
    const { start, bytes } = await packOf(file);
    const handle = await open(file, "r+");
    // The end of the blob's head, the pack's header, entries and info.
    for (let at = start - 16; at < start + 420; at++) {
      for (const value of [0, 0xff, bytes[at]! ^ 1]) {
        await handle.write(Buffer.from([value]), 0, 1, at);
        expect(["none", "SBP_REBASE_DAMAGED", "SBP_REBASE_FORMAT", "SBP_REBASE_NO_APP"]).toContain(
          await refusal(file),
        );
      }
      await handle.write(bytes, at, 1, at);
    }
    await handle.close();
    expect(await refusal(file)).toBe("none");
  });

  test("the pack of another version, and one that tells nothing", async () => {
    const file = await copy("version");
    const { start, bytes } = await packOf(file);
    const handle = await open(file, "r+");
    await handle.write(Buffer.from([2]), 0, 1, start + 8);
    expect(await refusal(file)).toBe("SBP_REBASE_FORMAT");
    await handle.write(bytes, start + 8, 1, start + 8);
    const told = bytes.indexOf('"codeCache"', start);
    await handle.write(Buffer.from('"codeCachf"'), 0, 11, told);
    expect(await refusal(file)).toBe("SBP_REBASE_FORMAT");
    await handle.close();
  });

  test("an app for another target than the executable's", async () => {
    const file = await copy("target");
    const { start, bytes } = await packOf(file);
    const handle = await open(file, "r+");
    await handle.write(Buffer.from("win32-x64"), 0, 9, bytes.indexOf("linux-x64", start));
    expect(await refusal(file)).toBe("SBP_REBASE_DAMAGED");
    await handle.close();
  });
});

describe("facts", () => {
  const facts = {
    target: "darwin-arm64",
    app: { name: "app", version: "1.0.0" },
    name: "app",
    node: { version: "26.10.0" },
    codeCache: true,
    strip: [{ symbols: "strip", locales: ["en"], encodings: "none", segmentation: ["th"] }],
  };

  test("are read as they were written", () => {
    expect(readBuildFacts(facts)).toEqual(facts);
    const own = { ...facts, node: { version: "26.10.0-nightly.1", own: true } };
    expect(readBuildFacts(own)).toEqual(own);
    const mac = {
      ...facts,
      macos: {
        identifier: "com.example.app",
        entitlements: {
          "com.apple.security.cs.allow-jit": true,
          "com.example.text": "a",
          "com.example.list": ["b"],
        },
        hardenedRuntime: false,
      },
    };
    expect(readBuildFacts(mac)).toEqual(mac);
    const windows = {
      ...facts,
      target: "win32-arm64",
      windows: {
        icon: true,
        productName: "Ä",
        fileVersion: "1.2",
        subsystem: "gui",
        url: "https://example.com/",
      },
    };
    expect(readBuildFacts(windows)).toEqual(windows);
  });

  test.each([
    ["nothing", undefined],
    ["a list", []],
    ["a target that there is not", { ...facts, target: "plan9-x64" }],
    ["a name that leads elsewhere", { ...facts, name: "../../etc/passwd" }],
    ["a name with a NUL", { ...facts, name: "a\0b" }],
    ["a name of dots", { ...facts, name: ".." }],
    ["a version that is a range", { ...facts, node: { version: ">=1" } }],
    ["an app without a version", { ...facts, app: { name: "app" } }],
    ["a strip that is a text", { ...facts, strip: ["en"] }],
    ["too many steps", { ...facts, strip: Array(11).fill({}) }],
    ["locales that are no texts", { ...facts, strip: [{ locales: [1] }] }],
    ["what is said of another platform", { ...facts, windows: {} }],
    ["two platforms", { ...facts, windows: {}, macos: {} }],
    ["a platform that is a text", { ...facts, macos: "gui" }],
    ["an identifier that is none", { ...facts, macos: { identifier: "../a" } }],
    ["entitlements that are a path", { ...facts, macos: { entitlements: "/etc/passwd" } }],
    ["entitlements of numbers", { ...facts, macos: { entitlements: { a: 1 } } }],
    ["entitlements of lists of lists", { ...facts, macos: { entitlements: { a: [["b"]] } } }],
    ["a huge entitlement", { ...facts, macos: { entitlements: { a: "b".repeat(70_000) } } }],
    ["a certificate", { ...facts, macos: { certificate: "/etc/passwd" } }],
    ["an icon that is a path", { ...facts, target: "win32-x64", windows: { icon: "/etc/passwd" } }],
    ["a password", { ...facts, target: "win32-x64", windows: { passwordEnv: "HOME" } }],
    ["details of two lines", { ...facts, target: "win32-x64", windows: { companyName: "a\nb" } }],
    [
      "a version that Windows does not know",
      { ...facts, target: "win32-x64", windows: { fileVersion: "v1" } },
    ],
    ["a subsystem that there is not", { ...facts, target: "win32-x64", windows: { subsystem: "posix" } }],
    ["an inherited name", { ...facts, target: "win32-x64", windows: JSON.parse('{"__proto__": "x"}') }],
    ["something new", { ...facts, sealed: true }],
    ["something new about strip", { ...facts, strip: [{ symbols: "strip", emoji: "none" }] }],
  ])("are refused with %s", (_, value) => {
    expect(readBuildFacts(value)).toBeUndefined();
  });
});

test("a pack that claims a huge index costs no memory", async () => {
  const header = Buffer.alloc(headerLength);
  header.write(packMagic, 0, "latin1");
  for (const [index, field] of [1, 0x700_0000, 64, 64, 1 << 20, 64, 10, 0xffff_ffff].entries())
    header.writeUInt32LE(field, 8 + 4 * index);
  const reads: number[] = [];
  const source = {
    size: 0xffff_ffff,
    async read(_: number, length: number) {
      reads.push(length);
      return header.subarray(0, length);
    },
  };
  await expect(readPackIndex(source)).rejects.toThrow(RangeError);
  expect(Math.max(...reads)).toBe(headerLength);
});

test("an index is read without the contents", async () => {
  const content = commonJsScript("run()");
  const pack = Buffer.concat(makePack([{ path: "a/main.cjs", content }], { main: "a/main.cjs" }, 0));
  const source = {
    size: pack.length,
    read: async (at: number, length: number) => pack.subarray(at, at + length),
  };
  const { info, files } = await readPackIndex(source);
  expect(info).toEqual({ main: "a/main.cjs" });
  const [{ offset, size }] = files.map((file) => file.content) as [{ offset: number; size: number }];
  expect(pack.subarray(offset, offset + size).toString()).toContain("run()");
});
