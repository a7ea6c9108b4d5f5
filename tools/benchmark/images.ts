import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { alternate, median, type Subject, table } from "./measure.ts";

export interface Setting {
  /** An empty folder. */
  readonly dir: string;
  /** The command sbp, as words. */
  readonly sbp: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly rounds: number;
}

/**
 * From a changed line to a registry on this machine: the whole of `sbp push` (build, image, push) beside buildah's image and push
 * of the executable that was built already. Takes docker-registry and buildah.
 */
export async function images({ dir, sbp, env: given, rounds }: Setting): Promise<void> {
  const registry = await startRegistry(join(dir, "registry"));
  try {
    const env = { ...given, DOCKER_CONFIG: dir };
    const app = (name: string, options: object) => {
      const folder = join(dir, name);
      mkdirSync(folder);
      writeFileSync(join(folder, "package.json"), '{"name":"health","type":"module"}');
      writeFileSync(join(folder, "main.ts"), source(-1));
      const pipeline = [
        { use: "bundle", entry: "main.ts" },
        { use: "cross-target", targets: ["linux-x64"], runtime: "node@26.10.0" },
        { use: "strip" },
        { use: "embed-runtime" },
        { use: "scratch-image", repository: `${registry.host}/acme/${name}`, ...options },
      ];
      writeFileSync(join(folder, "sbp.config.json"), JSON.stringify({ pipeline }));
      return folder;
    };
    const push = (cwd: string) => {
      const words = [...sbp.slice(1), "push", "--json"];
      const last = execFileSync(sbp[0]!, words, { cwd, env, encoding: "utf8" }).trim().split("\n").at(-1)!;
      return JSON.parse(last) as { readonly uploaded: number };
    };
    const [single, layered, still] = [
      app("single", {}),
      app("layered", { layout: "layered" }),
      app("still", {}),
    ];
    for (const folder of [single, layered, still]) push(folder);

    const peer = join(dir, "peer");
    mkdirSync(peer);
    writeFileSync(join(peer, "Dockerfile"), 'FROM scratch\nCOPY health /health\nENTRYPOINT ["/health"]\n');
    // Layers of overlay are links; with vfs they would be copies.
    const stores = `--root ${dir}/buildah --runroot ${dir}/buildah-run --storage-driver overlay`;
    const pushed = `buildah ${stores} push --tls-verify=false health docker://${registry.host}/acme/peer:latest`;
    const change = (folder: string) => (round: number) =>
      writeFileSync(join(folder, "main.ts"), source(round));
    const uploads = new Map<string, number[]>();
    const subjects: Subject[] = [
      {
        name: "buildah bud && buildah push",
        cwd: peer,
        prepare: () => copyFileSync(join(single, "dist/linux-x64/health"), join(peer, "health")),
        run: ["sh", "-ec", `buildah ${stores} bud -t health . && ${pushed}`],
      },
      ...[
        { name: "sbp push", folder: single },
        { name: 'sbp push, `"layout": "layered"`', folder: layered },
      ].map(({ name, folder }) => ({
        name,
        cwd: folder,
        env,
        prepare: change(folder),
        run: () => {
          const { uploaded } = push(folder);
          uploads.set(name, [...(uploads.get(name) ?? []), uploaded]);
        },
      })),
      { name: "sbp push, nothing changed", cwd: still, env, run: [...sbp, "push"] },
    ];
    const timings = await alternate(subjects, rounds);
    console.log(
      `Images: from a changed line to a registry\n\n${table(timings, "buildah bud && buildah push")}\n`,
    );
    for (const [name, sizes] of uploads) console.log(`${name} uploads ${median(sizes)} bytes`);
    console.log(`of them the app's layer: ${layersOf(layered).at(-1)!.compressed} bytes\n`);
    sizes({ single, layered, push });
  } finally {
    registry.stop();
  }
}

const source = (round: number) => `import { createServer } from "node:http";
const version: number = ${round};
createServer((_, response) => response.end("Service is operational " + version)).listen(8080);
`;

/** What an image has in bytes, for both layouts and compressions. */
function sizes({
  single,
  layered,
  push,
}: {
  readonly single: string;
  readonly layered: string;
  readonly push: (folder: string) => unknown;
}): void {
  const rows = [single, layered].flatMap((folder) =>
    ["gzip", "zstd"].map((compression) => {
      const file = join(folder, "sbp.config.json");
      const config = JSON.parse(readFileSync(file, "utf8"));
      Object.assign(config.pipeline.at(-1), { compression });
      writeFileSync(file, JSON.stringify(config));
      push(folder);
      const layers = layersOf(folder);
      const sum = (key: "raw" | "compressed") => layers.reduce((total, layer) => total + layer[key], 0);
      const mb = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
      const app = layers.at(-1)!.compressed;
      return `| ${config.pipeline.at(-1).layout ?? "single"} | ${compression} | ${mb(sum("raw"))} | ${mb(sum("compressed"))} | ${app} |`;
    }),
  );
  console.log(["| layout | compression | raw | compressed | last layer, bytes |", ...rows].join("\n"));
}

function layersOf(folder: string): { readonly raw: number; readonly compressed: number }[] {
  const blob = (digest: string) =>
    readFileSync(join(folder, "dist/health.oci/blobs", digest.replace(":", "/")));
  const index = JSON.parse(readFileSync(join(folder, "dist/health.oci/index.json"), "utf8"));
  const { layers } = JSON.parse(`${blob(index.manifests[0].digest)}`);
  return (layers as { digest: string; mediaType: string }[]).map(({ digest, mediaType }) => {
    const bytes = blob(digest);
    const raw = mediaType.endsWith("zstd") ? zstdDecompressSync(bytes) : gunzipSync(bytes);
    return { raw: raw.length, compressed: bytes.length };
  });
}

/** Debian's docker-registry on a free port of this machine. Nobody reads what it says, while commands are waited for. */
async function startRegistry(folder: string): Promise<{ readonly host: string; readonly stop: () => void }> {
  mkdirSync(folder);
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const host = `127.0.0.1:${(probe.address() as AddressInfo).port}`;
  await promisify(probe.close.bind(probe))();
  const config = `version: 0.1
storage:
  filesystem:
    rootdirectory: ${folder}/data
http:
  addr: ${host}
`;
  writeFileSync(join(folder, "config.yml"), config);
  const child = spawn("docker-registry", ["serve", join(folder, "config.yml")], {
    stdio: "ignore",
    env: { PATH: process.env["PATH"], OTEL_TRACES_EXPORTER: "none" },
  });
  const deadline = performance.now() + 60_000;
  while (!(await fetch(`http://${host}/v2/`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error("docker-registry does not listen");
    await setTimeout(50);
  }
  return { host, stop: () => child.kill() };
}
