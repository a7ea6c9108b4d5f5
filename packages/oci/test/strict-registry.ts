import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type StrictAuth, StrictTokens } from "./strict-tokens.ts";

/*
 * A registry that keeps everything in memory and takes the distribution-spec by its word: every range, digest, size and
 * reference is checked, upload locations are good for one request, and nothing is done without a token for it. Faults can
 * be put in the way of any request.
 */

/** What happens to a request instead of, or besides, its being answered. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** The connection ends when so many bytes of the body arrived; an upload keeps them. */
  | { readonly cutAfter: number }
  /** The connection ends after so many bytes of the answer. */
  | { readonly cutAnswerAfter: number }
  /** The upload is forgotten, then the connection ends. */
  | { readonly forget: true }
  | { readonly headers: Record<string, string> }
  | { readonly expireTokens: true };

export interface StrictRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** How many requests with this method and path were before, without query and of all uploads together. */
  readonly count: number;
}

export interface StrictOptions {
  readonly auth?: StrictAuth;
  readonly referrers?: boolean;
  readonly immutableTags?: boolean;
  /** In bytes. */
  readonly minimumChunk?: number;
  /** How many tags are in a page. */
  readonly page?: number;
  /** Blobs are sent from another place, which refuses credentials. */
  readonly redirectsBlobs?: boolean;
  /** False: ranges of blobs are not supported. */
  readonly ranges?: boolean;
  readonly fault?: (request: StrictRequest, registry: StrictRegistry) => Fault | undefined;
}

interface Repository {
  readonly blobs: Set<string>;
  readonly manifests: Map<string, { readonly type: string; readonly bytes: Buffer }>;
  readonly tags: Map<string, string>;
}

interface Upload {
  readonly repository: string;
  state: string;
  bytes: Buffer;
}

export interface StrictRegistry {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly repositories: Map<string, Repository>;
  readonly blobs: Map<string, Buffer>;
  readonly tokens: StrictTokens;
  /** `METHOD path status` of each request, queries left out. */
  readonly log: string[];
  /** Of bodies of PATCH and PUT for blobs. */
  received: number;
}

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;
  constructor(status: number, code: string, message = "", headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Runs until the test ends. */
export async function strictRegistry(options: StrictOptions = {}): Promise<StrictRegistry> {
  const uploads = new Map<string, Upload>();
  const seen = new Map<string, number>();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokens = new StrictTokens(options.auth ?? { kind: "none" }, () => `http://${host}`);
  const registry: StrictRegistry = {
    host,
    repositories: new Map(),
    blobs: new Map(),
    tokens,
    log: [],
    received: 0,
  };

  const repositoryOf = (name: string): Repository => {
    const known = registry.repositories.get(name);
    if (known) return known;
    const made: Repository = { blobs: new Set(), manifests: new Map(), tags: new Map() };
    registry.repositories.set(name, made);
    return made;
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, `http://${host}`);
    const method = request.method!;
    const { socket } = request;
    const key = `${method} ${url.pathname}`;
    const kind = key.replace(/(blobs\/uploads\/).+/, "$1*");
    const count = seen.get(kind) ?? 0;
    seen.set(kind, count + 1);
    response.on("finish", () => registry.log.push(`${key} ${response.statusCode}`));
    const fault = options.fault?.({ method, path: `${url.pathname}${url.search}`, count }, registry);
    try {
      if (fault && "expireTokens" in fault) tokens.expireAll();
      if (fault && "headers" in fault && !("status" in fault))
        for (const [name, value] of Object.entries(fault.headers)) response.setHeader(name, value);
      if (fault && "status" in fault) {
        await bodyOf(request);
        response.writeHead(fault.status, fault.headers).end(fault.body ?? "");
        return;
      }
      if (fault && "forget" in fault) {
        uploads.clear();
        socket.destroy();
        return;
      }
      await route(request, response, url, fault);
    } catch (error) {
      if (!(error instanceof Refusal)) {
        socket.destroy();
        const isGone = (error as NodeJS.ErrnoException).code === "ECONNRESET";
        if (!(error instanceof Cut) && !isGone) throw error;
        registry.log.push(`${key} cut`);
        return;
      }
      response.writeHead(error.status, { "content-type": "application/json", ...error.headers });
      response.end(JSON.stringify({ errors: [{ code: error.code, message: error.message }] }));
    }
  }

  async function route(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    fault: Fault | undefined,
  ): Promise<void> {
    const method = request.method!;
    if (url.pathname === "/token")
      return tokens.answer(request, response, url, (await bodyOf(request)).toString());
    if (url.pathname.startsWith("/storage/")) {
      if (request.headers.authorization)
        throw new Refusal(400, "DENIED", "credentials for the registry alone");
      return sendBlob(request, response, url.pathname.slice("/storage/".length), fault);
    }
    const match = /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|referrers|tags)\/([^/]*)$/.exec(url.pathname);
    if (!match) throw new Refusal(404, "NAME_UNKNOWN");
    const [, name, kind, item] = match as unknown as [string, string, string, string];
    const isRead = (method === "GET" || method === "HEAD") && kind !== "blobs/uploads";
    const from = url.searchParams.get("from");
    const needed = [`${name}:${isRead ? "pull" : "push"}`, ...(from ? [`${from}:pull`] : [])];
    if (!tokens.allows(request, response, needed)) return;
    const repository = repositoryOf(name);
    if (kind === "blobs") {
      if (!repository.blobs.has(item)) throw new Refusal(404, "BLOB_UNKNOWN");
      if (options.redirectsBlobs && method === "GET")
        return void response
          .writeHead(307, { location: `http://localhost:${host.split(":")[1]}/storage/${item}` })
          .end();
      return sendBlob(request, response, item, fault);
    }
    if (kind === "blobs/uploads") return upload(request, response, url, name, item, fault);
    if (kind === "manifests" && method === "PUT") return putManifest(request, response, repository, item);
    if (kind === "manifests") {
      const digest = repository.tags.get(item) ?? item;
      const found = repository.manifests.get(digest);
      if (!found || !request.headers.accept?.includes(found.type)) throw new Refusal(404, "MANIFEST_UNKNOWN");
      const headers = { "content-type": found.type, "content-length": found.bytes.length };
      if (!response.hasHeader("docker-content-digest")) response.setHeader("docker-content-digest", digest);
      response.writeHead(200, headers).end(method === "HEAD" ? undefined : found.bytes);
      return;
    }
    if (kind === "tags") {
      const tags = [...repository.tags.keys()].sort();
      const start = tags.findIndex((tag) => tag > (url.searchParams.get("last") ?? ""));
      const page = start < 0 ? [] : tags.slice(start, start + (options.page ?? tags.length));
      const isLast = page.at(-1) === tags.at(-1);
      const next = `</v2/${name}/tags/list?last=${page.at(-1)}>; rel="next"`;
      response.writeHead(200, isLast ? {} : { link: next }).end(JSON.stringify({ name, tags: page }));
      return;
    }
    if (options.referrers === false) throw new Refusal(404, "UNSUPPORTED");
    const manifests = [...repository.manifests].flatMap(([digest, { type, bytes }]) => {
      const value = JSON.parse(bytes.toString());
      if (value.subject?.digest !== item) return [];
      const artifactType = value.artifactType ?? value.config?.mediaType;
      return [{ mediaType: type, digest, size: bytes.length, artifactType, annotations: value.annotations }];
    });
    const mediaType = "application/vnd.oci.image.index.v1+json";
    response.writeHead(200, { "content-type": mediaType });
    response.end(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  }

  function sendBlob(
    request: IncomingMessage,
    response: ServerResponse,
    digest: string,
    fault: Fault | undefined,
  ): void {
    const bytes = registry.blobs.get(digest)!;
    const range =
      options.ranges === false ? undefined : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    const part = range ? bytes.subarray(Number(range[1]), Number(range[2]) + 1) : bytes;
    const headers: Record<string, string> = {
      "content-length": String(part.length),
      "docker-content-digest": digest,
    };
    if (range) headers["content-range"] = `bytes ${range[1]}-${range[2]}/${bytes.length}`;
    response.writeHead(range ? 206 : 200, headers);
    if (request.method === "HEAD") response.end();
    else if (fault && "cutAnswerAfter" in fault)
      response.write(part.subarray(0, fault.cutAnswerAfter), () => request.socket.destroySoon());
    else response.end(part);
  }

  async function upload(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    name: string,
    id: string,
    fault: Fault | undefined,
  ): Promise<void> {
    const repository = repositoryOf(name);
    const digest = url.searchParams.get("digest");
    const proceed = (status: number, current: Upload, currentId: string): void => {
      current.state = randomUUID();
      const range: Record<string, string> =
        current.bytes.length > 0 ? { range: `0-${current.bytes.length - 1}` } : { range: "0-0" };
      const location = `/v2/${name}/blobs/uploads/${currentId}?signed=a%2Bb/c==&state=${current.state}`;
      const minimum: Record<string, string> = options.minimumChunk
        ? { "oci-chunk-min-length": String(options.minimumChunk) }
        : {};
      response.writeHead(status, { location, ...range, ...minimum }).end();
    };
    if (request.method === "POST") {
      const mount = url.searchParams.get("mount");
      const from = url.searchParams.get("from");
      if (mount && from && registry.repositories.get(from)?.blobs.has(mount)) {
        repository.blobs.add(mount);
        response.writeHead(201, { location: `/v2/${name}/blobs/${mount}` }).end();
        return;
      }
      const made: Upload = { repository: name, state: "", bytes: Buffer.alloc(0) };
      const newId = randomUUID();
      uploads.set(newId, made);
      return proceed(202, made, newId);
    }
    const current = uploads.get(id);
    if (!current || current.repository !== name) throw new Refusal(404, "BLOB_UPLOAD_UNKNOWN");
    if (request.method === "GET") return proceed(204, current, id);
    if (url.searchParams.get("state") !== current.state)
      throw new Refusal(400, "BLOB_UPLOAD_INVALID", "an old location");
    const length = Number(request.headers["content-length"] ?? Number.NaN);
    const range = request.headers["content-range"];
    // As Docker sends every layer: all in one, and of a length that is not told.
    const isStreamed = request.method === "PATCH" && request.headers["transfer-encoding"] === "chunked";
    if (isStreamed && (range !== undefined || current.bytes.length > 0))
      throw new Refusal(416, "RANGE_INVALID", "a streamed upload is whole");
    if (Number.isNaN(length) && !isStreamed) throw new Refusal(411, "SIZE_INVALID");
    if (!isStreamed && (range !== undefined || request.method === "PATCH")) {
      const [start, end] =
        /^(\d+)-(\d+)$/
          .exec(range ?? "")
          ?.slice(1)
          .map(Number) ?? [];
      if (start !== current.bytes.length || end! - start + 1 !== length) {
        await bodyOf(request);
        throw new Refusal(416, "RANGE_INVALID", `${range} does not follow ${current.bytes.length}`);
      }
    }
    const arrived = [current.bytes];
    let size = current.bytes.length;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        const room = fault && "cutAfter" in fault ? fault.cutAfter - size : chunk.length;
        const taken = chunk.subarray(0, Math.max(0, room));
        arrived.push(taken);
        size += taken.length;
        registry.received += taken.length;
        if (taken.length < chunk.length) throw new Cut();
      }
    } finally {
      current.bytes = Buffer.concat(arrived);
    }
    if (request.method === "PATCH") return proceed(202, current, id);
    uploads.delete(id);
    const found = sha256(current.bytes);
    if (found !== digest) throw new Refusal(400, "DIGEST_INVALID", `${found} is not ${digest}`);
    registry.blobs.set(found, current.bytes);
    repository.blobs.add(found);
    if (!response.hasHeader("docker-content-digest")) response.setHeader("docker-content-digest", found);
    response.writeHead(201, { location: `/v2/${name}/blobs/${found}` }).end();
  }

  async function putManifest(
    request: IncomingMessage,
    response: ServerResponse,
    repository: Repository,
    item: string,
  ): Promise<void> {
    const bytes = await bodyOf(request);
    const digest = sha256(bytes);
    const isTag = !item.startsWith("sha256:");
    if (!isTag && item !== digest) throw new Refusal(400, "DIGEST_INVALID");
    const value = JSON.parse(bytes.toString());
    if (value.schemaVersion !== 2 || value.mediaType !== request.headers["content-type"])
      throw new Refusal(400, "MANIFEST_INVALID", "another media type than its own");
    for (const blob of value.config ? [value.config, ...value.layers] : [])
      if (!repository.blobs.has(blob.digest) || registry.blobs.get(blob.digest)!.length !== blob.size)
        throw new Refusal(400, "MANIFEST_BLOB_UNKNOWN", blob.digest);
    for (const child of value.manifests ?? []) {
      const isList = isTag && /^sha256-[0-9a-f]{64}$/.test(item);
      if (repository.manifests.get(child.digest)?.bytes.length !== child.size && !isList)
        throw new Refusal(400, "MANIFEST_UNKNOWN", child.digest);
    }
    const isTaken = isTag && repository.tags.has(item);
    if (options.immutableTags && isTaken)
      throw new Refusal(400, "TAG_INVALID", `the tag ${item} is immutable`);
    repository.manifests.set(digest, { type: value.mediaType, bytes });
    if (isTag) repository.tags.set(item, digest);
    if (!response.hasHeader("docker-content-digest")) response.setHeader("docker-content-digest", digest);
    if (value.subject && options.referrers !== false) response.setHeader("oci-subject", value.subject.digest);
    response.writeHead(201, { location: `/v2/x/manifests/${digest}` }).end();
  }

  return registry;
}

class Cut extends Error {}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
