import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { decodeManifest, encodeManifest, ManifestError } from "../src/index.ts";
import { installedPackages, manifestOf } from "./installed-packages.ts";

const schema = JSON.parse(readFileSync(new URL("../manifest.schema.json", import.meta.url), "utf8"));
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);

const small = manifestOf([
  {
    name: "@scope/a",
    version: "1.0.0",
    license: "MIT",
    bundled: { bytes: 30, files: 2 },
    dependencies: [1],
    integrity: "sha512-AAAA",
    files: [
      { path: "lib/a.js", bytes: 10 },
      { path: "lib/b.js", bytes: 20 },
    ],
    removedFiles: ["index.js"],
    removedExports: { "lib/a.js": ["other"] },
  },
  { name: "b", version: "2.0.0", carried: { bytes: 5, files: 1 }, addons: 1, folders: ["node_modules/b"] },
]);

const encode = (value: unknown) => brotliCompressSync(JSON.stringify(value));
const code = async (read: Promise<unknown>) =>
  read.then(
    () => "none",
    (error) => (error instanceof ManifestError ? error.code : `${error}`),
  );

describe("a manifest", () => {
  test("comes back as it was, with its details and without", async () => {
    const { manifest, details } = await encodeManifest(small);
    expect(await decodeManifest(manifest, details)).toEqual(small);
    const core = await decodeManifest(manifest);
    expect(core.packages[0]).toEqual({
      name: "@scope/a",
      version: "1.0.0",
      license: "MIT",
      bundled: { bytes: 30, files: 2 },
      dependencies: [1],
    });
    expect(core.shaken).toBeUndefined();
  });

  test("is valid by its published schema, with its details and without", async () => {
    const { manifest, details } = await encodeManifest(small);
    for (const one of [await decodeManifest(manifest), await decodeManifest(manifest, details)])
      expect(validate(one), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...small, packages: [{ name: "a" }] })).toBe(false);
    expect(validate({ ...small, surprise: 1 })).toBe(false);
  });

  test("of 400 real packages has less than 8 kB, and any program reads it as JSON", async () => {
    const packages = installedPackages(400);
    expect(packages.length).toBe(400);
    const all = manifestOf(packages);
    const { manifest, details } = await encodeManifest(all);
    expect(manifest.length).toBeLessThan(8000);
    expect(await decodeManifest(manifest, details)).toEqual(all);
    expect(validate(JSON.parse(brotliDecompressSync(manifest).toString()))).toBe(true);
    // A SHA-512 of each alone has 25,600.
    expect(details.length).toBeLessThan(150_000);
  });

  test("is the same from the same facts", async () => {
    const [one, two] = await Promise.all([encodeManifest(small), encodeManifest(structuredClone(small))]);
    expect(Buffer.from(one.manifest)).toEqual(Buffer.from(two.manifest));
    expect(Buffer.from(one.details)).toEqual(Buffer.from(two.details));
  });
});

describe("a hostile manifest", () => {
  const { dependencies: _, ...app } = small.app;
  const plain = { ...small, app, packages: [{ name: "a", version: "1" }] };
  const changed = (change: Readonly<Record<string, unknown>>) => encode({ ...plain, ...change });
  const withPackage = (change: Readonly<Record<string, unknown>>) => ({
    packages: [{ ...plain.packages[0], ...change }],
  });

  test("is what a good one is not", async () => {
    expect(await code(decodeManifest(encode(plain)))).toBe("none");
  });

  test("of another format is told from a damaged one", async () => {
    expect(await code(decodeManifest(changed({ format: 2 })))).toBe("MANIFEST_VERSION");
    expect(await code(decodeManifest(changed({ format: undefined })))).toBe("MANIFEST_MALFORMED");
  });

  test("that is cut short, changed or random, is refused or read", async () => {
    const { manifest } = await encodeManifest(small);
    for (let end = 0; end < manifest.length; end += 7)
      expect(await code(decodeManifest(manifest.subarray(0, end)))).toBe("MANIFEST_MALFORMED");
    for (let at = 0; at < manifest.length; at += 5) {
      const damaged = Buffer.from(manifest);
      damaged[at]! ^= 0x55;
      expect(await code(decodeManifest(damaged))).toMatch(/^(?:none|MANIFEST_\w+)$/);
    }
    for (let size = 1; size < 3000; size *= 3)
      expect(await code(decodeManifest(randomBytes(size)))).toMatch(/^MANIFEST_(?:MALFORMED|TOO_LARGE)$/);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["a dependency that is not there", withPackage({ dependencies: [1] })],
    ["a negative dependency", withPackage({ dependencies: [-1] })],
    ["dependencies twice", withPackage({ dependencies: [0, 0] })],
    ["an addon of no package", { addons: [{ path: "a", bytes: 1, package: 7 }] }],
    ["a name that is no text", withPackage({ name: { toString: 1 } })],
    ["an endless name", withPackage({ name: "a".repeat(5000) })],
    ["a size that is no number", { app: { ...app, bytes: "1" } }],
    ["a size without an end", { app: { ...app, bytes: 2 ** 60 } }],
    ["packages that are no list", { packages: { length: 1 } }],
    ["another runtime", { runtime: { name: "deno", version: "2" } }],
    ["no app", { app: undefined }],
  ])("with %s is refused", async (_, change) => {
    expect(await code(decodeManifest(changed(change)))).toBe("MANIFEST_MALFORMED");
  });

  test.each<[string, unknown]>([
    ["of other packages", { packages: [{}, {}] }],
    ["with files that are not bundled", { packages: [{ files: [{ path: "a", bytes: 1 }] }] }],
    ["that are no object", []],
  ])("with details %s is refused", async (_, details) => {
    expect(await code(decodeManifest(encode(plain), encode(details)))).toBe("MANIFEST_MALFORMED");
  });

  test("that becomes gigabytes is refused before it does", async () => {
    const bomb = brotliCompressSync(Buffer.alloc(80 << 20, 0x20), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5 },
    });
    expect(bomb.length).toBeLessThan(10_000);
    expect(await code(decodeManifest(bomb))).toBe("MANIFEST_TOO_LARGE");
    expect(await code(decodeManifest(encode(plain), bomb))).toBe("MANIFEST_TOO_LARGE");
    expect(await code(decodeManifest(new Uint8Array(5 << 20)))).toBe("MANIFEST_TOO_LARGE");
  });

  test("that nests without an end is refused", async () => {
    const deep = brotliCompressSync(`{"format":1,"packages":${"[".repeat(1_000_000)}`);
    expect(await code(decodeManifest(deep))).toBe("MANIFEST_MALFORMED");
    const closed = "[".repeat(100_000) + "]".repeat(100_000);
    expect(await code(decodeManifest(brotliCompressSync(`{"format":1,"packages":${closed}}`)))).toBe(
      "MANIFEST_MALFORMED",
    );
  });

  test("keeps no fields that nobody knows", async () => {
    const read = await decodeManifest(changed(withPackage({ surprise: 1 })));
    expect(read.packages).toEqual([{ name: "a", version: "1" }]);
  });
});
