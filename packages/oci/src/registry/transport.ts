import { createRequire } from "node:module";
import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { Content } from "../content.ts";
import { OciError, tooLarge } from "../error.ts";

export interface Request {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** The bytes of a content from `start` to before `end`, as many as will come, or a text. */
  readonly body?:
    | { readonly content: Content; readonly start: number; readonly end: number }
    | { readonly chunks: AsyncIterable<Uint8Array> }
    | string
    | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly url: URL;
  /** The first value of a header. */
  header(name: string): string | undefined;
  /** Breaks with OCI_UNREACHABLE when the connection does. */
  body(): AsyncIterable<Uint8Array>;
  /** The whole body. @throws OciError OCI_TOO_LARGE */
  bytes(limit: number): Promise<Buffer>;
  /** Lets the connection serve others. */
  discard(): Promise<void>;
}

export interface TransportOptions {
  /** Hosts (with their port, if the reference names one) that are spoken to without TLS, besides this machine. */
  readonly plainHttp?: readonly string[] | undefined;
  /** Certificates that are trusted instead of Node's, as PEM. */
  readonly ca?: string | readonly string[] | undefined;
  /** How long a connection may be without any progress, in milliseconds; 120,000 unless given. */
  readonly timeout?: number | undefined;
}

const isLoopback = (hostname: string) =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  /^127(?:\.\d{1,3}){3}$/.test(hostname) ||
  hostname === "[::1]";

/** What names proxies: without them, nobody has to be asked which. */
const proxyVariables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"];

/** `dispatcher.request` of undici, which its index alone makes a method. */
type DispatchedRequest = (
  this: Dispatcher,
  options: Dispatcher.RequestOptions,
) => Promise<Dispatcher.ResponseData>;

/** HTTP, one request at a time: proxies as the environment says, time limits, and no TLS only where this was allowed. */
export class Transport {
  readonly #options: TransportOptions;
  #dispatchers: Promise<{ direct: Dispatcher; outside: Dispatcher; request: DispatchedRequest }> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** The URL of a registry. Its own machine is spoken to without TLS. */
  origin(registry: string): URL {
    const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
    const url = new URL(`https://${host}`);
    return this.#mayBePlain(url, registry) ? new URL(`http://${host}`) : url;
  }

  /** @throws OciError OCI_INSECURE for HTTP without TLS that was not allowed, and other schemes. */
  check(url: URL): void {
    if (url.protocol === "https:" || (url.protocol === "http:" && this.#mayBePlain(url, url.host))) return;
    throw new OciError(
      "OCI_INSECURE",
      `the registry leads to ${url.origin}, without TLS; allow ${url.host} explicitly if that is right`,
    );
  }

  #mayBePlain(url: URL, host: string): boolean {
    return isLoopback(url.hostname) || (this.#options.plainHttp?.includes(host) ?? false);
  }

  /** @throws OciError OCI_UNREACHABLE, OCI_INSECURE; whatever reading the body's content throws; the signal's reason. */
  async send(request: Request): Promise<Answer> {
    const { method, url, headers = {}, body, signal } = request;
    this.check(url);
    signal?.throwIfAborted();
    this.#dispatchers ??= this.#load();
    const { direct, outside, request: send } = await this.#dispatchers;
    // Not even a proxy for everything is asked about this machine: it means another one there.
    const dispatcher = isLoopback(url.hostname) ? direct : outside;
    const hasBody = method !== "GET" && method !== "HEAD";
    const { chunks, size } = sending(body);
    const watch = new Watch(this.#options.timeout ?? 120_000);
    let local: unknown;
    const stream = async function* (chunks: AsyncIterable<Uint8Array>) {
      try {
        for await (const chunk of chunks) {
          watch.reset();
          yield chunk;
        }
      } catch (error) {
        local = error;
        throw error;
      }
    };
    const text = hasBody ? (typeof body === "string" ? body : "") : null;
    try {
      const answer = await send.call(dispatcher, {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers: {
          "user-agent": "sbp-oci",
          ...headers,
          ...(hasBody && size !== undefined && { "content-length": String(size) }),
        },
        body: chunks ? Readable.from(stream(chunks)) : text,
        signal: signal ? AbortSignal.any([signal, watch.signal]) : watch.signal,
        headersTimeout: 0,
        bodyTimeout: this.#options.timeout ?? 120_000,
      });
      return answerOf(answer, url, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw local ?? broken(url, error);
    } finally {
      watch.end();
    }
  }

  async close(): Promise<void> {
    if (!this.#dispatchers) return;
    const { direct, outside } = await this.#dispatchers;
    await Promise.all([...new Set([direct, outside])].map((dispatcher) => dispatcher.destroy()));
    this.#dispatchers = undefined;
  }

  async #load() {
    const { ca } = this.#options;
    const connect = {
      timeout: Math.min(30_000, this.#options.timeout ?? 30_000),
      ...(ca !== undefined && { ca: typeof ca === "string" ? ca : [...ca] }),
    };
    // Parts of the package: all of it is three times as much to load, which a push that sends nothing would notice.
    const part = createRequire(import.meta.url);
    const Agent = part("undici/lib/dispatcher/agent.js") as typeof import("undici").Agent;
    const request = part("undici/lib/api/api-request.js") as DispatchedRequest;
    const direct = new Agent({ connect });
    if (!proxyVariables.some((name) => process.env[name])) return { direct, outside: direct, request };
    const { EnvHttpProxyAgent } = await import("undici");
    // Many proxies tunnel to port 443 alone, and need not for what is no TLS.
    const outside = new EnvHttpProxyAgent({ connect, requestTls: connect, proxyTunnel: false });
    return { direct, outside, request };
  }
}

/** The bytes of a body that is no text; its size, where that is known. */
function sending(body: Request["body"]): {
  readonly chunks: AsyncIterable<Uint8Array> | undefined;
  readonly size: number | undefined;
} {
  if (typeof body !== "object") return { chunks: undefined, size: Buffer.byteLength(body ?? "") };
  if ("chunks" in body) return { chunks: body.chunks, size: undefined };
  const { content, start, end } = body;
  return { chunks: end > start ? content.read(start, end) : undefined, size: end - start };
}

/**
 * Ends what makes no progress until its answer comes. The library's own limits begin when there is a connection, and a
 * proxy that breaks off is tried for ever.
 */
class Watch {
  readonly #timeout: number;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(timeout: number) {
    this.#timeout = timeout;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(
      () => this.#controller.abort(new Error(`no progress for ${this.#timeout} ms`)),
      this.#timeout,
    );
  }
}

function answerOf(answer: Dispatcher.ResponseData, url: URL, signal: AbortSignal | undefined): Answer {
  const body = async function* () {
    try {
      for await (const chunk of answer.body) yield chunk as Uint8Array;
    } catch (error) {
      signal?.throwIfAborted();
      throw broken(url, error);
    }
  };
  return {
    status: answer.statusCode,
    url,
    header(name) {
      const value = answer.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body,
    async bytes(limit) {
      const kept: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of body()) {
        size += chunk.length;
        // Leaving the loop breaks the connection off.
        if (size > limit) throw tooLarge(`${url.host} answers with more than ${limit} bytes`);
        kept.push(chunk);
      }
      return Buffer.concat(kept);
    },
    discard: () => answer.body.dump({ limit: 64 * 1024 }).catch(() => {}),
  };
}

/** Queries may hold signatures, so they are no part of the message. */
function broken(url: URL, cause: unknown): OciError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new OciError("OCI_UNREACHABLE", `the connection to ${url.host} failed: ${code ?? message}`, {
    cause,
  });
}
