import { createHash } from "node:crypto";
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  buildLayer,
  bytesContent,
  type CompressionName,
  compressionOf,
  type KeyedContent,
  type Layer,
  LayerCache,
  readLayer,
  type TarEntry,
  verified,
  writeTar,
} from "../src/index.ts";
import { noise } from "./noise.ts";
import { collect, run, temporaryFolder } from "./tools.ts";

const text = Buffer.from("Some words that come again and again. ".repeat(1000));
const runtime = Buffer.concat([noise(300_000), text]);

/** Counts how often it is read. */
function keyed(bytes = runtime, key = "runtime 1"): KeyedContent & { reads: number } {
  return {
    ...bytesContent(bytes),
    key,
    reads: 0,
    read(...range) {
      this.reads++;
      return bytesContent(bytes).read(...range);
    },
  };
}

const app = (tail: string, content: KeyedContent = keyed()): TarEntry[] => [
  { type: "file", path: "app", mode: 0o755, content: [content, Buffer.from(tail)] },
  { type: "file", path: "etc/passwd", content: "root:x:0:0:root:/:\n" },
];

const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

async function expectWhole(layer: Layer): Promise<Buffer> {
  const bytes = await collect(verified(layer.content.read(), layer));
  expect(sha256(bytes)).toBe(layer.digest);
  return bytes;
}

test("gzip, zstd and none hold the archive, as the programs gzip and zstd see it", async () => {
  const folder = await temporaryFolder();
  const archive = await collect(writeTar(app("tail")));
  const programs: [CompressionName, string[]][] = [
    ["gzip", ["gzip", "-dc"]],
    ["zstd", ["zstd", "-dcq"]],
    ["none", ["cat"]],
  ];
  for (const [compression, [program, ...options]] of programs) {
    const layer = await buildLayer(app("tail"), { compression, folder });
    expect(layer.diffId).toBe(sha256(archive));
    await writeFile(join(folder, "blob"), await expectWhole(layer));
    const { stdout } = await run(program!, [...options, join(folder, "blob")], {
      encoding: "buffer",
      maxBuffer: 2 ** 24,
    });
    expect(stdout.equals(archive)).toBe(true);
  }
});

test("a layer is the same with and without the cache", async () => {
  const folder = await temporaryFolder();
  for (const compression of ["gzip", "zstd"] as const) {
    const cache = new LayerCache(join(folder, "cache"));
    const plain = await buildLayer(app("tail"), { compression, folder });
    const [first, again] = [
      await buildLayer(app("tail"), { compression, folder, cache }),
      await buildLayer(app("tail"), { compression, folder, cache }),
    ];
    for (const layer of [first, again]) {
      expect(layer).toMatchObject({ digest: plain.digest, diffId: plain.diffId, size: plain.size });
      expect((await expectWhole(layer)).equals(await expectWhole(plain))).toBe(true);
    }
  }
});

test("what is in the cache is not read again, while what comes before it is the same", async () => {
  const folder = await temporaryFolder();
  const cache = new LayerCache(join(folder, "cache"));
  const first = keyed();
  await buildLayer(app("one", first), { folder, cache });
  expect(first.reads).toBeGreaterThan(0);
  // Of the same length, so the file's header is the same.
  const second = keyed();
  const changed = await buildLayer(app("two", second), { folder, cache });
  expect(second.reads).toBe(0);
  const archive = gunzipSync(await expectWhole(changed));
  expect(sha256(archive)).toBe(changed.diffId);
  expect(archive.includes("two")).toBe(true);
  // With another length both hashes start anew, but nothing is compressed again.
  const third = keyed();
  const longer = await buildLayer(app("three", third), { folder, cache });
  expect(third.reads).toBe(1);
  expect(sha256(gunzipSync(await expectWhole(longer)))).toBe(longer.diffId);
  expect((await readdir(join(folder, "cache"))).filter((name) => name.endsWith(".segment"))).toHaveLength(1);
});

test("another key, size, compression or level is another segment", async () => {
  const folder = await temporaryFolder();
  const cache = new LayerCache(join(folder, "cache"));
  await buildLayer(app("x"), { folder, cache });
  await buildLayer(app("x"), { folder, cache, level: 1 });
  await buildLayer(app("x"), { folder, cache, compression: "zstd" });
  await buildLayer(app("x", keyed(runtime, "runtime 2")), { folder, cache });
  await buildLayer(app("x", keyed(runtime.subarray(1))), { folder, cache });
  expect((await readdir(join(folder, "cache"))).filter((name) => name.endsWith(".segment"))).toHaveLength(5);
});

test("a damaged cache costs time, and never goes unseen", async () => {
  const folder = await temporaryFolder();
  const cacheFolder = join(folder, "cache");
  const cache = new LayerCache(cacheFolder);
  const layer = await buildLayer(app("x"), { folder, cache });
  const names = await readdir(cacheFolder);
  const state = join(cacheFolder, names.find((name) => name.endsWith(".state"))!);
  const good = JSON.parse(await readFile(state, "utf8"));
  for (const bad of [
    "",
    "{}",
    JSON.stringify({ ...good, digest: { ...good.digest, state: "AAAA" } }),
    JSON.stringify({ ...good, digest: good.diffId, diffId: { ...good.diffId, digest: layer.digest } }),
  ]) {
    await writeFile(state, bad);
    expect(await buildLayer(app("x"), { folder, cache })).toMatchObject({
      digest: layer.digest,
      diffId: layer.diffId,
    });
    expect(JSON.parse(await readFile(state, "utf8"))).toEqual(good);
  }
  const segment = join(cacheFolder, names.find((name) => name.endsWith(".segment"))!);
  const bytes = await readFile(segment);
  bytes[1000]! ^= 1;
  await writeFile(segment, bytes);
  const damaged = await buildLayer(app("x"), { folder, cache });
  await expect(collect(verified(damaged.content.read(), damaged))).rejects.toMatchObject({
    code: "OCI_DIGEST_MISMATCH",
  });
  await truncate(segment, 1000);
  await expect(collect(damaged.content.read())).rejects.toMatchObject({ code: "OCI_MALFORMED" });
});

test("blocks end at 8 MiB, wherever the files end", async () => {
  const folder = await temporaryFolder();
  const parts = [noise(500_000, 2), Buffer.alloc(13_000_000), noise(500_000, 3), Buffer.alloc(20_000_000)];
  const whole: TarEntry[] = [{ type: "file", path: "f", content: parts }];
  const cut: TarEntry[] = [
    {
      type: "file",
      path: "f",
      content: [Buffer.concat(parts).subarray(0, 1), Buffer.concat(parts).subarray(1)],
    },
  ];
  const layer = await buildLayer(whole, { folder });
  expect(await buildLayer(cut, { folder })).toMatchObject({ digest: layer.digest });
  // A gzip header of RFC 1952 without flags and time.
  const bytes = await expectWhole(layer);
  expect(bytes.toString("hex", 0, 10)).toBe("1f8b0800000000000003");
  const members = bytes.toString("latin1").split("\x1f\x8b\x08\0\0\0\0\0\0\x03").length - 1;
  expect(members).toBe(Math.ceil((34_000_000 + 512 + 512 + 1024) / (8 * 1024 * 1024)));
});

test("a large part is compressed by several threads, and is the same", async () => {
  const folder = await temporaryFolder();
  const large = keyed(Buffer.concat([noise(200_000, 4), Buffer.alloc(20_000_000), text]), "large");
  for (const compression of ["gzip", "zstd"] as const) {
    const plain = await buildLayer(app("x", large), { folder, compression, level: 1 });
    const cache = new LayerCache(join(folder, "cache"));
    const cached = await buildLayer(app("x", large), { folder, compression, level: 1, cache });
    expect(cached).toMatchObject({ digest: plain.digest, diffId: plain.diffId });
    await expectWhole(cached);
  }
  const cache = new LayerCache(join(folder, "aborted"));
  const controller = new AbortController();
  const stopping: KeyedContent = {
    ...large,
    key: "stopping",
    async *read() {
      yield* bytesContent(Buffer.alloc(17_000_000)).read();
      controller.abort(new Error("enough"));
      yield Buffer.alloc(large.size - 17_000_000);
    },
  };
  const failure = buildLayer(app("x", stopping), { folder, cache, signal: controller.signal });
  await expect(failure).rejects.toThrow("enough");
  expect(await readdir(join(folder, "aborted"))).toEqual([]);
});

test("the compressed bytes are these, on every machine and version of Node", async () => {
  const folder = await temporaryFolder();
  const input: TarEntry[] = [
    { type: "file", path: "f", content: Buffer.concat([text, noise(50_000), text]) },
  ];
  const digests = [];
  for (const compression of ["gzip", "zstd"] as const)
    for (const level of [1, 6, 9])
      digests.push((await buildLayer(input, { compression, level, folder })).digest);
  expect(digests).toMatchInlineSnapshot(`
    [
      "sha256:d00b229dad9e61934bf49cb175bb182a8d391c8071d397d4190119b00ced1494",
      "sha256:0bb0a96df0a438bfb41024da545f7483679b035c264ae34fae81b45b9a36313c",
      "sha256:478b198290ee3111f66d48fe8adefa17d2f1b7cef85404ede8a51a7eeeb2e231",
      "sha256:dd75c0a0d5ade7359f4285e970418521eaaeca7cab724659a4f41199cc5ae5d6",
      "sha256:c5eb422256473aecf2b5fbebd57cbe59c0013e84ac962863c7c861a28739c0a0",
      "sha256:b8dfefdef5f7bcd34867d08ebea6d667db9d7fde9e5ff841bbb2ee74b4e55357",
    ]
  `);
});

test("keys of the cache name the versions that make the bytes", async () => {
  const { dependencies } = JSON.parse(await readFile(join(import.meta.dirname, "../package.json"), "utf8"));
  expect((await compressionOf("gzip")).id).toContain(`pako-${dependencies.pako} 6 `);
  expect((await compressionOf("zstd", 19)).id).toContain(
    `zstd-wasm-${dependencies["@bokuweb/zstd-wasm"]} 19 `,
  );
});

test("a layer is read in all compressions", async () => {
  const folder = await temporaryFolder();
  for (const compression of ["gzip", "zstd", "none"] as const) {
    const layer = await buildLayer(app("tail"), { compression, folder, cache: new LayerCache(folder) });
    const found: Record<string, string> = {};
    for await (const { path, content } of readLayer(layer)) found[path] = sha256(await collect(content()));
    expect(found).toEqual({
      app: sha256(Buffer.concat([runtime, Buffer.from("tail")])),
      etc: sha256(Buffer.alloc(0)),
      "etc/passwd": sha256(Buffer.from("root:x:0:0:root:/:\n")),
    });
  }
});

test("layers that are damaged or of another kind are refused", async () => {
  const folder = await temporaryFolder();
  const names = async (layer: Parameters<typeof readLayer>[0]) => {
    for await (const _ of readLayer(layer));
  };
  const gzip = await buildLayer(app("x"), { folder });
  const zstd = await buildLayer(app("x"), { folder, compression: "zstd" });
  await expect(names({ ...gzip, mediaType: zstd.mediaType })).rejects.toMatchObject({
    code: "OCI_MALFORMED",
  });
  await expect(names({ ...zstd, mediaType: gzip.mediaType })).rejects.toMatchObject({
    code: "OCI_MALFORMED",
  });
  await expect(names({ ...gzip, mediaType: "text/plain" })).rejects.toMatchObject({
    code: "OCI_UNSUPPORTED",
  });
  for (const layer of [gzip, zstd]) {
    const bytes = await collect(layer.content.read());
    const cut = { ...layer, content: bytesContent(bytes.subarray(0, bytes.length - 100)) };
    await expect(names(cut)).rejects.toMatchObject({ code: "OCI_MALFORMED" });
  }
});

test("nothing is left behind by a layer that cannot be built", async () => {
  const folder = await temporaryFolder();
  const bad: TarEntry[] = [...app("x"), { type: "file", path: "../x", content: "" }];
  await expect(buildLayer(bad, { folder })).rejects.toMatchObject({ code: "OCI_PATH_INVALID" });
  const failing: KeyedContent = {
    key: "k",
    size: 10,
    // biome-ignore lint/correctness/useYield: it fails before.
    async *read() {
      throw new Error("gone");
    },
  };
  const cache = new LayerCache(join(folder, "cache"));
  await expect(buildLayer(app("x", failing), { folder, cache })).rejects.toThrow("gone");
  const signal = AbortSignal.abort();
  await expect(buildLayer(app("x"), { folder, cache, signal })).rejects.toThrow("aborted");
  await expect(buildLayer(app("x"), { folder, level: 10 })).rejects.toThrow(RangeError);
  expect(await readdir(folder)).toEqual(["cache"]);
  expect(await readdir(join(folder, "cache"))).toEqual([]);
});
