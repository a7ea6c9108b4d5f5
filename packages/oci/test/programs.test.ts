import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openImage, openLayout, type TarEntry, writeArchive, writeLayout } from "../src/index.ts";
import { sampleImage, sampleIndex } from "./images.ts";
import { run, temporaryFolder } from "./tools.ts";

const entries: TarEntry[] = [
  { type: "directory", path: "tmp", mode: 0o1777 },
  { type: "symlink", path: "bin/also", target: "../app" },
  { type: "file", path: `${"long/".repeat(40)}größe`, mode: 0o600, content: "x" },
];

test("umoci unpacks a layout", async () => {
  const folder = await temporaryFolder();
  const image = await sampleImage({ compression: "gzip", size: 1000, entries });
  await writeLayout(join(folder, "layout"), [{ manifest: image, name: "1" }]);
  const rootless = process.getuid?.() === 0 ? [] : ["--rootless"];
  await run("umoci", [
    "unpack",
    ...rootless,
    "--image",
    `${join(folder, "layout")}:1`,
    join(folder, "bundle"),
  ]);
  const root = join(folder, "bundle/rootfs");
  expect((await readdir(root)).toSorted()).toEqual(["app", "bin", "etc", "long", "tmp"]);
  expect((await stat(join(root, "app"))).mode & 0o7777).toBe(0o755);
  expect((await stat(join(root, "tmp"))).mode & 0o7777).toBe(0o1777);
  expect(await readlink(join(root, "bin/also"))).toBe("../app");
  expect((await lstat(join(root, "long"))).mtimeMs).toBe(0);
  expect(await readFile(join(root, `${"long/".repeat(40)}größe`), "utf8")).toBe("x");
  const { process: config } = JSON.parse(await readFile(join(folder, "bundle/config.json"), "utf8"));
  expect(config).toMatchObject({ args: ["/app"], cwd: "/", user: { uid: 65532, gid: 65532 } });
});

test("skopeo takes layouts and archives, as OCI and as Docker's", async () => {
  const folder = await temporaryFolder();
  const index = await sampleIndex();
  const name = "registry.example/team/app:1";
  await writeLayout(join(folder, "layout"), [{ manifest: index, name }]);
  await writeArchive(join(folder, "archive.tar"), [{ manifest: index, name }]);
  const copy = (from: string, to: string, ...options: string[]) =>
    run("skopeo", ["copy", "--insecure-policy", ...options, from, to]);
  for (const [at, from] of [`oci:${folder}/layout:1`, `oci-archive:${folder}/archive.tar:1`].entries()) {
    await copy(from, `oci:${join(folder, `copy-${at}`)}:1`, "--all");
    const copied = await openImage(await openLayout(join(folder, `copy-${at}`)), "1");
    expect(copied.digest).toBe(index.digest);
  }
  const image = await sampleImage({ compression: "gzip" });
  await writeArchive(join(folder, "image.tar"), [{ manifest: image, name }]);
  await copy(`docker-archive:${folder}/image.tar:${name}`, `oci:${join(folder, "docker")}:1`);
  const { stdout } = await run("skopeo", ["inspect", "--config", `oci:${join(folder, "docker")}:1`]);
  expect(JSON.parse(stdout)).toMatchObject({
    rootfs: { diff_ids: image.layers.map((layer) => (layer as unknown as { diffId: string }).diffId) },
    config: { Entrypoint: ["/app"], User: "65532:65532" },
  });
});
