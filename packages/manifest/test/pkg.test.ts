import { brotliCompressSync, gzipSync } from "node:zlib";
import { fromBytes, loadedRanges, readElf } from "@sbp/executable";
import { describe, expect, test } from "vitest";
import { base, contentSize, sample, sampleSegments } from "../../executable/test/sample.ts";
import { type Identified, identify, ManifestError } from "../src/index.ts";

/* What pkg appends, made by hand: its own form in all variants, and what nobody's pkg makes. Real ones are in pkg.slow.test.ts. */

const program = Buffer.from(sample());

type Contents = Readonly<Record<string, string>>;
const app: Contents = {
  "/snapshot/shop/main.js": "require('a')",
  "/snapshot/shop/package.json": '{"name":"shop","version":"2.1.0"}',
  "/snapshot/shop/node_modules/a/package.json": '{"name":"a","version":"1.0.0","license":"MIT"}',
  "/snapshot/shop/node_modules/a/lib/index.js": "a",
  "/snapshot/shop/node_modules/a/lib/package.json": '{"type":"module"}',
  "/snapshot/shop/node_modules/a/node_modules/@s/b/package.json": '{"name":"@s/b","version":"2.0.0"}',
  "/snapshot/shop/node_modules/alias/package.json": '{"name":"real","version":"3.0.0"}',
  "/snapshot/shop/node_modules/.pnpm/c@1.0.0/node_modules/c/package.json": '{"name":"c","version":"1.0.0"}',
  "/snapshot/shop/node_modules/broken/package.json": "{",
  "/snapshot/shop/node_modules/none/index.js": "none",
};

interface Made {
  readonly files?: Contents;
  readonly pack?: (bytes: Buffer) => Buffer;
  /** pkg's number for it; paths are then by numbers. */
  readonly compression?: number;
  readonly entry?: string;
  /** The lines of arguments, to change them. */
  readonly change?: (lines: string[]) => string[];
  readonly behind?: Buffer;
}

function appended({
  files = app,
  pack = (bytes) => bytes,
  compression = 0,
  entry = "/snapshot/shop/main.js",
  change = (lines) => lines,
  behind = Buffer.alloc(0),
}: Made = {}): Buffer {
  const names: Record<string, string> = {};
  const short = (path: string) =>
    path
      .split("/")
      .map((name) => (names[name] ??= Object.keys(names).length.toString(36)))
      .join("/");
  const contents: Buffer[] = [];
  let size = 0;
  const add = (bytes: Buffer) => {
    contents.push(bytes);
    size += bytes.length;
    return [size - bytes.length, bytes.length];
  };
  const list = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      compression > 0 ? short(path) : path,
      // Of scripts the bytecode, and of one of them nothing else; the stat of each.
      {
        ...(path.endsWith(".js") && { 0: add(Buffer.from("bytecode")) }),
        ...(!path.endsWith("main.js") && { 1: add(pack(Buffer.from(text))) }),
        3: add(Buffer.from("{}")),
      },
    ]),
  );
  const lines = change([list, entry, {}, names, compression].map((value) => JSON.stringify(value)));
  const script =
    "(function(process, require, console, EXECPATH_FD, PAYLOAD_POSITION, PAYLOAD_SIZE) { return (function () {\n" +
    `process.versions.pkg = '5.8.1';\n})(function (exports) {\n},\n${lines.join("\n,\n")}\n);\n})`;
  return Buffer.concat([program, ...contents, Buffer.from(script), behind]);
}

const told = async (bytes: Buffer) => {
  const found = await identify(fromBytes(bytes));
  if (found?.what !== "pkg") throw new Error(`it is ${found?.what}`);
  return found;
};
const versions = async (bytes: Buffer) =>
  (await told(bytes)).packages.map(({ name, version }) => `${name} ${version}`);
const all = ["@s/b 2.0.0", "a 1.0.0", "broken undefined", "c 1.0.0", "none undefined", "real 3.0.0"];

test("the app, its packages by their own names with all their files, and what is not known", async () => {
  expect(await told(appended())).toEqual({
    what: "pkg",
    target: "linux-x64",
    size: appended().length,
    runtimeVersion: undefined,
    app: { name: "shop", version: "2.1.0" },
    packages: [
      { name: "@s/b", version: "2.0.0", files: ["package.json"] },
      {
        name: "a",
        version: "1.0.0",
        license: "MIT",
        files: ["lib/index.js", "lib/package.json", "package.json"],
      },
      { name: "broken", files: ["package.json"] },
      { name: "c", version: "1.0.0", files: ["package.json"] },
      { name: "none", files: ["index.js"] },
      { name: "real", version: "3.0.0", files: ["package.json"] },
    ],
    facts: [
      "made by pkg 5.8.1",
      "it starts shop/main.js",
      "10 files",
      "1 scripts are there as bytecode, without their source",
    ],
    unknown: [
      expect.stringContaining("bundled into its own scripts"),
      "in which versions 2 of its packages are: their package.json cannot be read",
    ],
  });
});

describe("every form that pkg has had", () => {
  test.each([
    ["gzip", 1, gzipSync],
    ["Brotli", 2, brotliCompressSync],
  ] as const)("contents compressed by %s, with paths by numbers", async (_, compression, pack) => {
    expect(await versions(appended({ compression, pack }))).toEqual(all);
  });

  test("before pkg 5: without symbolic links and numbers", async () => {
    expect(await versions(appended({ change: (lines) => lines.slice(0, 2) }))).toEqual(all);
  });

  test("for Windows: with its paths", async () => {
    const windows = (path: string) => `C:${path.replaceAll("/", "\\")}`;
    const files = Object.fromEntries(Object.entries(app).map(([path, text]) => [windows(path), text]));
    const found = await told(appended({ files, entry: windows("/snapshot/shop/main.js") }));
    expect(found.app).toEqual({ name: "shop", version: "2.1.0" });
    expect(found.packages).toHaveLength(all.length);
  });

  test("with bytes behind it that align a signature", async () => {
    expect(await versions(appended({ behind: Buffer.alloc(7) }))).toEqual(all);
  });

  test("compressed in a way that comes later: the files are told, versions are not known", async () => {
    const found = await told(appended({ compression: 7 }));
    expect(found.packages.map(({ version }) => version)).toEqual(found.packages.map(() => undefined));
    expect(found.facts).toContain("10 files, compressed (unknown)");
  });

  test("the Node of pkg without what it should carry is no Node without an app", async () => {
    // As pkg-fetch's Node has them among its constants.
    const texts =
      "https://nodejs.org/download/release/v18.5.0/node-v18.5.0-headers.tar.gz\0PKG_DUMMY_ENTRYPOINT\0";
    const bytes = Buffer.from(program);
    const [largest] = [...loadedRanges(await readElf(fromBytes(program)))].sort((a, b) => b.size - a.size);
    bytes.write(texts, largest!.offset + largest!.size - texts.length, "latin1");
    expect(await told(bytes)).toMatchObject({
      runtimeVersion: "18.5.0",
      packages: [],
      unknown: [expect.stringContaining("which files and packages")],
    });
  });
});

describe("what pkg never makes", () => {
  const replaced = (index: number, text: string) => (lines: string[]) => lines.with(index, text);
  const many = (count: number, member: (nr: number) => string) =>
    `{${Array.from({ length: count }, (_, nr) => member(nr)).join(",")}}`;
  test.each<[string, Made, string]>([
    ["a list that is none", { change: replaced(0, "[]") }, "MANIFEST_MALFORMED"],
    ["a list that ends within", { change: replaced(0, '{"/snapshot/a":{"1":[0,1]},') }, "MANIFEST_MALFORMED"],
    ["a place that is none", { change: replaced(0, '{"/snapshot/a":{"1":[0,-1]}}') }, "MANIFEST_MALFORMED"],
    [
      "contents longer than the file",
      { change: replaced(0, '{"/a":{"1":[0,999999999]}}') },
      "MANIFEST_MALFORMED",
    ],
    ["a name that is no JSON", { change: replaced(0, '{"\\q":{"1":[0,1]}}') }, "MANIFEST_MALFORMED"],
    ["a start that is no text", { change: replaced(1, "7") }, "MANIFEST_MALFORMED"],
    ["a number without a name", { compression: 1, change: replaced(3, '{"a":"1"}') }, "MANIFEST_MALFORMED"],
    ["one argument", { change: (lines) => lines.slice(0, 1) }, "MANIFEST_MALFORMED"],
    ["six arguments", { change: (lines) => [...lines, "0"] }, "MANIFEST_MALFORMED"],
    [
      "a path without an end",
      { change: replaced(0, `{"${"a".repeat(5000)}":{"1":[0,1]}}`) },
      "MANIFEST_MALFORMED",
    ],
    ["a list larger than any", { change: replaced(0, " ".repeat(20 << 20)) }, "MANIFEST_TOO_LARGE"],
    [
      "more files than any",
      {
        change: replaced(
          0,
          many(300_000, (nr) => `"${nr}":{"1":[0,1]}`),
        ),
      },
      "MANIFEST_TOO_LARGE",
    ],
    [
      "paths that numbers blow up",
      {
        compression: 1,
        change: (lines) =>
          lines
            .with(
              0,
              many(50_000, (nr) => `"${"1/".repeat(3)}${nr.toString(36)}":{"1":[0,1]}`),
            )
            .with(
              3,
              many(50_000, (nr) => `"${"x".repeat(nr === 1 ? 1000 : 3)}${nr}":"${nr.toString(36)}"`),
            ),
      },
      "MANIFEST_TOO_LARGE",
    ],
    [
      "packages that all share one large package.json",
      {
        files: { "/snapshot/a": `{"name":"${"x".repeat(200_000)}"}` },
        change: replaced(
          0,
          many(1000, (nr) => `"/node_modules/a${nr}/package.json":{"1":[2,200011]}`),
        ),
      },
      "MANIFEST_TOO_LARGE",
    ],
  ])("%s: a typed error", async (_, made, code) => {
    const error = await identify(fromBytes(appended(made))).catch((error) => error);
    expect(error).toBeInstanceOf(ManifestError);
    expect(error.code).toBe(code);
  });

  test("a package.json that becomes gigabytes is not read", async () => {
    const bomb = gzipSync(Buffer.alloc(64 << 20, 0x20));
    const found = await told(
      appended({ compression: 1, pack: () => bomb, files: { "/snapshot/node_modules/a/package.json": "" } }),
    );
    expect(found.packages).toEqual([{ name: "a", files: ["package.json"] }]);
  });

  test("any byte of it changed, or any end cut off: told as far as it goes, or a typed error", async () => {
    const whole = appended();
    const variants = Array.from({ length: whole.length - program.length }, (_, at) => {
      const changed = Buffer.from(whole);
      changed[program.length + at]! ^= 1 << (at % 8);
      return [changed, whole.subarray(0, program.length + at)];
    });
    for (const bytes of variants.flat()) {
      const found: Identified | ManifestError | undefined = await identify(fromBytes(bytes)).catch(
        (error) => error,
      );
      if (!(found instanceof ManifestError)) expect(["pkg", "other"]).toContain(found?.what);
    }
  });
});

describe("as a single executable application", () => {
  /** A payload of Node's with these assets (src/node_sea.cc). */
  function payload(assets: Readonly<Record<string, string>>): Buffer {
    const text = (value: string) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(Buffer.byteLength(value)));
      return Buffer.concat([length, Buffer.from(value)]);
    };
    const head = Buffer.alloc(8);
    head.writeUInt32LE(0x0143da20);
    head.writeUInt32LE(8, 4);
    const count = Buffer.alloc(8);
    count.writeBigUInt64LE(BigInt(Object.keys(assets).length));
    const pairs = Object.entries(assets).flatMap(([name, value]) => [text(name), text(value)]);
    return Buffer.concat([head, text("/tmp/sea-main.js"), text("main()"), count, ...pairs]);
  }

  /** A program with it in a note, as Node looks for it. */
  function application(assets: Readonly<Record<string, string>>): Buffer {
    const blob = payload(assets);
    const head = Buffer.alloc(12);
    for (const [index, value] of ["NODE_SEA_BLOB\0".length, blob.length, 0].entries())
      head.writeUInt32LE(value, index * 4);
    const note = Buffer.concat([head, Buffer.from("NODE_SEA_BLOB\0\0\0"), blob, Buffer.alloc(3)]);
    const segments = sampleSegments();
    const place = { offset: contentSize, address: base + 0x10000, fileSize: note.length - (note.length % 4) };
    segments[3] = { type: 4, alignment: 4, ...place };
    return Buffer.concat([sample({}, segments), note]);
  }

  const json = '{"name":"a","version":"1.0.0"}';
  const list = (offsets: object, more = {}) =>
    JSON.stringify({ entrypoint: "/snapshot/shop/main.js", stats: {}, symlinks: {}, offsets, ...more });
  const offsets = { "/shop/node_modules/a/package.json": [1, json.length] };

  test("its assets are told from", async () => {
    const found = await told(
      application({ __pkg_manifest__: list(offsets, { debug: true }), __pkg_archive__: ` ${json}` }),
    );
    expect(found.packages).toEqual([{ name: "a", version: "1.0.0", files: ["package.json"] }]);
    expect(found.facts).toEqual(["it starts shop/main.js", "1 files"]);
  });

  test("others are those of some other app", async () => {
    const bytes = application({ __pkg_manifest__: list(offsets) });
    expect(await identify(fromBytes(bytes))).toMatchObject({ what: "node-sea" });
  });

  test.each<[string, string]>([
    ["a list that is no JSON", "hello"],
    ["a list without places", '{"entrypoint":"/snapshot/a"}'],
    ["a file behind the end", list({ "/a": [0, 1000] })],
    ["a place that is none", list({ "/a": "0" })],
  ])("%s: a typed error", async (_, manifest) => {
    const bytes = application({ __pkg_manifest__: manifest, __pkg_archive__: ` ${json}` });
    const error = await identify(fromBytes(bytes)).catch((error) => error);
    expect(error).toBeInstanceOf(ManifestError);
    expect(error.code).toBe("MANIFEST_MALFORMED");
  });
});
