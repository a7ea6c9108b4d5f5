import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import type { ReadEntry } from "tar";

/** Bytes of an entry that is taken out. */
export const largestEntry = 400 * 1024 * 1024;
/** Bytes handled at a time: each costs a round through the thread pool. */
const chunkSize = 1024 * 1024;
/** Bytes of everything in the archive. */
const largestArchive = 1024 * 1024 * 1024;

/** The archive is not what a package's tarball has to be. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
}

/** An entry to take out of an archive. */
export interface WantedEntry {
  readonly name: string;
  /** A new file. It is there, and empty, when an optional entry is not. */
  readonly destination: string;
  readonly optional?: boolean;
}

/**
 * Takes the entries of exactly these names out of a gzipped tar archive and writes them to their new files. Nothing
 * else of the archive is written, whatever it holds. Memory: a few chunks.
 * Throws ArchiveError; incomplete files may be left behind.
 */
export async function extractEntries(
  archive: string,
  wanted: readonly WantedEntry[],
  signal: AbortSignal,
): Promise<void> {
  const { Parser } = await import("tar");
  const taken = wanted.map((entry) => new TakenEntry(entry));
  const failAll = (why: string) => {
    for (const one of taken) one.fail(why);
  };
  const parser = new Parser({
    onReadEntry: (entry) => {
      const one = taken.find(({ name }) => name === entry.path);
      if (one) one.see(entry);
      else entry.resume();
    },
    onwarn: (_code, message) => failAll(`damaged archive (${message})`),
  });
  parser.on("error", (error: Error) => failAll(`damaged archive (${error.message})`));
  const files = await Promise.all(wanted.map(({ destination }) => open(destination, "wx", 0o644)));
  const write = async () => {
    for (const [index, one] of taken.entries())
      for (const bytes of one.pieces()) await files[index]!.writeFile(bytes);
  };
  try {
    for await (const chunk of decompressed(archive, signal)) {
      // The parser hands out the entries' bytes before `write` returns: there are never more than these.
      parser.write(chunk);
      await write();
    }
    parser.end();
    await write();
    for (const one of taken) one.finish();
  } finally {
    for (const file of files) await file.close();
  }
}

/** The bytes of the archive. Throws ArchiveError for what is damaged, too large, or compressed twice. */
export async function* decompressed(archive: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const source = createReadStream(archive, { signal, highWaterMark: chunkSize });
  const gunzip = createGunzip({ chunkSize });
  source.on("error", (error) => gunzip.destroy(error));
  let size = 0;
  try {
    for await (const chunk of source.pipe(gunzip) as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      // The tar library would unpack a second compression by itself, past the limit.
      if (size === 0 && isCompressed(chunk)) throw new ArchiveError("compressed twice");
      size += chunk.length;
      if (size > largestArchive)
        throw new ArchiveError("larger than anything that is expected when unpacked");
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith("Z_")) throw new ArchiveError(`damaged compression (${code})`);
    throw error;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/** The first bytes of gzip and of Zstandard. */
function isCompressed(head: Buffer): boolean {
  return (head[0] === 0x1f && head[1] === 0x8b) || (head[0] === 0x28 && head[1] === 0xb5);
}

/** Keeps the bytes of a wanted entry until they are written. */
class TakenEntry {
  readonly name: string;
  readonly #optional: boolean;
  #size: number | undefined;
  #received = 0;
  #pieces: Uint8Array[] = [];
  #failure: string | undefined;

  constructor({ name, optional = false }: WantedEntry) {
    this.name = name;
    this.#optional = optional;
  }

  see(entry: ReadEntry): void {
    const size = entry.size;
    if (this.#size !== undefined) this.fail(`${this.name} twice`);
    else if (entry.type !== "File" && entry.type !== "OldFile")
      this.fail(`${this.name} is no file but ${entry.type}`);
    else if (!(size <= largestEntry)) this.fail(`${this.name} is larger than any runtime`);
    if (this.#failure !== undefined) return void entry.resume();
    this.#size = size;
    entry.on("data", (bytes: Uint8Array) => {
      this.#received += bytes.length;
      this.#pieces.push(bytes);
    });
  }

  fail(why: string): void {
    this.#failure ??= why;
  }

  /** The bytes that have come since the last call. Throws ArchiveError as soon as the archive is refused. */
  pieces(): readonly Uint8Array[] {
    if (this.#failure !== undefined) throw new ArchiveError(this.#failure);
    return this.#pieces.splice(0);
  }

  finish(): void {
    this.pieces();
    if (this.#size === undefined && this.#optional) return;
    if (this.#size === undefined) throw new ArchiveError(`no ${this.name} in it`);
    if (this.#received !== this.#size) throw new ArchiveError(`${this.name} is cut short`);
  }
}
