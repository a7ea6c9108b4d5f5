import { expect, test } from "vitest";
import { blobOf, createImage, imageFor, type OciError, RegistryClient } from "../src/index.ts";
import { sampleImage, sampleIndex } from "./images.ts";
import { expectComplete, expectSame, setUp, tokenAuth, user, waits } from "./strict-client.ts";
import { strictRegistry } from "./strict-registry.ts";
import { collect } from "./tools.ts";

test("an index is pushed and pulled with all that it needs", async () => {
  for (const auth of [{ kind: "none" }, { kind: "basic", ...user }, tokenAuth] as const) {
    const { registry, client, name } = await setUp({ auth });
    const index = await sampleIndex();
    const outcomes: string[] = [];
    const result = await client.push(index, name, {
      tags: ["1.2", "latest"],
      onBlob: (_, outcome) => outcomes.push(outcome),
    });
    // The base layer is the same in both images.
    expect(outcomes).toEqual(Array(5).fill("uploaded"));
    expect(result).toEqual({ digest: index.digest, isNew: true, uploaded: registry.received });
    expect([...registry.repositories.get("team/app")!.tags.keys()]).toEqual(["1", "1.2", "latest"]);
    expectComplete(registry);
    await expectSame(await client.pull(name), index);
    await expectSame(await client.pull(`${registry.host}/team/app@${index.digest}`), index);
    expect(await client.resolve(name)).toMatchObject({ digest: index.digest, size: index.size });
    expect(await client.resolve(`${registry.host}/team/app:none`)).toBeUndefined();
    const arm = imageFor(await client.pull(name), { os: "linux", architecture: "arm64" });
    expect(arm.digest).toBe(index.manifests[1]!.digest);
  }
});

test("a second push asks once and sends nothing", async () => {
  const { registry, client, name } = await setUp();
  const image = await sampleImage();
  await client.push(image, name);
  registry.log.length = 0;
  expect(await client.push(image, name)).toEqual({ digest: image.digest, uploaded: 0, isNew: false });
  expect(registry.log).toEqual(["HEAD /v2/team/app/manifests/1 200"]);
});

test("a changed layer is all that is uploaded", async () => {
  const { registry, client, name } = await setUp();
  await client.push(await sampleImage(), name);
  const before = registry.received;
  const changed = await sampleImage({ size: 1000 });
  const { uploaded } = await client.push(changed, name);
  expect(uploaded).toBe(changed.layers[1]!.size + changed.config.size);
  expect(registry.received - before).toBe(uploaded);
});

test("another repository's blobs are mounted", async () => {
  const { registry, client, name } = await setUp({ auth: tokenAuth });
  const image = await sampleImage();
  await client.push(image, name);
  const result = await client.push(image, `${registry.host}/team/other:1`, { mountFrom: "team/app" });
  expect(result).toMatchObject({ isNew: true, uploaded: 0 });
  expectComplete(registry);
});

test("what cannot be mounted is uploaded", async () => {
  const refuses = (scope: string) => scope.startsWith("repository:secret/");
  const { registry, client, name } = await setUp({ auth: { ...tokenAuth, refuses } });
  const image = await sampleImage();
  for (const mountFrom of ["secret/app", "team/nothing"]) {
    const result = await client.push(image, `${name}-${mountFrom.length}`, { mountFrom });
    expect(result.isNew).toBe(true);
  }
  expectComplete(registry);
  expect(registry.received).toBe(image.layers[0]!.size + image.layers[1]!.size + image.config.size);
});

test("chunks follow one another, and no chunk is below the registry's minimum", async () => {
  const { registry, client, name } = await setUp({ minimumChunk: 700_000 });
  const image = await sampleImage();
  await client.push(image, name, { chunkSize: 500_000 });
  expectComplete(registry);
  const patches = registry.log.filter((line) => /PATCH .* 202/.test(line));
  // Large layer, small layer and config.
  expect(patches).toHaveLength(Math.ceil(image.layers[1]!.size / 700_000) + 2);
  await expectSame(await client.pull(name), image);
});

test("a connection that is cut in the middle of a blob is taken up there", async () => {
  const { registry, client, name } = await setUp({
    fault: ({ method, count }) => (method === "PATCH" && count === 0 ? { cutAfter: 1_234_567 } : undefined),
  });
  const image = await sampleImage();
  await client.push(image, name);
  expectComplete(registry);
  // Nothing is sent twice but what was on its way.
  const total = image.layers[0]!.size + image.layers[1]!.size + image.config.size;
  expect(registry.received).toBe(total);
  expect(registry.log.filter((line) => line.startsWith("GET /v2/team/app/blobs/uploads/"))).toHaveLength(1);
  expect(waits).toHaveLength(1);
});

test("an upload that the registry forgot begins again", async () => {
  let cuts = 0;
  const { registry, client, name } = await setUp({
    fault: ({ method }) => (method === "PATCH" && cuts++ < 2 ? { forget: true } : undefined),
  });
  await client.push(await sampleImage(), name);
  expectComplete(registry);
});

test("small blobs whose connection is cut are sent again", async () => {
  let cuts = 0;
  const { registry, client, name } = await setUp({
    fault: ({ method, path }) =>
      method === "PUT" && path.includes("/blobs/") && cuts++ < 2 ? { cutAfter: 10 } : undefined,
  });
  await client.push(await sampleImage({ size: 100 }), name);
  expectComplete(registry);
});

test("500s and 429s are waited for, as long as the registry asks", async () => {
  const statuses = [500, 502, 503, 504, 408];
  const { registry, client, name } = await setUp({
    fault: ({ method, count }) => {
      if (count === 0) return { status: statuses[method.length % statuses.length]! };
      if (count === 1 && method === "HEAD") return { status: 429, headers: { "retry-after": "7" } };
      return undefined;
    },
  });
  await client.push(await sampleImage(), name);
  expectComplete(registry);
  expect(waits.filter((wait) => wait === 7000)).toHaveLength(4);
  for (const wait of waits) expect(wait === 7000 || (wait >= 250 && wait <= 500)).toBe(true);
});

test("what does not pass is told after five tries, with what the registry says", async () => {
  const body = JSON.stringify({ errors: [{ code: "TOOMANYREQUESTS", message: "slow\n\u001b[31mdown" }] });
  const { client, name } = await setUp({ fault: () => ({ status: 503, body }) });
  const failure = client.push(await sampleImage(), name);
  await expect(failure).rejects.toMatchObject({ code: "OCI_REGISTRY_FAILED", status: 503 });
  expect(waits).toHaveLength(4);
  expect(waits.every((wait, at) => wait >= 250 * 2 ** at && wait <= 500 * 2 ** at)).toBe(true);
  const { client: other, name: otherName } = await setUp({
    fault: ({ method }) => (method === "POST" ? { status: 400, body } : undefined),
  });
  await expect(other.push(await sampleImage(), otherName)).rejects.toThrow(
    "answers 400 to an upload to team/app (TOOMANYREQUESTS: slow [31mdown)",
  );
});

test("a token that expires while blobs are pushed is fetched anew", async () => {
  for (const at of ["PATCH", "PUT", "POST"]) {
    const { registry, client, name } = await setUp({
      auth: tokenAuth,
      fault: ({ method, count }) => (method === at && count === 0 ? { expireTokens: true } : undefined),
    });
    await client.push(await sampleIndex(), name);
    expectComplete(registry);
    expect(registry.tokens.given).toBeGreaterThan(1);
  }
});

test("an identity token is exchanged", async () => {
  const registry = await strictRegistry({ auth: { ...tokenAuth, identityToken: "refresh" } });
  const client = new RegistryClient({ credentials: async () => ({ identityToken: "refresh" }) });
  await client.push(await sampleImage(), `${registry.host}/team/app:1`);
  expectComplete(registry);
});

test("who is not known is told so, without the password", async () => {
  for (const auth of [tokenAuth, { kind: "basic", ...user }] as const)
    for (const credentials of [undefined, { username: "me", password: "wrong-one" }]) {
      const registry = await strictRegistry({ auth });
      const client = new RegistryClient({ credentials: async () => credentials });
      const error = await client
        .push(await sampleImage(), `${registry.host}/team/app:1`)
        .catch((e: unknown) => e);
      expect(error).toMatchObject({ code: "OCI_UNAUTHORIZED" });
      expect(JSON.stringify([(error as OciError).message, error])).not.toContain("wrong-one");
      expect(registry.received).toBe(0);
    }
});

test("a blob that changed since it was named is not pushed", async () => {
  for (const size of [100, 3_000_000]) {
    const { registry, client, name } = await setUp();
    const image = await sampleImage({ size });
    const [base, layer] = image.layers;
    const bytes = await collect(layer!.content.read());
    bytes[50]! ^= 1;
    const changed = { ...image, layers: [base!, { ...layer!, content: blobOf("", bytes).content }] };
    await expect(client.push(changed, name)).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
    expect(registry.repositories.get("team/app")!.tags.size).toBe(0);
  }
});

test("tags that must stay stay", async () => {
  const [one, other] = [await sampleImage(), await sampleImage({ size: 10 })];
  const { registry, client, name } = await setUp({ immutableTags: true });
  await client.push(one, name);
  await expect(client.push(other, name)).rejects.toMatchObject({ code: "OCI_TAG_IMMUTABLE" });
  // The same again is no change.
  expect((await client.push(one, name)).isNew).toBe(false);
  const free = await setUp();
  await free.client.push(one, free.name);
  const before = free.registry.received;
  await expect(free.client.push(other, free.name, { overwrite: false })).rejects.toMatchObject({
    code: "OCI_TAG_IMMUTABLE",
  });
  expect(free.registry.received).toBe(before);
  await free.client.push(other, free.name);
  expectComplete(registry);
});

test("a push can be cancelled, and the next one completes", async () => {
  const image = await sampleImage();
  const controller = new AbortController();
  const { registry, client, name } = await setUp({
    fault: ({ method }) => {
      if (method === "PATCH") controller.abort(new Error("enough"));
      return undefined;
    },
  });
  await expect(client.push(image, name, { signal: controller.signal })).rejects.toThrow("enough");
  expect(registry.repositories.get("team/app")?.tags.size ?? 0).toBe(0);
  await client.push(image, name);
  expectComplete(registry);
});

test("an image without layers is pushed too", async () => {
  const { client, name } = await setUp();
  const image = createImage({ platform: { os: "linux", architecture: "amd64" }, layers: [] });
  await client.push(image, name);
  await expectSame(await client.pull(name), image);
});
