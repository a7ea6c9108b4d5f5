import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import npmFetch from "npm-registry-fetch";
import { vi } from "vitest";
import { loadNpmOptions } from "../src/npm-options.ts";

/** What a request is for. */
export interface Asked {
  readonly kind: "packument" | "tarball";
  readonly name: string;
  /** Of a tarball. */
  readonly version?: string;
  /** Counts from 1, per kind and name. */
  readonly attempt: number;
}

/** How to answer instead of well. */
export type Fault =
  | { readonly status: number; readonly body?: string }
  /** Other bytes, declared as such. */
  | { readonly change: (content: Buffer) => Buffer }
  /** Another length declared, then nothing more. */
  | { readonly length: number }
  /** The whole length declared, the connection cut in the middle. */
  | "cut"
  /** Half of the content, then nothing more. */
  | "hang";

interface Published {
  readonly tarball: Buffer;
  readonly integrity: string;
}

const cacheDir = fileURLToPath(new URL("../../../node_modules/.cache/sbp-test-registry/", import.meta.url));

/**
 * A registry of the tests' own on 127.0.0.1: hands out the packages published to it, passes every other package on
 * from the registry that npm is configured for on this machine (its tarballs are kept), and fails on demand.
 */
export class RegistryProxy {
  readonly url: string;
  /** Every request so far. */
  readonly requests: { path: string; authorization: string | undefined }[] = [];
  /** Decides for each request whether and how it fails. */
  fault: (asked: Asked) => Fault | undefined = () => undefined;
  readonly #server: Server;
  readonly #packages = new Map<string, Map<string, Published>>();
  readonly #attempts = new Map<string, number>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    server.on("request", (request, response) => {
      this.#answer(request, response).catch((error) => {
        response.statusCode = 599;
        response.end(String(error));
      });
    });
  }

  /** Starts one and points npm's configuration to it, until `vi.unstubAllEnvs`. Retries wait milliseconds. */
  static async start(): Promise<RegistryProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new RegistryProxy(server);
    vi.stubEnv("npm_config_registry", proxy.url);
    vi.stubEnv("npm_config_noproxy", "127.0.0.1");
    vi.stubEnv("npm_config_fetch_retry_mintimeout", "1");
    vi.stubEnv("npm_config_fetch_retry_maxtimeout", "5");
    return proxy;
  }

  publish(name: string, version: string, tarball: Buffer): Published {
    const published = { tarball, integrity: integrityOf(tarball) };
    if (!this.#packages.has(name)) this.#packages.set(name, new Map());
    this.#packages.get(name)!.set(version, published);
    return published;
  }

  /** A package without versions, unless published to: nothing is passed on for it. */
  own(...names: readonly string[]): void {
    for (const name of names) if (!this.#packages.has(name)) this.#packages.set(name, new Map());
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", this.url).pathname;
    this.requests.push({ path, authorization: request.headers.authorization });
    const [, name = "", version] =
      /^\/((?:@[^/]+\/)?[^/]+)(?:\/-\/(.+)\.tgz)?$/.exec(path.replace(/%2f/i, "/")) ?? [];
    const kind = version === undefined ? "packument" : "tarball";
    const attempt = (this.#attempts.get(`${kind} ${name}`) ?? 0) + 1;
    this.#attempts.set(`${kind} ${name}`, attempt);
    const fault = this.fault({ kind, name, attempt, ...(version === undefined ? {} : { version }) });
    if (typeof fault === "object" && "status" in fault) {
      response.statusCode = fault.status;
      response.end(fault.body ?? "{}");
      return;
    }
    let content = version === undefined ? await this.#packument(name) : await this.#tarball(name, version);
    if (typeof fault === "object" && "change" in fault) content = fault.change(content);
    if (typeof fault === "object" && "length" in fault) {
      response.writeHead(200, { "content-length": fault.length });
      response.flushHeaders();
      return;
    }
    response.setHeader("content-length", content.length);
    if (fault === "cut" || fault === "hang") {
      response.write(content.subarray(0, content.length / 2), () => {
        if (fault === "cut") response.destroy();
      });
      return;
    }
    response.end(content);
  }

  async #packument(name: string): Promise<Buffer> {
    const own = this.#packages.get(name);
    const versions: Record<string, { dist: { tarball: string; integrity?: string } }> = {};
    if (own) {
      for (const [version, { integrity }] of own) versions[version] = { dist: { tarball: "", integrity } };
    } else {
      const answer = await upstream(escaped(name)).then((response) => response.json());
      Object.assign(versions, (answer as { versions: object }).versions);
    }
    for (const [version, { dist }] of Object.entries(versions))
      dist.tarball = `${this.url}${name}/-/${version}.tgz`;
    return Buffer.from(JSON.stringify({ name, versions }));
  }

  async #tarball(name: string, version: string): Promise<Buffer> {
    const own = this.#packages.get(name);
    if (own) return own.get(version)!.tarball;
    const kept = join(cacheDir, `${name.replace("/", "+")}-${version}.tgz`);
    if (!existsSync(kept)) {
      const packument = (await upstream(escaped(name)).then((response) => response.json())) as {
        versions: Record<string, { dist: { tarball: string } }>;
      };
      const response = await upstream(packument.versions[version]!.dist.tarball);
      mkdirSync(cacheDir, { recursive: true });
      writeFileSync(`${kept}.${process.pid}`, await response.buffer());
      renameSync(`${kept}.${process.pid}`, kept);
    }
    return readFileSync(kept);
  }
}

export function integrityOf(content: Buffer): string {
  return `sha512-${createHash("sha512").update(content).digest("base64")}`;
}

/** A scope is one part of an address with its name. */
function escaped(name: string): string {
  return name.replace("/", "%2f");
}

// The configuration of the machine, read before any test changes the environment.
const machineOptions = await loadNpmOptions(process.cwd());

function upstream(url: string) {
  return npmFetch(url, {
    ...machineOptions,
    headers: { accept: "application/vnd.npm.install-v1+json" },
  } as npmFetch.Options);
}
