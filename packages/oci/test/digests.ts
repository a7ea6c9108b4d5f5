/* Prints the digests of layers as this Node makes them, run by determinism.slow.test.ts under several. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildLayer, bytesContent, LayerCache, type TarEntry } from "../src/index.ts";
import { noise } from "./noise.ts";

// Something of everything: code, what does not compress, text that repeats near and far, and zeros over a block's end.
const text = Buffer.from(
  Array.from({ length: 60_000 }, (_, at) => `${at % 977} ${(at * at) % 7919}\n`).join(""),
);
const code = noise(300_000).map((byte) => byte & 0x1f);
const runtime = Buffer.concat([code, text, noise(200_000), text, Buffer.alloc(9_000_000), code]);
const entries: TarEntry[] = [
  {
    type: "file",
    path: "app",
    mode: 0o755,
    content: [{ ...bytesContent(runtime), key: "runtime" }, text.subarray(7)],
  },
  { type: "symlink", path: "größe", target: "app" },
];

const folder = await mkdtemp(join(tmpdir(), "sbp-oci-"));
for (const [compression, levels] of [
  ["gzip", [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ["zstd", [1, 3, 6, 9, 12, 15, 19, 22]],
] as const)
  for (const level of levels)
    for (const cache of [undefined, new LayerCache(join(folder, "cache"))]) {
      const { digest, diffId, size } = await buildLayer(entries, {
        folder,
        compression,
        level,
        ...(cache && { cache }),
      });
      console.log(compression, level, cache ? "cached" : "plain", digest, diffId, size);
    }
await rm(folder, { recursive: true });
