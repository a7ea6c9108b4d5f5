import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  buildLayer,
  createImage,
  createIndex,
  type Image,
  type ImageIndex,
  LayerCache,
  type TarEntry,
} from "../src/index.ts";
import { noise } from "./noise.ts";
import { temporaryFolder } from "./tools.ts";

/** A small image: two layers, one of them of `size` bytes that do not compress. */
export async function sampleImage({
  architecture = "amd64",
  size = 3_000_000,
  entries = [],
  compression = "zstd",
}: {
  readonly architecture?: string;
  readonly size?: number;
  readonly entries?: readonly TarEntry[];
  readonly compression?: "gzip" | "zstd";
} = {}): Promise<Image> {
  const folder = await temporaryFolder();
  const cache = new LayerCache(join(folder, "cache"));
  await mkdir(join(folder, "layers"));
  const options = { folder: join(folder, "layers"), cache };
  const base = await buildLayer(
    [{ type: "file", path: "etc/passwd", content: "root:x:0:0:root:/:\n" }],
    options,
  );
  const app = await buildLayer(
    [{ type: "file", path: "app", mode: 0o755, content: noise(size, architecture.length) }, ...entries],
    { ...options, compression },
  );
  return createImage({
    platform: { os: "linux", architecture },
    layers: [base, app],
    settings: {
      user: "65532:65532",
      env: { PATH: "/usr/bin", A: "1" },
      entrypoint: ["/app"],
      exposedPorts: ["8080", "53/udp"],
      labels: { b: "2", a: "1" },
      workingDirectory: "/",
      stopSignal: "SIGTERM",
      healthcheck: { command: ["/app", "--health"], interval: 30_000, retries: 3 },
    },
    annotations: { "org.opencontainers.image.title": "sample" },
    history: ["base", "app"],
  });
}

export async function sampleIndex(): Promise<ImageIndex> {
  const manifests = [await sampleImage(), await sampleImage({ architecture: "arm64", size: 100_000 })];
  return createIndex({ manifests, annotations: { "org.opencontainers.image.version": "1.2.3" } });
}
