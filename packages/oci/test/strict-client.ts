import { expect } from "vitest";
import { type Image, type ImageIndex, RegistryClient, verified } from "../src/index.ts";
import { type StrictOptions, type StrictRegistry, strictRegistry } from "./strict-registry.ts";
import { collect } from "./tools.ts";

/** How long the client of `setUp` wanted to wait, in milliseconds. */
export const waits: number[] = [];
export const user = { username: "me", password: "secret:with:colons" };
export const tokenAuth = { kind: "token", ...user } as const;

/** A strict registry, a client that waits for nothing, and a name to push to. */
export async function setUp(
  options: StrictOptions = {},
  credentials: { username: string; password: string } | undefined = user,
) {
  const registry = await strictRegistry(options);
  waits.length = 0;
  const client = new RegistryClient({
    credentials: async () => credentials,
    wait: async (milliseconds) => void waits.push(milliseconds),
  });
  return { registry, client, name: `${registry.host}/team/app:1` };
}

/** Everything that a tag of the registry leads to is there. */
export function expectComplete(registry: StrictRegistry): void {
  for (const { tags, manifests, blobs } of registry.repositories.values()) {
    const visit = (digest: string): void => {
      const value = JSON.parse(manifests.get(digest)!.bytes.toString());
      for (const { digest: child } of value.manifests ?? []) visit(child);
      for (const { digest: blob } of value.config ? [value.config, ...value.layers] : [])
        expect(blobs.has(blob) && registry.blobs.has(blob)).toBe(true);
    };
    for (const digest of tags.values()) visit(digest);
  }
}

export async function expectSame(pulled: Image | ImageIndex, pushed: Image | ImageIndex): Promise<void> {
  expect(pulled.digest).toBe(pushed.digest);
  if (pulled.kind === "index")
    for (const [at, child] of pulled.manifests.entries())
      await expectSame(child, (pushed as ImageIndex).manifests[at]!);
  else for (const layer of pulled.layers) await collect(verified(layer.content.read(), layer));
}
