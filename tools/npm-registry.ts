import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Bytes: no package of a test is larger. */
const largest = 512 << 20;

interface Packument {
  readonly name: string;
  readonly "dist-tags": Record<string, string>;
  readonly versions: Record<string, { dist: { tarball: string } }>;
}

/**
 * A registry of npm packages on 127.0.0.1 that takes what `npm publish` brings and hands it to `npm install`, in memory. It
 * knows no packages of others: give npm its address for a scope alone, by the lines of `npmrc`.
 */
export class NpmRegistry {
  readonly #server: Server;
  readonly #packages = new Map<string, Packument>();
  readonly #tarballs = new Map<string, Buffer>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => {
      this.#answer(request).then(
        ([status, body]) => response.writeHead(status).end(body),
        (error) => response.writeHead(500).end(String(error)),
      );
    });
  }

  static async start(): Promise<NpmRegistry> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new NpmRegistry(server);
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What an .npmrc says for these scopes to come from here, and to be published here. */
  npmrc(...scopes: readonly string[]): string {
    const lines = scopes.map((scope) => `${scope}:registry=http://${this.host}/`);
    return [...lines, `//${this.host}/:_authToken=for-tests`, "noproxy=127.0.0.1", ""].join("\n");
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage): Promise<[status: number, body: string | Buffer]> {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://registry").pathname).slice(1);
    if (request.method === "PUT") {
      this.#publish(JSON.parse(`${await bodyOf(request)}`));
      return [201, "{}"];
    }
    const tarball = this.#tarballs.get(path);
    if (tarball) return [200, tarball];
    const packument = this.#packages.get(path);
    return packument ? [200, JSON.stringify(packument)] : [404, '{"error":"not found"}'];
  }

  #publish(put: Packument & { readonly _attachments: Record<string, { readonly data: string }> }): void {
    const before = this.#packages.get(put.name);
    for (const { dist } of Object.values(put.versions)) {
      const [attachment] = Object.values(put._attachments);
      const path = `${put.name}/-/${dist.tarball.split("/").at(-1)}`;
      dist.tarball = `http://${this.host}/${path}`;
      this.#tarballs.set(path, Buffer.from(attachment!.data, "base64"));
    }
    this.#packages.set(put.name, {
      name: put.name,
      "dist-tags": { ...before?.["dist-tags"], ...put["dist-tags"] },
      versions: { ...before?.versions, ...put.versions },
    });
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > largest) throw new Error("too large");
  }
  return Buffer.concat(chunks);
}
