import { createReadStream } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { RemoteStorage, RemoteValue } from "@sbp/core";
import { codeOf, isTimeout, withRetries } from "./retries.ts";
import { steady } from "./steady.ts";

export interface S3StorageOptions {
  readonly bucket: string;
  /** What the names of all objects begin with; no slash at either end. Default: nothing. */
  readonly prefix?: string;
  /** Address of a server other than Amazon's. The bucket is then part of paths, not of the host's name. */
  readonly endpoint?: string | undefined;
  readonly readOnly?: boolean;
  /** How long the server may take to connect, to answer, or to send or take any more bytes. Milliseconds. */
  readonly timeout?: number;
}

interface Connection {
  readonly sdk: typeof import("@aws-sdk/client-s3");
  readonly client: S3Client;
}

/** Why S3 refuses whoever it cannot make out; what else it forbids, it forbids to a user it knows. */
const wrongCredentials = /^(?:Invalid|Expired|Signature|RequestTimeTooSkewed)/;

/** What the client has to say would get into the middle of a build's output. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Values as objects of an S3 bucket, Amazon's or a compatible server's, through Amazon's own client, which finds credentials
 * and region as all AWS programs do: environment, configuration files, the machine's role. An object is created by a
 * conditional PUT (`If-None-Match: *`), so that none is ever changed.
 */
export class S3Storage implements RemoteStorage {
  readonly name: string;
  readonly readOnly: boolean;
  readonly #options: S3StorageOptions;
  readonly #timeout: number;
  #connection: Promise<Connection> | undefined;
  /** Some servers refuse to hear of conditions. */
  #knowsConditions = true;

  constructor(options: S3StorageOptions) {
    const { bucket, prefix, readOnly = false, timeout = 10_000 } = options;
    this.name = `s3://${bucket}${prefix ? `/${prefix}` : ""}`;
    this.readOnly = readOnly;
    this.#options = options;
    this.#timeout = timeout;
  }

  async get(key: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    try {
      const { Body } = await this.#try(signal, ({ sdk, client }) =>
        client.send(new sdk.GetObjectCommand(this.#place(key)), { abortSignal: signal }),
      );
      return steady(Body as AsyncIterable<Uint8Array>, this.#timeout);
    } catch (error) {
      if (isService(error) && error.name === "NoSuchKey") return undefined;
      throw refusal(error, signal);
    }
  }

  async has(key: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#try(signal, ({ sdk, client }) =>
        client.send(new sdk.HeadObjectCommand(this.#place(key)), { abortSignal: signal }),
      );
      return true;
    } catch (error) {
      // Answers to HEAD have no text that tells more: what is wrong, the PUT will say.
      if (isService(error)) return false;
      throw refusal(error, signal);
    }
  }

  async put(key: string, value: RemoteValue, signal: AbortSignal): Promise<"kept" | "read-only"> {
    try {
      await this.#try(signal, ({ sdk, client }) =>
        client.send(
          new sdk.PutObjectCommand({
            ...this.#place(key),
            Body: value instanceof Uint8Array ? value : createReadStream(value.file),
            ContentLength: value instanceof Uint8Array ? value.length : value.size,
            ...(this.#knowsConditions && { IfNoneMatch: "*" }),
          }),
          { abortSignal: signal },
        ),
      );
      return "kept";
    } catch (error) {
      const status = isService(error) ? error.$metadata.httpStatusCode : undefined;
      // It is there, or somebody is writing it this moment.
      if (status === 412 || status === 409) return "kept";
      if (status === 501 && this.#knowsConditions) {
        this.#knowsConditions = false;
        return this.put(key, value, signal);
      }
      if (status === 405 || (status === 403 && !wrongCredentials.test((error as Error).name)))
        return "read-only";
      throw refusal(error, signal);
    }
  }

  async close(): Promise<void> {
    // One that never came about has told so already.
    (await this.#connection?.catch(() => undefined))?.client.destroy();
    this.#connection = undefined;
  }

  #place(key: string) {
    const { bucket, prefix } = this.#options;
    return { Bucket: bucket, Key: prefix ? `${prefix}/${key}` : key };
  }

  async #try<T>(signal: AbortSignal, request: (connection: Connection) => Promise<T>): Promise<T> {
    this.#connection ??= this.#connect();
    const connection = await this.#connection;
    return withRetries(() => request(connection), isWeak, signal);
  }

  async #connect(): Promise<Connection> {
    const sdk = await import("@aws-sdk/client-s3");
    const { endpoint } = this.#options;
    // Node from 22.21 and 24.5 on knows proxies; the client itself knows none.
    const agent = { keepAlive: true, proxyEnv: process.env };
    const client = new sdk.S3Client({
      ...(endpoint && { endpoint, forcePathStyle: true }),
      logger: silent,
      // Ours know when to stop, and read a file anew for each try.
      maxAttempts: 1,
      // Every value is checked by the hash that is part of it; many compatible servers do not know these.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: {
        connectionTimeout: this.#timeout,
        socketTimeout: this.#timeout,
        httpAgent: new http.Agent(agent),
        httpsAgent: new https.Agent(agent),
      },
    });
    return { sdk, client };
  }
}

function isService(error: unknown): error is S3ServiceException {
  return (error as Partial<S3ServiceException>).$metadata?.httpStatusCode !== undefined;
}

function isWeak(outcome: unknown): boolean {
  if (!(outcome instanceof Error) || isTimeout(outcome)) return false;
  if (!isService(outcome)) return codeOf(outcome) !== "";
  const { httpStatusCode = 0 } = outcome.$metadata;
  return (httpStatusCode >= 500 && httpStatusCode !== 501) || httpStatusCode === 429;
}

/** Without the answer's text, which may be long and anything. */
function refusal(error: unknown, signal: AbortSignal): Error {
  signal.throwIfAborted();
  const { name, message } = error as Error;
  if (!isService(error)) {
    const why =
      name === "CredentialsProviderError"
        ? "no AWS credentials are found"
        : isTimeout(error as Error)
          ? "it does not answer in time"
          : codeOf(error as Error) || message;
    return new Error(why, { cause: error });
  }
  const code = /^\w{1,60}$/.test(name) ? ` (${name})` : "";
  const help = name === "AccessDenied" ? ": reading takes s3:GetObject and s3:ListBucket" : "";
  return new Error(`it answers ${error.$metadata.httpStatusCode}${code}${help}`, { cause: error });
}
