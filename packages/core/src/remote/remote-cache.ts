import { readFile } from "node:fs/promises";
import { recordHead } from "../action-lookup.ts";
import type { Diagnostic } from "../error.ts";
import type { EventSink } from "../event.ts";
import type { Input, Inputs } from "../inputs.ts";
import { Limit } from "../limit.ts";
import type { Action } from "../plan.ts";
import type { ProjectPaths } from "../project-paths.ts";
import type { Store } from "../store/store.ts";
import { blobsOf, type StoredBlob, type Trace } from "../store/stored-file.ts";
import { RemoteBlobs } from "./remote-blobs.ts";
import {
  blobsIn,
  longestEntry,
  openEntry,
  RefusedEntry,
  type RemoteEntry,
  sealEntry,
  traceOf,
} from "./remote-entry.ts";
import {
  byIdentity,
  identityOf,
  type LookedAt,
  type RemoteInput,
  RemoteInputs,
  type RemoteValue,
} from "./remote-inputs.ts";
import { RemoteKeys } from "./remote-keys.ts";
import type { RemoteStorage } from "./remote-storage.ts";

/** Files up to this size travel with the result; bytes. */
const smallBlob = 256 << 10;
/** All of them together. */
const smallBlobs = 32 << 20;
/** Beyond this a file that is no part of an output is rather made again than sent: runtimes on their way to a template. */
const largestBetween = 32 << 20;
/** Sets of inputs that are looked at one after the other before a result is given up on. */
const longestChain = 8;
const uploadsAtOnce = 2;

export interface RemoteOptions {
  readonly storage: RemoteStorage;
  /** Shared by all who may write results: what others have written is then refused. */
  readonly secret?: string | undefined;
}

/** A result on its way. */
interface SharedResult extends Pick<Trace, "artifacts" | "diagnostics"> {
  readonly inputs: readonly RemoteValue[];
  /** Some of it goes into the output folder. */
  readonly isOutput: boolean;
}

interface Surroundings {
  readonly store: Store;
  readonly inputs: Inputs;
  readonly paths: ProjectPaths;
  readonly signal: AbortSignal;
  readonly emit: EventSink;
}

/**
 * Results that builds of other machines have shared. Trouble with it slows a build, and fails none: after the first the
 * build goes on without it.
 */
export class RemoteCache {
  readonly #storage: RemoteStorage;
  readonly #keys: RemoteKeys;
  readonly #blobs: RemoteBlobs;
  readonly #around: Surroundings;
  readonly #limit = new Limit(uploadsAtOnce);
  readonly #uploads: Promise<void>[] = [];
  readonly #fetching = new Map<string, Promise<StoredBlob | undefined>>();
  /** What was found under a key of a chain. */
  readonly #inputs: RemoteInputs;
  readonly #nodes = new Map<string, readonly RemoteInput[] | "result" | undefined>();
  #pending = 0;
  #isDown = false;
  #mayWrite: boolean;

  constructor({ storage, secret }: RemoteOptions, around: Surroundings) {
    this.#storage = storage;
    this.#keys = new RemoteKeys(secret);
    this.#blobs = new RemoteBlobs(storage, this.#keys, around.store, around.signal);
    this.#around = around;
    this.#inputs = new RemoteInputs(around.inputs, around.paths);
    this.#mayWrite = !storage.readOnly;
  }

  /** The result of an action, put into the store; large files of it stay where they are until somebody reads them. */
  async find(action: Action, fingerprint: string): Promise<Trace | undefined> {
    const trace = await this.#try(() => this.#find(action, fingerprint));
    const { store } = this.#around;
    if (trace) await store.records.put(fingerprint, recordHead(action), trace).catch(() => {});
    return trace;
  }

  async #find(action: Action, fingerprint: string): Promise<Trace | undefined> {
    let key = this.#keys.first(fingerprint);
    const inputs: Input[] = [];
    for (let hop = 0; hop < longestChain; hop++) {
      const entry = await this.#entry(key);
      if (!entry) return undefined;
      if (!("look" in entry)) {
        const trace = traceOf(entry, inputs.sort(byIdentity));
        const { produces } = action.transform;
        if (!produces.every((kind) => trace.artifacts.some((artifact) => artifact.kind === kind)))
          throw new RefusedEntry("it is the result of another action");
        return (await this.#isWhole(trace, entry.blobs)) ? trace : undefined;
      }
      const { local, remote } = await this.#look(entry.look);
      inputs.push(...local);
      key = this.#keys.next(key, remote);
    }
    return undefined;
  }

  async #entry(key: string): Promise<RemoteEntry | undefined> {
    if (this.#nodes.has(key) && this.#nodes.get(key) === undefined) return undefined;
    const stream = await this.#storage.get(key, this.#around.signal);
    const entry = stream && (await openEntry(await all(stream), key, this.#keys));
    this.#nodes.set(key, entry && ("look" in entry ? entry.look : "result"));
    return entry;
  }

  async #look(inputs: readonly RemoteInput[]): Promise<LookedAt> {
    const found = await this.#inputs.look(inputs);
    if (!found) throw new RefusedEntry("it asks for what is none of its business");
    return found;
  }

  /** Takes over small files, and what executables are put together from: only so can their hash be told. */
  async #isWhole({ artifacts }: Trace, small: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
    const { store, signal } = this.#around;
    for (const blob of blobsIn(artifacts)) {
      const bytes = small.get(blob.sha256);
      if (bytes) await store.blobs.add(bytes, blob.executable);
    }
    for (const file of artifacts.flatMap(({ files }) => files)) {
      if (!file.composition) continue;
      for (const blob of blobsOf(file)) {
        if (!(await store.blobs.verified(blob)) && !(await this.fetch(blob))) return false;
      }
      if ((await store.blobs.hash(file.composition, signal)) !== file.sha256)
        throw new RefusedEntry("the bytes of an executable are not those of its hash");
    }
    return true;
  }

  /** Brings a file into the store that a result left behind. Undefined when it cannot be had. */
  fetch(blob: StoredBlob): Promise<StoredBlob | undefined> {
    let fetching = this.#fetching.get(blob.sha256);
    if (!fetching) {
      fetching = this.#try(() => this.#blobs.fetch(blob));
      this.#fetching.set(blob.sha256, fetching);
    }
    return fetching;
  }

  /** Shares a result while the build goes on; `settled` waits for it. */
  share(action: Action, fingerprint: string, trace: Trace): void {
    if (!this.#mayWrite || this.#isDown) return;
    const shared = this.#inputs.shared(trace.inputs);
    if ("foreign" in shared) {
      const { kind, name } = shared.foreign;
      const message = `Not shared: ${kind} ${name} means something on this machine only`;
      this.#around.emit({ type: "log", action: action.id, level: "debug", message });
      return;
    }
    const result = { ...trace, inputs: shared.values, isOutput: action.published.length > 0 };
    this.#pending++;
    const upload = this.#limit.run(async () => {
      if (this.#mayWrite) await this.#try(() => this.#share(fingerprint, result));
      this.#pending--;
    });
    this.#uploads.push(upload);
  }

  async #share(fingerprint: string, result: SharedResult): Promise<void> {
    let key = this.#keys.first(fingerprint);
    let rest = result.inputs;
    const known = new Map(rest.map((value) => [identityOf(value), value]));
    for (let hop = 0; hop < longestChain; hop++) {
      if (!this.#nodes.has(key)) await this.#entry(key);
      const node = this.#nodes.get(key);
      if (node === "result") return;
      if (!node && rest.length === 0) return this.#shareResult(key, result);
      const look = node ?? rest.map(({ value: _, ...named }) => named);
      if (!node && !(await this.#put(key, { look }))) return;
      const { remote } = await this.#look(look);
      // As they were for this result; of what it did not look at, any value will do.
      key = this.#keys.next(
        key,
        remote.map((value) => known.get(identityOf(value)) ?? value),
      );
      const looked = new Set(look.map(identityOf));
      rest = rest.filter((value) => !looked.has(identityOf(value)));
    }
  }

  async #shareResult(key: string, { artifacts, diagnostics, isOutput }: SharedResult): Promise<void> {
    const { store } = this.#around;
    const blobs = new Map<string, Uint8Array>();
    let total = 0;
    for (const blob of blobsIn(artifacts)) {
      total += blob.size <= smallBlob ? blob.size : 0;
      if (blob.size <= smallBlob && total <= smallBlobs) {
        blobs.set(blob.sha256, await readFile(store.blobs.path(blob)));
      } else if (isOutput || blob.size <= largestBetween) {
        this.#mayWrite = (await this.#blobs.share(blob)) === "kept";
        if (!this.#mayWrite) return;
      }
    }
    await this.#put(key, { artifacts, diagnostics, blobs });
  }

  /** False when this user may not write. */
  async #put(key: string, entry: RemoteEntry): Promise<boolean> {
    const value = await sealEntry(entry, key, this.#keys);
    if (value.length > longestEntry) return false;
    const kept = await this.#storage.put(key, value, this.#around.signal);
    this.#mayWrite = kept === "kept";
    this.#nodes.set(key, "look" in entry ? entry.look : "result");
    return this.#mayWrite;
  }

  /** Waits until what this build has to share is shared. Never fails. */
  async settled(): Promise<void> {
    const message = `Sharing results with ${this.#storage.name}`;
    if (this.#pending > 0) this.#around.emit({ type: "log", action: "cache", level: "info", message });
    while (this.#uploads.length > 0) await Promise.allSettled(this.#uploads.splice(0));
  }

  async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#isDown) return undefined;
    try {
      return await work();
    } catch (error) {
      if (this.#around.signal.aborted) return undefined;
      if (error instanceof RefusedEntry) this.#warn(refused(this.#storage.name, error));
      else if (!this.#isDown) {
        this.#isDown = true;
        this.#warn(unusable(this.#storage.name, error));
      }
      return undefined;
    }
  }

  #warn(diagnostic: Diagnostic): void {
    this.#around.emit({ type: "diagnostic", action: "cache", diagnostic });
  }
}

function unusable(name: string, error: unknown): Diagnostic {
  return {
    severity: "warning",
    code: "SBP_REMOTE_CACHE_DOWN",
    message: `The remote cache ${name} cannot be used (${(error as Error).message}); this build goes on without it`,
    hint: "Check SBP_REMOTE_CACHE and the token or credentials for it, or unset it.",
  };
}

function refused(name: string, { message }: RefusedEntry): Diagnostic {
  return {
    severity: "warning",
    code: "SBP_REMOTE_CACHE_ENTRY",
    message: `A result in the remote cache ${name} is refused: ${message}; it is made here instead`,
    hint: "Remove the entry from the cache, and see who can write to it.",
  };
}

async function all(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > longestEntry) throw new RefusedEntry("it is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
