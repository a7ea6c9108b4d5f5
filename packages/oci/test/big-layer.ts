/* Run by tests that need a process of their own: build FOLDER, push REFERENCE, resolve REFERENCE [CERTIFICATE]. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildLayer, bytesContent, createImage, LayerCache, RegistryClient } from "../src/index.ts";
import { noise } from "./noise.ts";

const [command, ...rest] = process.argv.slice(2);
const bytes = noise(4_000_000);
const layerOf = (folder: string, isKeyed: boolean) =>
  buildLayer(
    [{ type: "file", path: "app", content: isKeyed ? [{ ...bytesContent(bytes), key: "k" }] : bytes }],
    { folder, compression: "zstd", ...(isKeyed && { cache: new LayerCache(folder) }) },
  );

if (command === "build") await layerOf(rest[1]!, rest[0] === "keyed");
else {
  const client = new RegistryClient({
    plainHttp: ["allowed.invalid"],
    timeout: 10_000,
    wait: async () => {},
    ...(rest[1] && { ca: await readFile(rest[1], "utf8") }),
  });
  if (command === "resolve") console.log((await client.resolve(rest[0]!))?.digest);
  else {
    const folder = await mkdtemp(join(tmpdir(), "sbp-oci-"));
    const image = createImage({
      platform: { os: "linux", architecture: "amd64" },
      layers: [await layerOf(folder, false)],
    });
    await client.push(image, rest[0]!);
    await rm(folder, { recursive: true });
  }
}
