import { copyFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  buildLayer,
  createImage,
  createIndex,
  fileContent,
  type Image,
  LayerCache,
  RegistryClient,
  type TarEntry,
  writeArchive,
} from "../src/index.ts";
import { dockerRegistry } from "./docker-registry.ts";
import { run, temporaryFolder } from "./tools.ts";

/* podman keeps its images in a place of this test's own, so nothing of the machine's is changed. */

let stores: string;
const global = () => [
  "--root",
  `${stores}/root`,
  "--runroot",
  `${stores}/run`,
  "--storage-driver",
  "vfs",
  "--runtime",
  "runc",
  "--cgroup-manager=cgroupfs",
];
const limits = ["--network=host", "--ulimit", "nofile=20000:20000", "--ulimit", "nproc=4096:4096"];
const podman = async (...options: string[]) => (await run("podman", [...global(), ...options])).stdout;

beforeAll(async () => {
  stores = (await run("mktemp", ["-d", "/tmp/sbp-podman-XXXXXX"])).stdout.trim();
});
afterAll(() => run("rm", ["-rf", stores]));

async function busybox(compression: "gzip" | "zstd"): Promise<Image> {
  const folder = await temporaryFolder();
  const program = join(folder, "busybox");
  await copyFile("/bin/busybox", program);
  const { size } = await stat(program);
  const options = { folder, cache: new LayerCache(join(folder, "cache")), compression };
  const runtime = { ...fileContent(program, { size }), key: "busybox" };
  const entries: TarEntry[] = [
    {
      type: "file",
      path: "bin/busybox",
      mode: 0o755,
      content: [runtime, Buffer.from("a tail that nobody runs")],
    },
    { type: "symlink", path: "bin/sh", target: "busybox" },
    { type: "directory", path: "tmp", mode: 0o1777 },
    {
      type: "file",
      path: "etc/passwd",
      content: "root:x:0:0:root:/:\nnonroot:x:65532:65532::/home/nonroot:\n",
    },
    { type: "file", path: "etc/group", content: "root:x:0:\nnonroot:x:65532:\n" },
    { type: "directory", path: "home/nonroot", mode: 0o700, uid: 65532, gid: 65532 },
  ];
  // The second time from the cache, as in everyday life.
  await buildLayer(entries, options);
  return createImage({
    platform: { os: "linux", architecture: process.arch === "arm64" ? "arm64" : "amd64" },
    layers: [await buildLayer(entries, options)],
    settings: {
      user: "nonroot",
      entrypoint: ["/bin/sh", "-c"],
      cmd: ["echo $GREETING from $(/bin/busybox id -u); /bin/busybox ls -ld /home/nonroot /tmp"],
      env: { GREETING: "hello" },
      workingDirectory: "/home/nonroot",
    },
  });
}

const said = /^hello from 65532\ndrwx------ .* nonroot .* \/home\/nonroot\ndrwxrwxrwt .* root .* \/tmp\n$/;

test("podman loads an archive and runs it, read-only and without capabilities", async () => {
  const folder = await temporaryFolder();
  const manifest = await busybox("gzip");
  await writeArchive(join(folder, "image.tar"), [{ manifest, name: "localhost/sbp-test:loaded" }]);
  expect(await podman("load", "-i", join(folder, "image.tar"))).toContain("localhost/sbp-test:loaded");
  expect(
    await podman("run", "--rm", ...limits, "--read-only", "--cap-drop=all", "localhost/sbp-test:loaded"),
  ).toMatch(said);
});

test("podman pulls an index with layers in gzip and zstd, and runs them", async () => {
  const host = await dockerRegistry();
  const client = new RegistryClient();
  for (const compression of ["gzip", "zstd"] as const) {
    const index = createIndex({ manifests: [await busybox(compression)] });
    await client.push(index, `${host}/sbp-test:${compression}`);
    await podman("pull", "--tls-verify=false", `${host}/sbp-test:${compression}`);
    expect(await podman("run", "--rm", ...limits, `${host}/sbp-test:${compression}`)).toMatch(said);
  }
  await client.close();
});

test("what podman pushes is pulled", async () => {
  const host = await dockerRegistry();
  const folder = await temporaryFolder();
  await writeArchive(join(folder, "image.tar"), [
    { manifest: await busybox("gzip"), name: "localhost/sbp-test:mine" },
  ]);
  await podman("load", "-i", join(folder, "image.tar"));
  await podman("push", "--tls-verify=false", "localhost/sbp-test:mine", `${host}/sbp-test:theirs`);
  const client = new RegistryClient();
  const pulled = (await client.pull(`${host}/sbp-test:theirs`)) as Image;
  let size = 0;
  for await (const chunk of pulled.layers[0]!.content.read()) size += chunk.length;
  expect(size).toBe(pulled.layers[0]!.size);
  expect(size).toBeGreaterThan((await readFile("/bin/busybox")).length / 4);
  await client.close();
});
