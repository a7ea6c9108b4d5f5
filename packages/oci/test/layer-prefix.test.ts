import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  buildLayer,
  buildLayerPrefix,
  bytesContent,
  completeLayer,
  type LayerPrefix,
  readLayer,
  verified,
} from "../src/index.ts";
import { noise } from "./noise.ts";
import { collect, run, temporaryFolder } from "./tools.ts";

const shared = Buffer.concat([noise(100_000), Buffer.alloc(9_000_000)]);
const file = { path: "usr/bin/app", mode: 0o755, size: shared.length + 65_536 };
const rest = [Buffer.from("the app"), noise(1000, 7)];

test("a layer is its prefix and a tail, and the one that is built at once", async () => {
  const folder = await temporaryFolder();
  for (const compression of ["gzip", "zstd", "none"] as const) {
    const path = join(folder, compression);
    const options = { compression, modified: 5 };
    // It is kept as JSON.
    const prefix: LayerPrefix = JSON.parse(
      JSON.stringify(await buildLayerPrefix(file, bytesContent(shared), path, options)),
    );
    const layer = await completeLayer(prefix, path, rest, { folder });
    const zeros = Buffer.alloc(65_536 - 1007);
    const content = [{ ...bytesContent(shared), key: "k" }, ...rest, zeros];
    const whole = await buildLayer([{ type: "file", ...file, content }], { folder, ...options });
    expect(layer).toMatchObject({
      digest: whole.digest,
      diffId: whole.diffId,
      size: whole.size,
      mediaType: whole.mediaType,
    });
    const bytes = await collect(verified(layer.content.read(), layer));
    const start = await readFile(path);
    expect(start.length).toBe(prefix.compressedSize);
    expect(bytes.equals(Buffer.concat([start, await collect(layer.tail.read())]))).toBe(true);
    if (compression !== "none") expect(layer.tail.size).toBeLessThan(2000);
    for await (const member of readLayer(layer)) {
      if (member.type === "directory") continue;
      expect(member).toMatchObject({ ...file, modified: 5 });
      const found = await collect(member.content());
      expect(found.equals(Buffer.concat([shared, ...rest, zeros]))).toBe(true);
    }
    if (compression !== "gzip") continue;
    const archive = join(folder, "archive.gz");
    const { stdout } = await run("sh", [
      "-c",
      'cat "$0" "$1" > "$2" && tar -tzf "$2"',
      path,
      `${folder}/${(await readdir(folder)).find((name) => name.endsWith(`.${layer.tail.size}`))}`,
      archive,
    ]);
    expect(stdout).toBe("usr/\nusr/bin/\nusr/bin/app\n");
    expect(gunzipSync(bytes).length % 512).toBe(0);
  }
});

test("a rest that does not fit, and damaged prefixes, are refused", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "prefix");
  const prefix = await buildLayerPrefix({ ...file, size: shared.length + 10 }, bytesContent(shared), path);
  await completeLayer(prefix, path, [Buffer.alloc(10)], { folder });
  await expect(completeLayer(prefix, path, [Buffer.alloc(11)], { folder })).rejects.toThrow(RangeError);
  for (const damaged of [
    { ...prefix, madeBy: "pako-0.0.1" },
    { ...prefix, level: 5 },
    { ...prefix, digest: prefix.diffId, diffId: { ...prefix.diffId, digest: prefix.digest.digest } },
    { ...prefix, digest: { ...prefix.digest, state: "" } },
  ])
    await expect(completeLayer(damaged, path, [], { folder })).rejects.toMatchObject({
      code: "OCI_MALFORMED",
    });
  await expect(buildLayerPrefix({ ...file, size: 5 }, bytesContent(shared), path)).rejects.toThrow(
    RangeError,
  );
  await expect(buildLayerPrefix({ ...file, path: "/app" }, bytesContent(shared), path)).rejects.toMatchObject(
    {
      code: "OCI_PATH_INVALID",
    },
  );
});
