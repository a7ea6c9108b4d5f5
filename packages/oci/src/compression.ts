import { createRequire } from "node:module";

/*
 * An image's digest must be the same wherever it is built, so compressed bytes must not depend on the machine. Those of
 * Node's own zlib do: it carries a version with other match finders for other processors, and its zstd changes with the
 * Node version. So gzip is made by pako, a port of zlib to JavaScript, and zstd by zstd itself, compiled to WebAssembly:
 * both at fixed versions, both integers only.
 *
 * Data are cut into blocks, each a gzip member or zstd frame of its own: RFC 1952 and RFC 8878 let these follow one
 * another. So a layer's parts can be compressed apart from one another and kept, and memory is bounded by the block.
 */

/** In bytes. Part of what decides a layer's digest. */
export const blockSize = 8 * 1024 * 1024;

export type CompressionName = "gzip" | "zstd" | "none";

export interface Compression {
  readonly name: CompressionName;
  readonly level: number;
  /** Where this function is exported, for threads: this file, or the bundle that it became a part of. */
  readonly module: string;
  /** Everything that decides the compressed bytes, for keys of caches. */
  readonly id: string;
  /** One block; what results can be joined. */
  compress(block: Uint8Array): Uint8Array;
}

const levels = { gzip: [1, 9, 6], zstd: [1, 22, 3], none: [0, 0, 0] } as const;

/**
 * @param level gzip: 1 to 9, 6 unless given; zstd: 1 to 22, 3 unless given.
 * @throws RangeError for other levels.
 */
export async function compressionOf(name: CompressionName, level?: number): Promise<Compression> {
  const [least, most, usual] = levels[name];
  const chosen = level ?? usual;
  if (!Number.isInteger(chosen) || chosen < least || chosen > most)
    throw new RangeError(`${name} has levels from ${least} to ${most}, not ${level}`);
  const common = { name, level: chosen, module: import.meta.url };
  if (name === "none") return { ...common, id: "none", compress: (block) => block };
  const compress = name === "gzip" ? await loadGzip(chosen) : await loadZstd(chosen);
  const version = name === "gzip" ? "pako-3.0.3" : "zstd-wasm-0.0.27";
  return { ...common, id: `${version} ${chosen} ${blockSize}`, compress };
}

async function loadGzip(level: number): Promise<Compression["compress"]> {
  const { gzip } = await import("pako");
  // pako puts no time and no name into the header, and always the same operating system.
  return (block) => gzip(block, { level: level as 6 });
}

interface ZstdModule {
  init(): Promise<void>;
  compress(block: Uint8Array, level: number): Uint8Array;
}

let zstdModule: Promise<ZstdModule> | undefined;

async function loadZstd(level: number): Promise<Compression["compress"]> {
  zstdModule ??= initZstd();
  const zstd = await zstdModule;
  return (block) => zstd.compress(block, level);
}

/** Once per process: initialized again, the module gives wrong bytes until it is ready, without an error. */
async function initZstd(): Promise<ZstdModule> {
  // Its types are those for browsers, where loading differs.
  const zstd = createRequire(import.meta.url)("@bokuweb/zstd-wasm") as ZstdModule;
  await zstd.init();
  return zstd;
}

/** Chunks as blocks of exactly `blockSize` bytes, but for the last. */
export async function* blocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (length + rest.length >= blockSize) {
      const taken = blockSize - length;
      yield Buffer.concat([...waiting, rest.subarray(0, taken)]);
      rest = rest.subarray(taken);
      waiting = [];
      length = 0;
    }
    if (rest.length > 0) {
      waiting.push(rest);
      length += rest.length;
    }
  }
  if (length > 0) yield Buffer.concat(waiting);
}
