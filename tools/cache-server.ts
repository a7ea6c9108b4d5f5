/*
 * A server for shared results: the protocol that Nx publishes for self-hosted caches, which Nx and sbp both speak.
 * Values are files of a folder, written once. One process, one folder, no clean-up: for a team's own network and for
 * our tests.
 *
 *     node --conditions=@sbp/source tools/cache-server.ts --folder cache --port 8070
 *
 * Tokens come from the environment: CACHE_TOKEN may read and write, CACHE_READ_TOKEN may only read. Without either anybody on
 * this machine may do both.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, statSync } from "node:fs";
import { link, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";

/** Bytes that a value may have. */
const longestValue = 2 ** 31;

export interface CacheServerOptions {
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly token?: string | undefined;
  readonly readToken?: string | undefined;
  /** Told of every answer. */
  readonly onAnswer?: (method: string, key: string, status: number) => void;
}

export interface CacheServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves on the loopback interface. */
export async function startCacheServer(options: CacheServerOptions): Promise<CacheServer> {
  mkdirSync(options.folder, { recursive: true });
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => response.destroy());
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed).listen(options.port ?? 0, "127.0.0.1", listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => closed(server),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: CacheServerOptions) {
  const { method = "", url = "" } = request;
  const key = /^\/v1\/cache\/([\w-]{1,128})$/.exec(url)?.[1];
  const end = (status: number, text = "") => {
    options.onAnswer?.(method, key ?? url, status);
    // What was not read would be taken for the next request.
    if (!request.complete && status >= 400) response.setHeader("connection", "close");
    response.writeHead(status, { "content-type": "text/plain" }).end(text);
  };
  const rights = rightsOf(request.headers.authorization, options);
  if (!rights) return end(401, "a token is needed\n");
  if (!key) return end(404);
  const path = join(options.folder, key);
  if (method === "GET" || method === "HEAD") {
    if (!existsSync(path)) return end(404);
    options.onAnswer?.(method, key, 200);
    const { size } = statSync(path);
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": size });
    if (method === "HEAD") return response.end();
    return pipeline(createReadStream(path), response);
  }
  if (method !== "PUT") return end(405);
  if (rights === "read") return end(403, "this token may only read\n");
  if (existsSync(path)) return end(409, "a value is never changed\n");
  const size = Number(request.headers["content-length"]);
  if (!Number.isSafeInteger(size) || size < 0) return end(411);
  if (size > longestValue) return end(413);
  return end(await keep(request, path, options.folder, size));
}

/** The status to answer with. A value is there whole, or not at all. */
async function keep(request: IncomingMessage, path: string, folder: string, size: number): Promise<number> {
  const temporary = await mkdtemp(join(folder, ".upload-"));
  try {
    const file = join(temporary, "value");
    await pipeline(request, createWriteStream(file));
    if (statSync(file).size !== size) return 400;
    await link(file, path);
    return 200;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return 409;
    throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function rightsOf(header: string | undefined, { token, readToken }: CacheServerOptions) {
  if (token === undefined && readToken === undefined) return "write";
  const given = /^Bearer (.+)$/.exec(header ?? "")?.[1];
  if (given !== undefined && token !== undefined && isSame(given, token)) return "write";
  if (given !== undefined && readToken !== undefined && isSame(given, readToken)) return "read";
  return undefined;
}

/** In a time that tells nothing of how much was right. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

function closed(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

if (import.meta.filename === resolve(process.argv[1] ?? "")) {
  const { values } = parseArgs({
    options: {
      folder: { type: "string", default: "cache" },
      port: { type: "string", default: "8070" },
    },
  });
  const { url } = await startCacheServer({
    folder: resolve(values.folder),
    port: Number(values.port),
    token: process.env.CACHE_TOKEN,
    readToken: process.env.CACHE_READ_TOKEN,
  });
  console.log(`${url}, values in ${resolve(values.folder)}`);
}
