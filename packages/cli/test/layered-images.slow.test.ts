import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerRegistry } from "../../oci/test/docker-registry.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { boot, kernels } from "../../plugin-embed-runtime/test/kernel.ts";
import { addLine, copyService, unpacked } from "./image-services.ts";
import { folder, sbp, sharedCache } from "./sbp.ts";

/* The app as a small program whose interpreter is the runtime. */

const run = promisify(execFile);
let proxy: RegistryProxy;
let env: Record<string, string>;

beforeAll(async () => {
  proxy = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: sharedCache, DOCKER_CONFIG: await folder(), npm_config_registry: proxy.url };
});
afterAll(() => proxy.close());

/** Says what it knows of itself, in a child and a worker, too. */
const facts = `import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort } from "node:worker_threads";

const { execPath, argv, argv0, execArgv, title } = process;
const own = { execPath, argv, argv0, execArgv, title, file: fileURLToPath(import.meta.url) };
if (!isMainThread) parentPort.postMessage(own);
else if (process.send) process.send(own);
else {
  const carried = readFileSync(new URL("../text.txt", import.meta.url), "utf8");
  const file = fileURLToPath(import.meta.url);
  const first = (from) => new Promise((resolve, reject) => from.once("message", resolve).once("error", reject));
  const child = await first(fork(file, ["a child"]));
  const worker = await first(new Worker(file, { argv: ["a worker"] }));
  console.log("facts " + JSON.stringify({ own, child, worker, carried }));
}
`;

async function factsOf(layout: string) {
  const files = { "src/facts.js": facts, "text.txt": "carried text" };
  const dir = await copyService({ layout }, { files });
  const built = await sbp(["build", "src/facts.js"], { cwd: dir, env });
  expect(built).toMatchObject({ code: 0 });
  return dir;
}

const factsIn = (printed: string) => JSON.parse(/facts (\{.*\})/.exec(printed)![1]!);

test("an app cannot tell whether it is one file or two: with /proc, without, and under an old kernel", async () => {
  const [single, layered] = [await factsOf("single"), await factsOf("layered")];
  const factsAt = async (dir: string, how: (root: string) => readonly string[]) => {
    const root = await unpacked(join(dir, "dist/health.oci"), "amd64");
    for (const name of ["proc", "dev"]) await mkdir(join(root, name));
    const [program, ...words] = how(root);
    return factsIn((await run(program!, [...words, "/health", "one", "two"], { env: {} })).stdout);
  };
  const contained = (root: string) => [
    ...["/usr/bin/bwrap", "--unshare-all", "--uid", "65532", "--gid", "65532", "--cap-drop", "ALL"],
    ...["--ro-bind", root, "/", "--proc", "/proc", "--dev", "/dev"],
  ];
  const known = await factsAt(single, contained);
  expect(known).toMatchObject({
    own: { execPath: "/health", argv: ["/health", expect.any(String), "one", "two"] },
    child: { execPath: "/health", argv: ["/health", expect.any(String), "a child"] },
    worker: { argv: ["/health", expect.any(String), "a worker"] },
    carried: "carried text",
  });
  expect(await factsAt(layered, contained)).toEqual(known);

  const alone = (root: string) => ["/usr/sbin/chroot", "--userspec=65532:65532", root];
  const without = await factsAt(single, alone);
  expect(without.own).toMatchObject({ execPath: "/health" });
  expect(await factsAt(layered, alone)).toEqual(without);

  // Kernels before 6.6 map interpreters in another way than those after.
  for (const [target, architecture] of [
    ["linux-x64", "amd64"],
    ["linux-arm64", "arm64"],
  ] as const) {
    const root = await unpacked(join(layered, "dist/health.oci"), architecture);
    const runtime = "usr/lib/sbp/node";
    const others = { [runtime]: join(root, runtime) };
    const printed = await boot(target, kernels[target].usual, join(root, "health"), { others });
    expect(printed).toMatch(/exitcode=0x00000000/);
    expect(factsIn(printed)).toMatchObject({ own: { execPath: "/init" }, carried: "carried text" });
  }
}, 1_200_000);

test("ten services share one runtime in a registry", async () => {
  const kept = await folder();
  const host = await dockerRegistry(undefined, kept);
  const dir = await copyService({ layout: "layered" });
  const layers = new Set<number>();
  const apps: number[] = [];
  for (let nr = 0; nr < 10; nr++) {
    await addLine(dir, `console.log("service ${nr}");`);
    const words = ["push", `${host}/acme/service-${nr}:1`, "--target", "linux-x64", "--json"];
    expect(await sbp(words, { cwd: dir, env })).toMatchObject({ code: 0 });
    const manifest = JSON.parse(await readFile(join(dir, "dist/sbp-manifest.json"), "utf8"));
    const { meta } = manifest.outputs.find(({ kind }: { kind: string }) => kind === "image-index");
    const blob = await readFile(join(dir, `dist/health.oci/blobs/${meta.digest.replace(":", "/")}`), "utf8");
    const sizes = (JSON.parse(blob).layers as { size: number }[]).map(({ size }) => size);
    apps.push(sizes.at(-1)!);
    layers.add(sizes.at(-2)!);
  }
  const [runtime, ...others] = [...layers];
  expect(others).toEqual([]);
  let total = 0;
  for (const entry of await readdir(join(kept, "data"), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
  const least = runtime! + apps.reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(least);
  expect(total).toBeLessThan(1.01 * least);
}, 600_000);
