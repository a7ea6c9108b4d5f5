import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerRegistry } from "../../oci/test/docker-registry.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

/* The example service as an image, run by podman and under qemu. podman keeps its images in a place of this test's own. */

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../../..");
let proxy: RegistryProxy;
let env: Record<string, string>;
let service: string;
let stores: string;
let podman: readonly string[];

beforeAll(async () => {
  proxy = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: await folder(), DOCKER_CONFIG: await folder(), npm_config_registry: proxy.url };
  service = await makeService();
  expect(await sbp(["build"], { cwd: service, env })).toMatchObject({ code: 0 });
  // podman makes files that only its own commands may remove, and refuses long paths.
  stores = (await run("mktemp", ["-d", "/tmp/sbp-podman-XXXXXX"])).stdout.trim();
  const places = ["--root", `${stores}/root`, "--runroot", `${stores}/run`, "--storage-driver", "vfs"];
  podman = [...places, "--runtime", "runc", "--cgroup-manager=cgroupfs"];
});

afterAll(async () => {
  await run("rm", ["-rf", stores]);
  await proxy.close();
});

async function makeService(): Promise<string> {
  const dir = join(await folder(), "service");
  await cp(join(repository, "examples/health-service"), dir, {
    recursive: true,
    filter: (path) => !/node_modules|dist/.test(path.slice(repository.length)),
  });
  const config = JSON.parse(await readFile(join(dir, "sbp.config.json"), "utf8"));
  config.pipeline.push({ use: "scratch-image", repository: "localhost/acme/health", archive: true });
  await writeFile(join(dir, "sbp.config.json"), JSON.stringify(config));
  return dir;
}

/** What a service answers that prints its port. It is ended afterwards. */
async function health(
  command: readonly string[],
  words: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const child = spawn(command[0]!, command.slice(1), { ...words, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  try {
    const [line] = await once(createInterface({ input: child.stdout }), "line", {
      signal: AbortSignal.timeout(120_000),
    });
    const response = await fetch(`http://127.0.0.1:${/port (\d+)/.exec(line)?.[1]}/health`);
    return `${response.status} ${(await response.text()).trim()}`;
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
}

test("podman loads the archive and runs it: read-only, without capabilities, as nobody in particular", async () => {
  await run("podman", [...podman, "load", "-i", join(service, "dist/linux-x64/health.tar")]);
  const limits = ["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=4096:4096", "--network=host"];
  const safe = ["--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"];
  const place = ["--env", "PORT=0", "--env", "HOST=127.0.0.1", "localhost/acme/health:latest"];
  expect(await health(["podman", ...podman, "run", "--rm", ...limits, ...safe, ...place])).toBe(
    "200 Service is operational",
  );
});

test("the arm64 image runs under qemu in its own root", async () => {
  const bundle = join(await folder(), "bundle");
  await run("umoci", ["unpack", "--image", `${join(service, "dist/linux-arm64/health.oci")}:latest`, bundle]);
  const root = join(bundle, "rootfs");
  await copyFile("/usr/bin/qemu-aarch64-static", join(root, "qemu"));
  await mkdir(join(root, "proc"));
  const words = ["/usr/sbin/chroot", "--userspec=65532:65532", root, "/qemu", "/health"];
  expect(await health(words, { env: { PORT: "0", HOST: "127.0.0.1" } })).toBe("200 Service is operational");
});

test("inspect tells what is in it, wherever the image is", async () => {
  const inspected = async (...words: string[]) => {
    const { stdout, stderr, code } = await sbp(["inspect", ...words, "--json"], { cwd: service, env });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    return jsonLines(stdout).at(-1) as { images: Record<string, unknown>[] };
  };
  const file = await inspected("dist/linux-x64/health");
  const { manifest } = file as unknown as { manifest: object };
  const layout = await inspected("dist/linux-x64/health.oci");
  expect(layout.images).toMatchObject([
    {
      platform: "linux/amd64",
      entrypoint: ["/health"],
      // Zeros behind it let images share what comes before.
      executable: { what: "sbp", path: "/health", manifest },
    },
  ]);
  expect((await inspected("dist/linux-x64/health.tar")).images).toEqual(layout.images);

  const host = await dockerRegistry();
  await sbp(["push", `${host}/acme/inspected:1`], { cwd: service, env });
  const pulled = await inspected(`${host}/acme/inspected:1`);
  expect(pulled.images.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
  expect(pulled.images[0]).toEqual(layout.images[0]);
  const { stdout } = await sbp(["inspect", `${host}/acme/inspected:1`], { cwd: service, env });
  expect(stdout).toMatch(
    /image for linux\/arm64 .* in \d layers?\n.*\n {2}user .*\n {2}starts +\/health\n\nhealth 1\.0\.0 {2}linux-arm64/,
  );

  const missing = await sbp(["inspect", `${host}/acme/nothing:1`], { cwd: service, env });
  expect(missing.stderr).toContain("SBP_INSPECT_IMAGE");
  expect(missing.code).toBe(2);
});

test("the layer goes on from what is kept, and is the layer that is made anew", async () => {
  const host = await dockerRegistry();
  const digest = async (cwd: string, cache: string) => {
    const more = { ...env, SBP_CACHE_DIR: cache };
    const { stdout } = await sbp(["push", `${host}/acme/health:1`, "--json"], { cwd, env: more });
    return jsonLines(stdout).at(-1)!["digest"];
  };
  const change = async (cwd: string) => {
    const path = join(cwd, "src/answer.ts");
    await writeFile(path, `${await readFile(path, "utf8")}\nconsole.log("another line");\n`);
    return cwd;
  };
  const kept = await digest(await change(service), env["SBP_CACHE_DIR"]!);
  expect(await digest(await change(await makeService()), await folder())).toBe(kept);
  // The registry's copy is read as a whole by others.
  const copied = join(await folder(), "copied");
  await run("skopeo", [
    "copy",
    "--all",
    "--src-tls-verify=false",
    `docker://${host}/acme/health:1`,
    `oci:${copied}:1`,
  ]);
  const { manifests } = JSON.parse(await readFile(join(copied, "index.json"), "utf8"));
  expect(manifests[0].digest).toBe(kept);
});
