import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CacheServer, startCacheServer } from "../../../tools/cache-server.ts";
import { HttpStorage, type HttpStorageOptions } from "../src/http-storage.ts";

const { signal } = new AbortController();
const key = "ab".repeat(32);

let folder: string;
let server: CacheServer;
let answers: string[];
const opened: { close(): unknown }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sbp-cache-server-"));
  answers = [];
  server = await startCacheServer({
    folder: join(folder, "values"),
    token: "all",
    readToken: "read",
    onAnswer: (method, _, status) => answers.push(`${method} ${status}`),
  });
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await server.close();
  await rm(folder, { recursive: true });
});

function storage(url: string, options: HttpStorageOptions = {}): HttpStorage {
  const one = new HttpStorage(url, options);
  opened.push(one);
  return one;
}

async function read(from: HttpStorage): Promise<string | undefined> {
  const stream = await from.get(key, signal);
  if (!stream) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("keeps a value, and never changes it", async () => {
  const mine = storage(server.url, { token: "all" });
  expect(await mine.has(key, signal)).toBe(false);
  expect(await read(mine)).toBeUndefined();
  expect(await mine.put(key, Buffer.from("one"), signal)).toBe("kept");
  expect(await mine.put(key, Buffer.from("two"), signal)).toBe("kept");
  expect(await mine.has(key, signal)).toBe(true);
  expect(await read(mine)).toBe("one");
  expect(answers).toEqual(["HEAD 404", "GET 404", "PUT 200", "PUT 409", "HEAD 200", "GET 200"]);
});

test("sends a file without reading it into memory", async () => {
  const file = join(folder, "large");
  await writeFile(file, Buffer.alloc(5_000_000, "x"));
  const mine = storage(server.url, { token: "all" });
  expect(await mine.put(key, { file, size: 5_000_000 }, signal)).toBe("kept");
  expect(await readFile(join(folder, "values", key))).toHaveLength(5_000_000);
});

test("a token that may only read is told so, and goes on reading", async () => {
  await storage(server.url, { token: "all" }).put(key, Buffer.from("one"), signal);
  const reader = storage(server.url, { token: "read" });
  expect(await reader.put("cd".repeat(32), Buffer.from("two"), signal)).toBe("read-only");
  expect(await read(reader)).toBe("one");
});

test.each([
  ["without a token", {}],
  ["with a wrong one", { token: "guess" }],
])("%s nothing is told, and the message says what is missing", async (_, options) => {
  await expect(read(storage(server.url, options))).rejects.toThrow(
    "it answers 401: the token is missing or wrong",
  );
});

test("tries again when the server has a moment of weakness", async () => {
  let asked = 0;
  const { url } = await serve((_, response) => {
    if (asked++ === 0) response.writeHead(503).end();
    else response.end("one");
  });
  expect(await read(storage(url))).toBe("one");
  expect(asked).toBe(2);
});

test("gives up on a server that stays broken, with its status", async () => {
  const { url } = await serve((_, response) => response.writeHead(500).end("secret insides"));
  await expect(read(storage(url))).rejects.toThrow(/^it answers 500$/);
});

test("a connection that breaks off in the middle is an error, not a short value", async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("only this");
    setImmediate(() => response.destroy());
  });
  await expect(read(storage(url))).rejects.toThrow();
});

test("shows no password of its address", () => {
  expect(storage("https://user:secret@cache.example/sbp/").name).toBe("https://cache.example/sbp");
});

async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const other = createServer(listener);
  await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
  opened.push({
    close: () => {
      other.closeAllConnections();
      other.close();
    },
  });
  return { url: `http://127.0.0.1:${(other.address() as AddressInfo).port}`, server: other };
}
