import { expect, test } from "vitest";
import { blobOf, createArtifact, type Image, RegistryClient } from "../src/index.ts";
import { sampleImage } from "./images.ts";
import { expectSame, setUp, tokenAuth, waits } from "./strict-client.ts";
import { collect } from "./tools.ts";

test("a registry may name the time when it wants to be asked again", async () => {
  const soon = new Date(Date.now() + 100_000).toUTCString();
  const { client, name } = await setUp({
    fault: ({ count }) => (count === 0 ? { status: 503, headers: { "retry-after": soon } } : undefined),
  });
  await client.resolve(name);
  expect(waits).toHaveLength(1);
  expect(waits[0]).toBeGreaterThan(60_000);
  expect(waits[0]).toBeLessThanOrEqual(100_000);
});

test("a registry that asks for an hour is not waited for", async () => {
  const { client, name } = await setUp({
    fault: () => ({ status: 429, headers: { "retry-after": "3600" } }),
  });
  await expect(client.resolve(name)).rejects.toThrow("wants to be asked again in 60 minutes");
  expect(waits).toEqual([]);
});

test("who may only read can pull without credentials", async () => {
  const { client, name } = await setUp({ auth: tokenAuth });
  const image = await sampleImage();
  await client.push(image, name);
  await expectSame(await new RegistryClient().pull(name), image);
});

test("wrong digests are noticed, wherever they come from", async () => {
  const wrong = `sha256:${"0".repeat(64)}`;
  const image = await sampleImage();
  for (const part of ["PUT /blobs/", "PUT /manifests/"]) {
    const [at, place] = part.split(" ");
    const { client, name } = await setUp({
      fault: ({ method, path }) =>
        method === at && path.includes(place!) ? { headers: { "docker-content-digest": wrong } } : undefined,
    });
    await expect(client.push(image, name)).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
  }
  const { registry, client, name } = await setUp();
  await client.push(image, name);
  const layer = image.layers[1]!;
  const bytes = Buffer.from(registry.blobs.get(layer.digest)!);
  bytes[5]! ^= 1;
  registry.blobs.set(layer.digest, bytes);
  const pulled = (await client.pull(name)) as Image;
  await expect(collect(pulled.layers[1]!.content.read())).rejects.toMatchObject({
    code: "OCI_DIGEST_MISMATCH",
  });
  const manifest = registry.repositories.get("team/app")!.manifests.get(image.digest)!;
  manifest.bytes[10]! ^= 1;
  await expect(client.pull(name)).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
});

test("a download that is cut is taken up, with and without ranges", async () => {
  for (const ranges of [true, false]) {
    const { client, name } = await setUp({
      ranges,
      fault: ({ method, path, count }) =>
        method === "GET" && path.includes("/blobs/") && count < 2 ? { cutAnswerAfter: 1_000_000 } : undefined,
    });
    const image = await sampleImage();
    await client.push(image, name);
    await expectSame(await client.pull(name), image);
  }
});

test("blobs may come from elsewhere, which does not see the credentials", async () => {
  const { client, name } = await setUp({ auth: tokenAuth, redirectsBlobs: true });
  const image = await sampleImage();
  await client.push(image, name);
  await expectSame(await client.pull(name), image);
});

test("artifacts are found by what they refer to, with and without the referrers API", async () => {
  for (const referrers of [true, false]) {
    const { registry, client, name } = await setUp({ referrers });
    const image = await sampleImage();
    await client.push(image, name);
    const artifact = (type: string) =>
      createArtifact({
        artifactType: type,
        blobs: [blobOf(type, Buffer.from(`{"of":"${type}"}`))],
        subject: image,
        annotations: { made: "here" },
      });
    const [sbom, provenance] = [artifact("application/spdx+json"), artifact("application/vnd.in-toto+json")];
    const repository = `${registry.host}/team/app`;
    for (const one of [sbom, provenance, sbom]) await client.push(one, repository);
    const found = await client.referrers(repository, image.digest);
    expect(found.map(({ digest }) => digest)).toEqual([sbom.digest, provenance.digest]);
    expect(found[0]).toMatchObject({ artifactType: "application/spdx+json", annotations: { made: "here" } });
    const filtered = await client.referrers(repository, image.digest, {
      artifactType: "application/vnd.in-toto+json",
    });
    expect(filtered.map(({ digest }) => digest)).toEqual([provenance.digest]);
    expect(await client.referrers(repository, sbom.digest)).toEqual([]);
  }
});

test("tags are listed page by page", async () => {
  const { client, name, registry } = await setUp({ page: 2 });
  await client.push(await sampleImage({ size: 1 }), name, { tags: ["2", "3", "4", "5"] });
  expect(await client.tags(`${registry.host}/team/app`)).toEqual(["1", "2", "3", "4", "5"]);
});

test("plain HTTP is for this machine, and where it was allowed", async () => {
  const client = new RegistryClient({ plainHttp: ["allowed.invalid:5000"], wait: async () => {} });
  await expect(client.resolve("allowed.invalid:5000/a:1")).rejects.toMatchObject({ code: "OCI_UNREACHABLE" });
  for (const header of [
    { location: "http://evil.invalid/upload" },
    { location: "ftp://evil.invalid/upload" },
  ]) {
    const { client: strict, name } = await setUp({
      fault: ({ method }) => (method === "POST" ? { status: 202, headers: header } : undefined),
    });
    await expect(strict.push(await sampleImage(), name)).rejects.toMatchObject({ code: "OCI_INSECURE" });
  }
  const { client: misled, name } = await setUp({
    fault: () => ({
      status: 401,
      headers: { "www-authenticate": 'Bearer realm="http://evil.invalid/token"' },
    }),
  });
  await expect(misled.resolve(name)).rejects.toMatchObject({ code: "OCI_INSECURE" });
});

test("endless and senseless answers are refused", async () => {
  const cases: [Parameters<typeof setUp>[0], string][] = [
    [
      { fault: () => ({ status: 200, headers: { "content-type": "a/b" }, body: "x".repeat(5_000_000) }) },
      "OCI_TOO_LARGE",
    ],
    [{ fault: () => ({ status: 200, headers: { "content-type": "a/b" }, body: "{}" }) }, "OCI_UNSUPPORTED"],
    [{ fault: () => ({ status: 302, headers: { location: "/again" } }) }, "OCI_REGISTRY_FAILED"],
    [
      { fault: () => ({ status: 401, headers: { "www-authenticate": "Bearer realm=nowhere" } }) },
      "OCI_MALFORMED",
    ],
    [{ fault: () => ({ status: 401 }) }, "OCI_UNAUTHORIZED"],
    [{ fault: () => ({ status: 403 }) }, "OCI_DENIED"],
    [{ fault: () => ({ status: 404 }) }, "OCI_NOT_FOUND"],
  ];
  for (const [options, code] of cases) {
    const { client, name } = await setUp(options);
    await expect(client.pull(name), code).rejects.toMatchObject({ code });
  }
});
