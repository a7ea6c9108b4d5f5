import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { basename, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { alternate, type Subject, table } from "./measure.ts";

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
  const watchers: Pushing[] = [];
  try {
    const env = { ...given, DOCKER_CONFIG: dir };
    const app = (name: string, options: object) => {
      const folder = join(dir, name);
      mkdirSync(folder);
      writeFileSync(join(folder, "package.json"), '{"name":"health","type":"module"}');
      writeFileSync(join(folder, "main.ts"), source(name, -1));
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
    // What it tells goes into a file, since the time of the whole command is taken.
    const words = ["sh", "-c", '"$@" > push.json', "sh", ...sbp, "push", "--json"];
    const push = (cwd: string) => execFileSync(words[0]!, words.slice(1), { cwd, env, stdio: "inherit" });
    const uploaded = (cwd: string) => {
      const last = readFileSync(join(cwd, "push.json"), "utf8").trim().split("\n").at(-1)!;
      return (JSON.parse(last) as { readonly uploaded: number }).uploaded;
    };
    const [single, layered, still, savedSingle, savedLayered] = [
      app("single", {}),
      app("layered", { layout: "layered" }),
      app("still", {}),
      app("saved-single", {}),
      app("saved-layered", { layout: "layered" }),
    ];
    for (const folder of [single, layered, still]) push(folder);
    const dev = [...sbp, "dev", "--push", "--no-restart", "--target", "linux-x64", "--json"];
    for (const cwd of [savedSingle, savedLayered]) watchers.push(await Pushing.start(dev, cwd, env));
    const [singleDev, layeredDev] = watchers as [Pushing, Pushing];

    const peer = join(dir, "peer");
    mkdirSync(peer);
    writeFileSync(join(peer, "Dockerfile"), 'FROM scratch\nCOPY health /health\nENTRYPOINT ["/health"]\n');
    // Layers of overlay are links; with vfs they would be copies.
    const stores = `--root ${dir}/buildah --runroot ${dir}/buildah-run --storage-driver overlay`;
    const pushed = `buildah ${stores} push --tls-verify=false health docker://${registry.host}/acme/peer:latest`;
    const change = (folder: string) => (round: number) =>
      writeFileSync(join(folder, "main.ts"), source(basename(folder), round));
    const subjects: Subject[] = [
      {
        name: "buildah bud && buildah push",
        cwd: peer,
        prepare: () => copyFileSync(join(single, "dist/linux-x64/health"), join(peer, "health")),
        run: ["sh", "-ec", `buildah ${stores} bud -t health . && ${pushed}`],
      },
      { name: "sbp push", cwd: single, env, prepare: change(single), run: words },
      { name: 'sbp push, `"layout": "layered"`', cwd: layered, env, prepare: change(layered), run: words },
      { name: "sbp push, nothing changed", cwd: still, env, run: [...sbp, "push"] },
      {
        name: "sbp dev --push, from the save",
        run: (round) => singleDev.save(source("saved-single", round)),
      },
      {
        name: 'sbp dev --push, `"layout": "layered"`, from the save',
        run: (round) => layeredDev.save(source("saved-layered", round)),
      },
    ];
    // Whoever saves has read or written a line since the last push; what that left to do for disks and processes is done.
    const rested = subjects.map((subject) => ({
      ...subject,
      prepare: async (round: number) => {
        await subject.prepare?.(round);
        await setTimeout(700);
      },
    }));
    const timings = await alternate(rested, rounds);
    console.log(
      `Images: from a changed line to a registry\n\n${table(timings, "buildah bud && buildah push")}\n`,
    );
    console.log(`uploaded: ${uploaded(single)} bytes; layered: ${uploaded(layered)} bytes,`);
    console.log(`of them the app's layer: ${layersOf(layered).at(-1)!.length} bytes\n`);
    sizes({ single, layered, push });
  } finally {
    for (const watcher of watchers) watcher.stop();
    registry.stop();
  }
}

/** A running `sbp dev --push`. */
class Pushing {
  readonly #child: ChildProcess;
  readonly #main: string;
  readonly #events: Interface;

  private constructor(child: ChildProcess, main: string) {
    this.#child = child;
    this.#main = main;
    this.#events = createInterface({ input: child.stderr! });
  }

  /** Resolves when the first image is in the registry, and every file is watched. */
  static async start(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Pushing> {
    const child = spawn(words[0]!, words.slice(1), { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
    const pushing = new Pushing(child, join(cwd, "main.ts"));
    await Promise.all([pushing.#told("pushed"), pushing.#told("watching")]);
    return pushing;
  }

  /** Changes the app, until its image is in the registry. */
  async save(text: string): Promise<void> {
    const pushed = this.#told("pushed");
    writeFileSync(this.#main, text);
    await pushed;
  }

  stop(): void {
    this.#child.kill();
  }

  #told(type: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (line: string) => {
        const isIt = line.startsWith(`{"type":"${type}"`);
        if (!isIt && !/"type":"(?:error|push-failed)"/.test(line)) return;
        this.#events.off("line", take);
        if (isIt) resolve();
        else reject(new Error(line));
      };
      this.#events.on("line", take);
    });
  }
}

/** Another one for each app and round: nothing is in the cache from the app before. */
const source = (name: string, round: number) => `import { createServer } from "node:http";
const version: string = "${name} ${round}";
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
  const rows = [single, layered].map((folder) => {
    const file = join(folder, "sbp.config.json");
    const config = JSON.parse(readFileSync(file, "utf8"));
    const layersBy = (compression: string) => {
      Object.assign(config.pipeline.at(-1), { compression });
      writeFileSync(file, JSON.stringify(config));
      push(folder);
      return layersOf(folder);
    };
    const mb = (bytes: readonly number[]) =>
      `${(bytes.reduce((sum, size) => sum + size, 0) / 1e6).toFixed(1)} MB`;
    const [gzip, zstd] = [layersBy("gzip"), layersBy("zstd")];
    const raw = gzip.map((layer) => gunzipSync(layer).length);
    const compressed = [gzip, zstd].map((layers) => mb(layers.map(({ length }) => length)));
    return `| ${[config.pipeline.at(-1).layout ?? "single", mb(raw), ...compressed].join(" | ")} |`;
  });
  console.log(["| layout | raw | gzip | zstd |", "| --- | --- | --- | --- |", ...rows].join("\n"));
}

/** The layers of a folder's image, compressed. */
function layersOf(folder: string): Buffer[] {
  const blob = (digest: string) =>
    readFileSync(join(folder, "dist/health.oci/blobs", digest.replace(":", "/")));
  const index = JSON.parse(readFileSync(join(folder, "dist/health.oci/index.json"), "utf8"));
  const { layers } = JSON.parse(`${blob(index.manifests[0].digest)}`) as { layers: { digest: string }[] };
  return layers.map(({ digest }) => blob(digest));
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
