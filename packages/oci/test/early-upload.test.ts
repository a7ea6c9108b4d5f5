import { expect, test } from "vitest";
import { bytesContent, type Content, type Image, RegistryClient } from "../src/index.ts";
import { dockerRegistry } from "./docker-registry.ts";
import { sampleImage } from "./images.ts";
import { expectComplete, expectSame, setUp, tokenAuth } from "./strict-client.ts";
import type { StrictOptions } from "./strict-registry.ts";

/*
 * Uploads that begin before all of their blob is there.
 */

/** How the large layer begins. */
function startOf({ layers }: Image, size: number): Content {
  return { size, read: () => layers[1]!.content.read(0, size) };
}

const uploadsOf = (log: readonly string[]) =>
  log.filter((line) => /^(?:POST|PATCH|PUT) .*\/uploads\//.test(line));

/** Pushes an image whose large layer was begun with `start`. The requests that upload blobs. */
async function pushBegun(options: StrictOptions, start: (image: Image) => Content) {
  const { registry, client, name } = await setUp(options);
  const image = await sampleImage();
  const upload = client.uploadEarly(name, start(image));
  const early = ({ digest }: { readonly digest: string }) =>
    digest === image.layers[1]!.digest ? upload : undefined;
  const result = await client.push(image, name, { early });
  expect(result).toMatchObject({ isNew: true, digest: image.digest });
  expectComplete(registry);
  await expectSame(await client.pull(name), image);
  return { registry, client, image, result, uploads: uploadsOf(registry.log) };
}

test("what is there of a blob is sent while the rest is being made", async () => {
  for (const options of [{}, { auth: tokenAuth }]) {
    const { registry, client, name } = await setUp(options);
    const image = await sampleImage();
    let makeRest = (): void => {};
    const made = new Promise<void>((resolve) => {
      makeRest = resolve;
    });
    const upload = client.uploadEarly(name, startOf(image, 2_000_000));
    const layer = image.layers[1]!;
    const read = async function* (start?: number, end?: number) {
      await made;
      yield* layer.content.read(start, end);
    };
    const finished = upload.finish({ ...layer, content: { size: layer.size, read } }, undefined);
    makeRest();
    expect(await finished).toBe(true);
    expect(registry.blobs.get(layer.digest)?.length).toBe(layer.size);
    expect(registry.received).toBe(layer.size);
    await client.close();
  }
});

test("a push takes an upload that has begun", async () => {
  const { registry, result, uploads } = await pushBegun({}, (image) => startOf(image, 2_000_000));
  expect(result.uploaded).toBe(registry.received);
  expect(uploads.filter((line) => line.startsWith("PATCH"))).toHaveLength(1);
  expect(uploads.filter((line) => line.startsWith("POST"))).toHaveLength(3);
});

test("a blob that begins otherwise is uploaded like any other", async () => {
  const wrong = await pushBegun({}, () => bytesContent(Buffer.alloc(2_000_000)));
  expect(wrong.uploads.some((line) => /PUT .* 400/.test(line))).toBe(true);
  await pushBegun({}, ({ layers }) => bytesContent(Buffer.alloc(layers[1]!.size + 1)));
});

test("so it is when the upload that has begun breaks, is refused or forgotten", async () => {
  const faults: StrictOptions["fault"][] = [
    ({ method, count }) => (method === "PATCH" && count === 0 ? { cutAfter: 100_000 } : undefined),
    ({ method, count }) => (method === "PATCH" && count === 0 ? { forget: true } : undefined),
    ({ method, count }) => (method === "PATCH" && count === 0 ? { status: 411 } : undefined),
    ({ method, count }) => (method === "PATCH" && count === 0 ? { status: 401 } : undefined),
    ({ method, count }) => (method === "POST" && count === 0 ? { status: 403 } : undefined),
  ];
  for (const fault of faults)
    await pushBegun({ fault: (...request) => fault!(...request) }, (image) => startOf(image, 2_000_000));
});

test("what the registry has is not sent, and the upload that has begun is broken off", async () => {
  const { registry, client, name } = await setUp();
  const image = await sampleImage();
  await client.push(image, name);
  const before = registry.blobs.size;
  const upload = client.uploadEarly(name, startOf(image, 2_000_000));
  const { uploaded } = await client.push(image, `${name}-again`, {
    early: ({ digest }) => (digest === image.layers[1]!.digest ? upload : undefined),
  });
  expect(uploaded).toBe(0);
  expect(registry.blobs.size).toBe(before);
  expect(await upload.finish(image.layers[1]!, undefined)).toBe(false);
});

test("whoever cancels the push ends the upload, too", async () => {
  const { registry, client, name } = await setUp();
  const image = await sampleImage();
  const upload = client.uploadEarly(name, startOf(image, 2_000_000));
  const cancelled = new AbortController();
  const never: Content = {
    size: image.layers[1]!.size,
    async *read() {
      cancelled.abort(new Error("cancelled"));
      await new Promise(() => {});
    },
  };
  const finishing = upload.finish({ ...image.layers[1]!, content: never }, cancelled.signal);
  await expect(finishing).rejects.toThrow("cancelled");
  expect(registry.blobs.size).toBe(0);
});

test("docker-registry takes it", async () => {
  const host = await dockerRegistry(undefined);
  const client = new RegistryClient();
  const image = await sampleImage();
  const upload = client.uploadEarly(`${host}/team/early`, startOf(image, 2_000_000));
  expect(await upload.finish(image.layers[1]!, undefined)).toBe(true);
  await client.push(image, `${host}/team/early:1`);
  await expectSame(await client.pull(`${host}/team/early:1`), image);
  await client.close();
});
