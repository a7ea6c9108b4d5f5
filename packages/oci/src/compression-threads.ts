import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { blockSize, blocks, type Compression } from "./compression.ts";
import type { Content } from "./content.ts";

/*
 * Compressing a runtime takes seconds of which no event loop should know. Blocks do not depend on one another, so each goes
 * to the thread that is free, and the results come back in order. The threads load the module that `compression.ts` ends
 * up in, so there is one definition of the bytes.
 */

/** Each thread has a heap of its own, of some ten MB. */
const mostThreads = 4;

const threadCode = `
const { parentPort, workerData } = require("node:worker_threads");
const { module, name, level } = workerData;
const ready = import(module).then(({ compressionOf }) => compressionOf(name, level));
parentPort.on("message", async (block) => parentPort.postMessage((await ready).compress(block)));
`;

interface Job {
  readonly block: Uint8Array;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** The compressed blocks of a content, in order. Little content is compressed here and now. */
export async function* compressed(
  content: Content,
  compression: Compression,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const threads = Math.min(mostThreads, availableParallelism(), Math.ceil(content.size / blockSize));
  if (threads < 2 || compression.name === "none") {
    for await (const block of blocks(content.read())) {
      signal?.throwIfAborted();
      yield compression.compress(block);
    }
    return;
  }
  const pool = new ThreadPool(compression, threads);
  try {
    const pending: Promise<Uint8Array>[] = [];
    for await (const block of blocks(content.read())) {
      signal?.throwIfAborted();
      pending.push(pool.compress(block));
      // One more than there are threads, so that none waits for the file.
      if (pending.length > threads) yield await pending.shift()!;
    }
    for (const bytes of pending) {
      signal?.throwIfAborted();
      yield await bytes;
    }
  } finally {
    await pool.close();
  }
}

class ThreadPool {
  readonly #workers: readonly Worker[];
  readonly #idle: Worker[];
  readonly #running = new Map<Worker, Job>();
  readonly #waiting: Job[] = [];

  constructor({ name, level, module }: Compression, threads: number) {
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(threadCode, { eval: true, workerData: { module, name, level } });
      worker.on("message", (bytes: Uint8Array) => {
        this.#running.get(worker)!.resolve(bytes);
        this.#running.delete(worker);
        this.#idle.push(worker);
        this.#next();
      });
      worker.on("error", (error) => this.#fail(error));
      return worker;
    });
    this.#idle = [...this.#workers];
  }

  compress(block: Uint8Array): Promise<Uint8Array> {
    const result = new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting.push({ block, resolve, reject });
      this.#next();
    });
    // It may fail before anybody asks for it.
    result.catch(() => {});
    return result;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #next(): void {
    const worker = this.#waiting.length > 0 ? this.#idle.pop() : undefined;
    if (!worker) return;
    const job = this.#waiting.shift()!;
    this.#running.set(worker, job);
    worker.postMessage(job.block);
  }

  #fail(error: unknown): void {
    for (const { reject } of [...this.#running.values(), ...this.#waiting.splice(0)]) reject(error);
  }
}
