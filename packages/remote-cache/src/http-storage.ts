import { createReadStream } from "node:fs";
import type { RemoteStorage, RemoteValue } from "@sbp/core";
import type { Dispatcher } from "undici";
import { codeOf, isTimeout, type Outcome, withRetries } from "./retries.ts";
import { steady } from "./steady.ts";

export interface HttpStorageOptions {
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly readOnly?: boolean;
  /** How long the server may take to connect, to answer, or to send or take any more bytes. Milliseconds. */
  readonly timeout?: number;
}

/**
 * Values on a server of the protocol that Nx publishes for self-hosted caches:
 * `GET` and `PUT /v1/cache/{hash}`, with a bearer token; a value that is there answers a PUT with 409, a
 * token that may only read with 403.
 */
export class HttpStorage implements RemoteStorage {
  readonly name: string;
  readonly readOnly: boolean;
  readonly #base: string;
  readonly #token: string | undefined;
  readonly #timeout: number;
  #client: Promise<{ dispatcher: Dispatcher; request: typeof import("undici").request }> | undefined;

  /** @throws TypeError for what is no URL */
  constructor(url: string, { token, readOnly = false, timeout = 10_000 }: HttpStorageOptions = {}) {
    const { origin, pathname } = new URL(url);
    this.name = `${origin}${pathname.replace(/\/$/, "")}`;
    this.#base = `${this.name}/v1/cache/`;
    this.readOnly = readOnly;
    this.#token = token;
    this.#timeout = timeout;
  }

  async get(key: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    const answer = await this.#send("GET", key, signal);
    if (answer.statusCode === 200) return steady(answer.body, this.#timeout);
    await drop(answer);
    if (answer.statusCode === 404) return undefined;
    throw refusal(answer);
  }

  async has(key: string, signal: AbortSignal): Promise<boolean> {
    // Not part of the protocol: servers that do not know it are written to instead.
    const answer = await this.#send("HEAD", key, signal);
    await drop(answer);
    return answer.statusCode === 200;
  }

  async put(key: string, value: RemoteValue, signal: AbortSignal): Promise<"kept" | "read-only"> {
    const answer = await this.#send("PUT", key, signal, value);
    await drop(answer);
    const { statusCode } = answer;
    if (statusCode === 403 || statusCode === 405) return "read-only";
    if ((statusCode >= 200 && statusCode < 300) || statusCode === 409) return "kept";
    throw refusal(answer);
  }

  async close(): Promise<void> {
    if (this.#client) await (await this.#client).dispatcher.destroy();
    this.#client = undefined;
  }

  async #send(
    method: "GET" | "HEAD" | "PUT",
    key: string,
    signal: AbortSignal,
    value?: RemoteValue,
  ): Promise<Dispatcher.ResponseData> {
    const isWeak = async (outcome: Outcome<Dispatcher.ResponseData>) => {
      if (outcome instanceof Error) return !isTimeout(outcome);
      if (outcome.statusCode < 500 && outcome.statusCode !== 429) return false;
      await drop(outcome);
      return true;
    };
    try {
      return await withRetries(() => this.#once(method, key, signal, value), isWeak, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new Error(codeOf(error as Error) || (error as Error).message, { cause: error });
    }
  }

  async #once(
    method: "GET" | "HEAD" | "PUT",
    key: string,
    signal: AbortSignal,
    value: RemoteValue | undefined,
  ): Promise<Dispatcher.ResponseData> {
    this.#client ??= this.#connect();
    const { dispatcher, request } = await this.#client;
    const size = value && (value instanceof Uint8Array ? value.length : value.size);
    return request(`${this.#base}${key}`, {
      method,
      dispatcher,
      signal,
      headersTimeout: this.#timeout,
      bodyTimeout: this.#timeout,
      headers: {
        ...(this.#token && { authorization: `Bearer ${this.#token}` }),
        ...(size !== undefined && {
          "content-length": `${size}`,
          "content-type": "application/octet-stream",
        }),
      },
      body: value instanceof Uint8Array || !value ? value : createReadStream(value.file),
    });
  }

  async #connect() {
    const { EnvHttpProxyAgent, request } = await import("undici");
    const connect = { timeout: this.#timeout };
    const dispatcher = new EnvHttpProxyAgent({ connect, requestTls: connect, proxyTunnel: false });
    return { dispatcher, request };
  }
}

/** Without the answer's text, which may be long and anything. */
function refusal({ statusCode }: Dispatcher.ResponseData): Error {
  const why = statusCode === 401 ? ": the token is missing or wrong" : "";
  return new Error(`it answers ${statusCode}${why}`);
}

async function drop({ body }: Dispatcher.ResponseData): Promise<void> {
  await body.dump({ limit: 64 << 10 }).catch(() => {});
}
