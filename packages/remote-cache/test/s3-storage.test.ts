import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { S3Storage, type S3StorageOptions } from "../src/s3-storage.ts";
import { type S3Server, startS3Server } from "./s3-server.ts";

const { signal } = new AbortController();
const key = "ab".repeat(32);

let folder: string;
let server: S3Server;
const opened: { close(): unknown }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sbp-s3-"));
  server = await startS3Server(join(folder, "values"));
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const one of opened.splice(0)) await one.close();
  await server.close();
  await rm(folder, { recursive: true });
});

function storage(options: Partial<S3StorageOptions> = {}): S3Storage {
  const one = new S3Storage({ bucket: "results", prefix: "team/sbp", endpoint: server.url, ...options });
  opened.push(one);
  return one;
}

async function read(from: S3Storage): Promise<string | undefined> {
  const stream = await from.get(key, signal);
  if (!stream) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** A server that answers what the test says, with the address of it. */
async function serve(listener: RequestListener): Promise<string> {
  const other = createServer(listener);
  await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
  opened.push({
    close: () => {
      other.closeAllConnections();
      other.close();
    },
  });
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
}

/** An error as S3 words it. */
function failing(status: number, code: string): RequestListener {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>whatever</Message></Error>`);
  };
}

describe("a bucket", () => {
  test("keeps a value below the prefix", async () => {
    const mine = storage();
    expect(await mine.has(key, signal)).toBe(false);
    expect(await read(mine)).toBeUndefined();
    expect(await mine.put(key, Buffer.from("one"), signal)).toBe("kept");
    expect(await mine.has(key, signal)).toBe(true);
    expect(await read(mine)).toBe("one");
    expect(await read(storage({ prefix: "" }))).toBeUndefined();
    expect(await server.objects()).toEqual([
      join(folder, "values/results/team/sbp", `${key}._S3rver_object`),
    ]);
  });

  test("takes a file as a stream", async () => {
    const file = join(folder, "large");
    await writeFile(file, Buffer.alloc(5_000_000, "x"));
    expect(await storage().put(key, { file, size: 5_000_000 }, signal)).toBe("kept");
    const [object] = await server.objects();
    expect((await stat(object!)).size).toBe(5_000_000);
  });

  test("that does not exist is named as the reason", async () => {
    await expect(read(storage({ bucket: "nothing" }))).rejects.toThrow("it answers 404 (NoSuchBucket)");
  });
});

describe("credentials", () => {
  test("that are wrong are the reason, for reading and for writing, and are not shown", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "wrong-secret");
    const error = await read(storage()).catch((one: Error) => one);
    expect(`${error}`).toBe("Error: it answers 403 (SignatureDoesNotMatch)");
    await expect(storage().put(key, Buffer.from("one"), signal)).rejects.toThrow("SignatureDoesNotMatch");
    expect(await server.objects()).toEqual([]);
  });

  test("that are missing are the reason", async () => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "none"));
    vi.stubEnv("AWS_CONFIG_FILE", join(folder, "none"));
    await expect(read(storage())).rejects.toThrow("no AWS credentials are found");
  });

  test("that may only read are told so", async () => {
    const endpoint = await serve(failing(403, "AccessDenied"));
    expect(await storage({ endpoint }).put(key, Buffer.from("one"), signal)).toBe("read-only");
    await expect(read(storage({ endpoint }))).rejects.toThrow(
      "it answers 403 (AccessDenied): reading takes s3:GetObject and s3:ListBucket",
    );
  });
});

describe("a server", () => {
  test("is spoken to through the environment's proxy, but not where that says no", async () => {
    const asked: string[] = [];
    const proxy = await serve((request, response) => {
      asked.push(request.url!);
      failing(403, "AccessDenied")(request, response);
    });
    vi.stubEnv("HTTP_PROXY", proxy);
    vi.stubEnv("NO_PROXY", "127.0.0.1");
    expect(await read(storage())).toBeUndefined();
    expect(asked).toEqual([]);
    await read(storage({ endpoint: "http://objects.invalid" })).catch(() => {});
    expect(asked).toEqual([expect.stringContaining(`http://objects.invalid/results/team/sbp/${key}`)]);
  });

  test("is asked to create, never to change; that a value is there counts as kept", async () => {
    const conditions: unknown[] = [];
    const endpoint = await serve((request, response) => {
      conditions.push(request.headers["if-none-match"]);
      failing(412, "PreconditionFailed")(request, response);
    });
    expect(await storage({ endpoint }).put(key, Buffer.from("two"), signal)).toBe("kept");
    expect(conditions).toEqual(["*"]);
  });

  test("that knows no conditions is written to without", async () => {
    const conditions: unknown[] = [];
    const endpoint = await serve((request, response) => {
      const condition = request.headers["if-none-match"];
      conditions.push(condition);
      if (condition) return failing(501, "NotImplemented")(request, response);
      request.resume().on("end", () => response.end());
    });
    const file = join(folder, "value");
    await writeFile(file, "value");
    const mine = storage({ endpoint });
    expect(await mine.put(key, { file, size: 5 }, signal)).toBe("kept");
    expect(await mine.put(key, Buffer.from("one"), signal)).toBe("kept");
    expect(conditions).toEqual(["*", undefined, undefined]);
  });

  test("with a moment of weakness is asked again, with the whole file and without a word", async () => {
    const warn = vi.spyOn(console, "warn");
    opened.push({ close: () => warn.mockRestore() });
    const file = join(folder, "value");
    await writeFile(file, "value");
    const bodies: string[] = [];
    const endpoint = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        bodies.push(body);
        if (bodies.length === 1) failing(503, "SlowDown")(request, response);
        else response.end();
      });
    });
    expect(await storage({ endpoint }).put(key, { file, size: 5 }, signal)).toBe("kept");
    expect(bodies).toEqual(["value", "value"]);
    expect(warn).not.toHaveBeenCalled();
  });

  test("that stays broken is given up on, with its status", async () => {
    const endpoint = await serve(failing(500, "InternalError"));
    await expect(read(storage({ endpoint }))).rejects.toThrow(/^it answers 500 \(InternalError\)$/);
  });

  test("that is not there is the reason", async () => {
    await expect(read(storage({ endpoint: "http://127.0.0.1:9" }))).rejects.toThrow("ECONNREFUSED");
  });

  test("that never answers is waited for once", async () => {
    let asked = 0;
    const endpoint = await serve(() => {
      asked++;
    });
    const mine = storage({ endpoint, timeout: 200 });
    await expect(read(mine)).rejects.toThrow("it does not answer in time");
    await expect(mine.put(key, Buffer.from("one"), signal)).rejects.toThrow("it does not answer in time");
    expect(asked).toBe(2);
  });

  test("that falls silent or breaks off in the middle is an error, not a short value", async () => {
    const begin: RequestListener = (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("only this");
    };
    const silent = await serve(begin);
    await expect(read(storage({ endpoint: silent, timeout: 200 }))).rejects.toThrow();
    const broken = await serve((request, response) => {
      begin(request, response);
      setImmediate(() => response.destroy());
    });
    await expect(read(storage({ endpoint: broken }))).rejects.toThrow();
  });
});

test("a build that is cancelled leaves the server at once", async () => {
  const controller = new AbortController();
  const endpoint = await serve(() => controller.abort(new Error("cancelled")));
  await expect(storage({ endpoint }).get(key, controller.signal)).rejects.toThrow("cancelled");
});
