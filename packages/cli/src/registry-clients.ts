import type { RegistryClient } from "@sbp/oci";

/** A client for each registry: with its connections and tokens, until `close`. */
export class RegistryClients {
  readonly #plainHttp: boolean;
  readonly #clients = new Map<string, RegistryClient>();

  /** @param plainHttp Speak to registries without TLS. */
  constructor(plainHttp: boolean) {
    this.#plainHttp = plainHttp;
  }

  /** `oci` is given, since only what talks to registries loads it. */
  of(registry: string, oci: typeof import("@sbp/oci")): RegistryClient {
    let client = this.#clients.get(registry);
    if (!client) {
      client = new oci.RegistryClient({
        credentials: oci.dockerCredentials(),
        ...(this.#plainHttp && { plainHttp: [registry] }),
      });
      this.#clients.set(registry, client);
    }
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    this.#clients.clear();
  }
}
