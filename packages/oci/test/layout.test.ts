import { mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createImage,
  createIndex,
  describedBy,
  digestHex,
  digestOf,
  type Image,
  type ImageIndex,
  imageFor,
  openArchive,
  openImage,
  openLayout,
  readConfig,
  withAnnotations,
  writeArchive,
  writeLayout,
} from "../src/index.ts";
import { sampleImage, sampleIndex } from "./images.ts";
import { collect, run, temporaryFolder } from "./tools.ts";

const name = "registry.example/team/app:1.2.3";

async function readAllLayers(manifest: Image | ImageIndex): Promise<void> {
  if (manifest.kind === "index") for (const child of manifest.manifests) await readAllLayers(child);
  else for (const layer of manifest.layers) await collect(layer.content.read());
}

test("an image's config says what it was told", async () => {
  const image = await sampleImage({ size: 10 });
  const bytes = await collect(image.config.content.read());
  expect(JSON.parse(bytes.toString())).toEqual({
    created: "1970-01-01T00:00:00Z",
    architecture: "amd64",
    os: "linux",
    config: {
      User: "65532:65532",
      ExposedPorts: { "53/udp": {}, "8080/tcp": {} },
      Env: ["A=1", "PATH=/usr/bin"],
      Entrypoint: ["/app"],
      WorkingDir: "/",
      Labels: { a: "1", b: "2" },
      StopSignal: "SIGTERM",
      Healthcheck: { Test: ["CMD", "/app", "--health"], Interval: 30_000_000_000, Retries: 3 },
    },
    rootfs: { type: "layers", diff_ids: image.layers.map((layer) => (layer as { diffId?: string }).diffId) },
    history: [
      { created: "1970-01-01T00:00:00Z", created_by: "base" },
      { created: "1970-01-01T00:00:00Z", created_by: "app" },
    ],
  });
  const config = await readConfig(image);
  expect(config).toMatchObject({
    platform: { os: "linux", architecture: "amd64" },
    labels: { a: "1", b: "2" },
  });
});

test("the order of settings and annotations changes no digest, their values do", async () => {
  const make = (labels: Record<string, string>, annotations: Record<string, string>) =>
    createImage({
      platform: { os: "linux", architecture: "arm64", variant: "v8" },
      layers: [],
      settings: { labels, env: labels },
      annotations,
    });
  const one = make({ a: "1", b: "2" }, { x: "1", y: "2" });
  expect(make({ b: "2", a: "1" }, { y: "2", x: "1" }).digest).toBe(one.digest);
  expect(make({ a: "1", b: "3" }, { x: "1", y: "2" }).digest).not.toBe(one.digest);
  const other = withAnnotations(one, { x: "3" });
  expect(other.digest).not.toBe(one.digest);
  expect(other.config.digest).toBe(one.config.digest);
  expect(one.annotations).toEqual({ x: "1", y: "2" });
});

test("descriptions become the specification's annotations", () => {
  expect(
    describedBy({ title: "app", version: "1.0.0", refName: "x", baseDigest: "sha256:0", url: undefined }),
  ).toEqual({
    "org.opencontainers.image.title": "app",
    "org.opencontainers.image.version": "1.0.0",
    "org.opencontainers.image.ref.name": "x",
    "org.opencontainers.image.base.digest": "sha256:0",
  });
});

test("the image for a platform is the first that fits", async () => {
  const image = (platform: { os: string; architecture: string; variant?: string }) =>
    createImage({ platform, layers: [] });
  const [x64, v7, v8] = [
    image({ os: "linux", architecture: "amd64" }),
    image({ os: "linux", architecture: "arm", variant: "v7" }),
    image({ os: "linux", architecture: "arm64" }),
  ];
  const index = createIndex({ manifests: [x64, v7, createIndex({ manifests: [v8] })] });
  expect(imageFor(index, { os: "linux", architecture: "arm64", variant: "v8" })).toBe(v8);
  expect(imageFor(index, { os: "linux", architecture: "arm", variant: "v7" })).toBe(v7);
  expect(() => imageFor(index, { os: "linux", architecture: "arm", variant: "v6" })).toThrow(
    "has no image for linux/arm/v6; its platforms: linux/amd64, linux/arm/v7, linux/arm64",
  );
});

test("layouts and archives give back what they were given", async () => {
  const folder = await temporaryFolder();
  const index = await sampleIndex();
  await writeLayout(join(folder, "layout"), [{ manifest: index, name }]);
  await writeArchive(join(folder, "archive.tar"), [{ manifest: index, name }]);
  for (const store of [
    await openLayout(join(folder, "layout")),
    await openArchive(join(folder, "archive.tar")),
  ])
    for (const found of [
      await openImage(store),
      await openImage(store, "1.2.3"),
      await openImage(store, name),
    ]) {
      expect(found.digest).toBe(index.digest);
      await readAllLayers(found);
      const again = await temporaryFolder();
      await writeLayout(again, [{ manifest: found, name }]);
      expect(await readFile(join(again, "index.json"))).toEqual(
        await readFile(join(folder, "layout/index.json")),
      );
    }
});

test("archives have the same bytes each time, in the order of names", async () => {
  const folder = await temporaryFolder();
  for (const at of ["a", "b"])
    await writeArchive(join(folder, at), [{ manifest: await sampleIndex(), name }]);
  expect((await readFile(join(folder, "a"))).equals(await readFile(join(folder, "b")))).toBe(true);
  const { stdout } = await run("tar", ["-tf", join(folder, "a")]);
  const names = stdout.trim().split("\n");
  expect(names).toEqual(names.toSorted());
  expect(names.slice(-3)).toEqual(["index.json", "manifest.json", "oci-layout"]);
  const { stdout: docker } = await run("tar", ["-xOf", join(folder, "a"), "manifest.json"]);
  expect(JSON.parse(docker).map(({ RepoTags }: { RepoTags: unknown }) => RepoTags)).toEqual([[name], null]);
});

test("nothing with a wrong digest gets into a layout, and what is not complete is none", async () => {
  const folder = await temporaryFolder();
  const image = await sampleImage({ size: 10 });
  const [base, app] = image.layers;
  const wrong: Image = { ...image, layers: [base!, { ...app!, content: base!.content }] };
  const failure = { code: "OCI_DIGEST_MISMATCH" };
  await expect(writeLayout(join(folder, "layout"), [{ manifest: wrong }])).rejects.toMatchObject(failure);
  await expect(writeArchive(join(folder, "archive"), [{ manifest: wrong }])).rejects.toMatchObject(failure);
  expect(await readdir(folder)).toEqual(["layout"]);
  expect(await readdir(join(folder, "layout/blobs/sha256"))).toEqual([digestHex(base!.digest)]);
  await expect(openLayout(join(folder, "layout"))).rejects.toMatchObject({ code: "OCI_NOT_FOUND" });
});

test("hostile layouts are refused", async () => {
  const image = await sampleImage({ size: 10 });
  const layer = image.layers[1]!;
  const open = async (change: (layout: string) => Promise<unknown>) => {
    const layout = join(await temporaryFolder(), "layout");
    await writeLayout(layout, [{ manifest: image }]);
    await change(layout);
    await readAllLayers(await openImage(await openLayout(layout)));
  };
  const blob = (layout: string, digest = layer.digest) => join(layout, "blobs/sha256", digestHex(digest));
  const index = (value: unknown) => (layout: string) =>
    writeFile(join(layout, "index.json"), JSON.stringify(value));
  const { mediaType, digest, size } = image;
  const entry = { mediaType, digest, size };
  /** An image whose manifest is this. */
  const manifest = (value: object) => async (layout: string) => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...value }));
    await writeFile(blob(layout, digestOf(bytes)), bytes);
    await index({ manifests: [{ mediaType, digest: digestOf(bytes), size: bytes.length }] })(layout);
  };
  const config = { mediaType: image.config.mediaType, digest: image.config.digest, size: image.config.size };
  const cases: [string, (layout: string) => Promise<unknown>][] = [
    [
      "OCI_DIGEST_MISMATCH",
      async (layout) => {
        const bytes = await readFile(blob(layout));
        bytes[20]! ^= 1;
        await writeFile(blob(layout), bytes);
      },
    ],
    ["OCI_DIGEST_MISMATCH", (layout) => writeFile(blob(layout), "short")],
    ["OCI_NOT_FOUND", (layout) => rename(blob(layout), `${blob(layout)}x`)],
    [
      "OCI_MALFORMED",
      async (layout) => {
        await rename(blob(layout), join(layout, "elsewhere"));
        await symlink(join(layout, "elsewhere"), blob(layout));
      },
    ],
    [
      "OCI_MALFORMED",
      async (layout) => {
        await rename(blob(layout), join(layout, "elsewhere"));
        await mkdir(blob(layout));
      },
    ],
    ["OCI_MALFORMED", (layout) => writeFile(join(layout, "index.json"), "{")],
    ["OCI_MALFORMED", (layout) => writeFile(join(layout, "index.json"), Buffer.from([0x7b, 0xff, 0x7d]))],
    ["OCI_MALFORMED", index([])],
    ["OCI_MALFORMED", index({ manifests: [{ ...entry, digest: "sha256:../../../etc/passwd" }] })],
    ["OCI_UNSUPPORTED", index({ manifests: [{ ...entry, digest: `sha512:${"0".repeat(128)}` }] })],
    ["OCI_MALFORMED", index({ manifests: [{ ...entry, size: -1 }] })],
    ["OCI_MALFORMED", index({ manifests: [{ ...entry, size: 1e300 }] })],
    ["OCI_MALFORMED", index({ manifests: [{ ...entry, mediaType: 1 }] })],
    ["OCI_MALFORMED", index({ manifests: [{ ...entry, annotations: { a: 1 } }] })],
    ["OCI_UNSUPPORTED", index({ manifests: [{ ...entry, mediaType: "text/plain" }] })],
    ["OCI_TOO_LARGE", index({ manifests: [{ ...entry, size: 5_000_000 }] })],
    ["OCI_NOT_FOUND", index({ manifests: [] })],
    ["OCI_NOT_FOUND", index({ manifests: [entry, { ...entry, digest: layer.digest }] })],
    ["OCI_UNSUPPORTED", (layout) => writeFile(join(layout, "oci-layout"), '{"imageLayoutVersion":"2.0.0"}')],
    ["OCI_MALFORMED", manifest({ schemaVersion: 1, config, layers: [] })],
    ["OCI_MALFORMED", manifest({ config, layers: {} })],
    ["OCI_MALFORMED", manifest({ config, layers: [] })],
    ["OCI_MALFORMED", manifest({ mediaType: "application/vnd.oci.image.index.v1+json", config, layers: [] })],
    ["OCI_TOO_LARGE", manifest({ config, layers: Array(2000).fill(entry) })],
    [
      "OCI_MALFORMED",
      manifest({ config: { ...config, digest: layer.digest, size: layer.size }, layers: [] }),
    ],
  ];
  for (const [at, [code, change]] of cases.entries())
    await expect(open(change), `case ${at}`).rejects.toMatchObject({ code });
});

test("an index of indexes without end is refused", async () => {
  const folder = await temporaryFolder();
  let manifest: Image | ImageIndex = await sampleImage({ size: 1 });
  for (let depth = 0; depth < 6; depth++) manifest = createIndex({ manifests: [manifest] });
  await writeLayout(folder, [{ manifest }]);
  await expect(openImage(await openLayout(folder))).rejects.toMatchObject({ code: "OCI_TOO_LARGE" });
  const wide = await temporaryFolder();
  const image = await sampleImage({ size: 1 });
  await writeLayout(wide, [{ manifest: createIndex({ manifests: Array(300).fill(image) }) }]);
  await expect(openImage(await openLayout(wide))).rejects.toMatchObject({ code: "OCI_TOO_LARGE" });
});

test("an archive that is no layout is refused", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "a.tar");
  await writeFile(path, "no archive at all".repeat(100));
  await expect(openArchive(path)).rejects.toMatchObject({ code: "OCI_MALFORMED" });
  await writeFile(path, "");
  await expect(openArchive(path)).rejects.toMatchObject({ code: "OCI_NOT_FOUND" });
  await writeFile(join(folder, "oci-layout"), "x");
  await run("tar", ["-C", folder, "-cf", path, "oci-layout", "oci-layout", "--hard-dereference"]);
  await expect(openArchive(path)).rejects.toMatchObject({ code: "OCI_MALFORMED" });
});
