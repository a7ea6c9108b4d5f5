import { OciError } from "../error.ts";
import { Authorizer, type Scope } from "./authorizer.ts";
import type { CredentialSource } from "./credentials.ts";
import { attempts, defaultWait, delay, isPassing, isPassingError, retryAfter, type Wait } from "./retry.ts";
import { type Answer, type Request, Transport, type TransportOptions } from "./transport.ts";

export interface SessionOptions extends TransportOptions {
  readonly credentials?: CredentialSource | undefined;
  readonly wait?: Wait | undefined;
}

/** A request as operations make it: a path of the registry, or a URL that it gave. */
export interface Call extends Omit<Request, "url"> {
  readonly url: string | URL;
  readonly scopes: readonly Scope[];
}

const longestComplaint = 64 * 1024;
const mostRedirects = 5;
/** How often one request is sent with other authorization. */
const mostRenewals = 2;

/** One registry: who asks is told in every request, and what may pass is tried again. */
export class Session {
  readonly registry: string;
  readonly origin: URL;
  readonly #transport: Transport;
  readonly #authorizer: Authorizer;
  readonly #wait: Wait;

  constructor(registry: string, options: SessionOptions) {
    this.registry = registry;
    this.#transport = new Transport(options);
    this.#wait = options.wait ?? defaultWait;
    this.origin = this.#transport.origin(registry);
    const source = options.credentials ?? (async () => undefined);
    this.#authorizer = new Authorizer(registry, source, (request) =>
      this.retrying(request.signal, () => this.#transport.send(request)),
    );
  }

  /** The answer, whatever its status is but 401: sent again while that may help. */
  async call(call: Call): Promise<Answer> {
    return this.retrying(call.signal, () => this.callOnce(call));
  }

  /** The same, sent once: for bodies that must not be sent twice as they are. */
  async callOnce(call: Call): Promise<Answer> {
    for (let renewals = 0; ; renewals++) {
      const { answer, authorization } = await this.#followed(call);
      if (answer.status !== 401) return answer;
      const mayTryAgain =
        renewals < mostRenewals && (await this.#authorizer.learn(answer, call.scopes, authorization));
      if (!mayTryAgain) throw await this.failure(answer, "");
      await answer.discard();
    }
  }

  /** Tries again what fails in passing, as long as the registry asks to wait or twice as long each time. */
  async retrying(signal: AbortSignal | undefined, once: () => Promise<Answer>): Promise<Answer> {
    for (let count = 0; ; count++) {
      try {
        const answer = await once();
        if (!isPassing(answer.status) || count + 1 >= attempts) return answer;
        const asked = retryAfter(answer);
        await answer.discard();
        await this.#wait(asked ?? delay(count), signal);
      } catch (error) {
        if (!isPassingError(error) || count + 1 >= attempts) throw error;
        await this.#wait(delay(count), signal);
      }
    }
  }

  /** Waits before try `count` + 1 of something. */
  async pause(count: number, answer: Answer | undefined, signal: AbortSignal | undefined): Promise<void> {
    await this.#wait((answer && retryAfter(answer)) ?? delay(count), signal);
  }

  /** Reads may be answered from elsewhere. Only the registry itself gets to see who asks. */
  async #followed(call: Call): Promise<{ answer: Answer; authorization: string | undefined }> {
    let url = new URL(call.url, this.origin);
    const authorization =
      url.origin === this.origin.origin ? await this.#authorizer.header(call.scopes, call.signal) : undefined;
    const isRead = call.method === "GET" || call.method === "HEAD";
    for (let redirects = 0; ; redirects++) {
      const isOwn = url.origin === this.origin.origin;
      const headers = { ...call.headers, ...(isOwn && authorization !== undefined && { authorization }) };
      const { method, body, signal } = call;
      const answer = await this.#transport.send({ method, url, headers, body, signal });
      const location = answer.header("location");
      if (!isRead || ![301, 302, 303, 307, 308].includes(answer.status) || !location)
        return { answer, authorization };
      await answer.discard();
      if (redirects >= mostRedirects || !URL.canParse(location, url.href))
        throw new OciError("OCI_REGISTRY_FAILED", `${url.host} leads from place to place`, {
          status: answer.status,
        });
      url = new URL(location, url);
    }
  }

  /** The error for an answer that is none of those that were hoped for. Takes the body. `about` says what was asked. */
  async failure(answer: Answer, about: string): Promise<OciError> {
    const { status, url } = answer;
    const complaint = await complaintOf(answer);
    const where = `${url.host} answers ${status}${about === "" ? "" : ` to ${about}`}${complaint}`;
    if (status === 401) return new OciError("OCI_UNAUTHORIZED", where, { status });
    if (status === 403) return new OciError("OCI_DENIED", where, { status });
    if (status === 404) return new OciError("OCI_NOT_FOUND", where, { status });
    return new OciError("OCI_REGISTRY_FAILED", where, { status });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

/** Codes and messages of distribution-spec, "Error Codes", as one harmless line. */
async function complaintOf(answer: Answer): Promise<string> {
  try {
    const value = JSON.parse((await answer.bytes(longestComplaint)).toString("utf8")) as {
      errors?: { code?: unknown; message?: unknown }[];
    };
    const texts = (value.errors ?? []).map(({ code, message }) => [code, message].filter(Boolean).join(": "));
    const line = texts
      .join("; ")
      .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
      .slice(0, 300);
    return line === "" ? "" : ` (${line})`;
  } catch {
    // Many answers have no body, or a web page.
    return "";
  }
}
