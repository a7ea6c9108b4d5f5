import { join } from "node:path";
import { expect, test } from "vitest";
import { blobOf, createArtifact, type Image, RegistryClient, verified } from "../src/index.ts";
import { dockerRegistry } from "./docker-registry.ts";
import { sampleImage, sampleIndex } from "./images.ts";
import { collect, run, temporaryFolder } from "./tools.ts";

const user = { username: "me", password: "pass:word" };

test("images go to docker-registry and come back, with and without a password", async () => {
  for (const credentials of [undefined, user]) {
    const host = await dockerRegistry(credentials);
    const client = new RegistryClient({ credentials: async () => credentials });
    const index = await sampleIndex();
    const first = await client.push(index, `${host}/team/app:1`);
    expect(first).toMatchObject({ digest: index.digest, isNew: true });
    expect(first.uploaded).toBeGreaterThan(3_000_000);
    expect(await client.push(index, `${host}/team/app:1`)).toEqual({
      digest: index.digest,
      isNew: false,
      uploaded: 0,
    });
    const tagged = await client.push(index, `${host}/team/app:2`);
    expect(tagged).toEqual({ digest: index.digest, isNew: true, uploaded: 0 });
    const outcomes: string[] = [];
    await client.push(index, `${host}/team/other:1`, {
      mountFrom: "team/app",
      onBlob: (_, outcome) => outcomes.push(outcome),
    });
    expect(outcomes).toEqual(Array(5).fill("mounted"));
    const chunked = await client.push(await sampleImage({ size: 2_000_000 }), `${host}/team/chunks:1`, {
      chunkSize: 400_000,
    });
    expect(chunked.uploaded).toBeGreaterThan(2_000_000);
    expect(await client.tags(`${host}/team/app`)).toEqual(["1", "2"]);
    const pulled = await client.pull(`${host}/team/app:1`);
    expect(pulled.digest).toBe(index.digest);
    if (pulled.kind !== "index") throw new Error("no index");
    for (const image of pulled.manifests as Image[])
      for (const layer of image.layers) await collect(verified(layer.content.read(), layer));
    await client.close();
    if (credentials)
      await expect(new RegistryClient().push(index, `${host}/team/app:3`)).rejects.toMatchObject({
        code: "OCI_UNAUTHORIZED",
      });
  }
});

test("docker-registry has no referrers API, and artifacts are found all the same", async () => {
  const client = new RegistryClient();
  const repository = `${await dockerRegistry()}/team/app`;
  const image = await sampleImage();
  await client.push(image, `${repository}:1`);
  expect(await client.referrers(repository, image.digest)).toEqual([]);
  const sbom = createArtifact({
    artifactType: "application/spdx+json",
    blobs: [blobOf("application/spdx+json", Buffer.from("{}"))],
    subject: image,
  });
  await client.push(sbom, repository);
  const found = await client.referrers(repository, image.digest, { artifactType: "application/spdx+json" });
  expect(found).toMatchObject([
    { digest: sbom.digest, size: sbom.size, artifactType: "application/spdx+json" },
  ]);
  await client.close();
});

test("skopeo sees what was pushed, and what skopeo pushes is pulled", async () => {
  const folder = await temporaryFolder();
  const host = await dockerRegistry(user);
  const client = new RegistryClient({ credentials: async () => user });
  const image = await sampleImage({ compression: "gzip", size: 100_000 });
  await client.push(image, `${host}/team/app:1`);
  const login = `${user.username}:${user.password}`;
  const { stdout } = await run("skopeo", [
    "inspect",
    "--tls-verify=false",
    "--creds",
    login,
    `docker://${host}/team/app:1`,
  ]);
  expect(JSON.parse(stdout)).toMatchObject({
    Digest: image.digest,
    Created: "1970-01-01T00:00:00Z",
    Labels: { a: "1", b: "2" },
    Architecture: "amd64",
    Os: "linux",
    Layers: image.layers.map(({ digest }) => digest),
    Env: ["A=1", "PATH=/usr/bin"],
  });
  const tls = [
    "--src-tls-verify=false",
    "--dest-tls-verify=false",
    "--src-creds",
    login,
    "--dest-creds",
    login,
  ];
  const from = `docker://${host}/team/app:1`;
  await run("skopeo", [
    "copy",
    "--insecure-policy",
    ...tls.slice(0, 1),
    ...tls.slice(2, 4),
    from,
    `oci:${join(folder, "layout")}:x`,
  ]);
  await run("skopeo", [
    "copy",
    "--insecure-policy",
    ...tls.slice(1, 2),
    ...tls.slice(4),
    `oci:${join(folder, "layout")}:x`,
    `docker://${host}/team/copy:1`,
  ]);
  expect(await client.pull(`${host}/team/copy:1`)).toMatchObject({ digest: image.digest });
  // Docker's own media types.
  await run("skopeo", [
    "copy",
    "--insecure-policy",
    "--format",
    "v2s2",
    ...tls,
    from,
    `docker://${host}/team/docker:1`,
  ]);
  const docker = (await client.pull(`${host}/team/docker:1`)) as Image;
  expect(docker.mediaType).toBe("application/vnd.docker.distribution.manifest.v2+json");
  expect(docker.platform).toMatchObject({ os: "linux", architecture: "amd64" });
  for (const layer of docker.layers) await collect(layer.content.read());
  await client.close();
});
