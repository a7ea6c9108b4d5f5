import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { dockerRegistry } from "../../oci/test/docker-registry.ts";
import { strictRegistry } from "../../oci/test/strict-registry.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { DevRig } from "./dev-rig.ts";
import { addLine, copyService, health, ownPodman, unpacked, withoutRights } from "./image-services.ts";
import { folder, jsonLines, sbp, sharedCache } from "./sbp.ts";

/* The example service as an image, run by podman and under qemu. */

const run = promisify(execFile);
let proxy: RegistryProxy;
let env: Record<string, string>;
let podman: readonly string[];
let removePodman: () => Promise<void>;

beforeAll(async () => {
  proxy = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: sharedCache, DOCKER_CONFIG: await folder(), npm_config_registry: proxy.url };
  ({ podman, remove: removePodman } = await ownPodman());
});

afterAll(async () => {
  await removePodman();
  await proxy.close();
});

describe.each([
  { layout: "single", strip: {} },
  // Such a runtime has a gap in memory, where its ICU data was.
  { layout: "layered", strip: { locales: ["en"] } },
])("$layout", ({ layout, strip }) => {
  let service: string;
  const options = { layout, repository: `localhost/acme/${layout}`, archive: true };

  beforeAll(async () => {
    service = await copyService(options, { strip });
    expect(await sbp(["build"], { cwd: service, env })).toMatchObject({ code: 0 });
  });

  test("podman loads the archive and runs it: read-only, without capabilities, as nobody in particular", async () => {
    await run(podman[0]!, [...podman.slice(1), "load", "-i", join(service, "dist/health.tar")]);
    const place = ["--network=host", "--env", "PORT=0", "--env", "HOST=127.0.0.1", options.repository];
    expect(await health([...podman, "run", "--rm", ...withoutRights, ...place])).toBe(
      "200 Service is operational",
    );
  });

  test("the arm64 image runs under qemu in its own root", async () => {
    const root = await unpacked(join(service, "dist/health.oci"), "arm64");
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
    const kept = await inspected("dist/health.oci");
    expect(kept.images).toMatchObject([
      { platform: "linux/amd64", executable: { what: "sbp", path: "/health", manifest } },
      { platform: "linux/arm64/v8", executable: { what: "sbp", path: "/health" } },
    ]);
    expect((await inspected("dist/health.tar")).images).toEqual(kept.images);

    const host = await dockerRegistry();
    await sbp(["push", `${host}/acme/inspected:1`], { cwd: service, env });
    expect((await inspected(`${host}/acme/inspected:1`)).images).toEqual(kept.images);
    const { stdout } = await sbp(["inspect", `${host}/acme/inspected:1`], { cwd: service, env });
    expect(stdout).toMatch(/image for linux\/arm64\/v8 [\s\S]*\n\nhealth 1\.0\.0 {2}linux-arm64/);

    const missing = await sbp(["inspect", `${host}/acme/nothing:1`], { cwd: service, env });
    expect(missing.stderr).toContain("SBP_INSPECT_IMAGE");
    expect(missing.code).toBe(2);
  });

  test("the layers go on from what is kept, and are those that are made anew", async () => {
    const host = await dockerRegistry();
    const push = async (cwd: string, cache: string) => {
      const more = { ...env, SBP_CACHE_DIR: cache };
      const { stdout } = await sbp(["push", `${host}/acme/health:1`, "--json"], { cwd, env: more });
      return jsonLines(stdout).at(-1)!;
    };
    const line = 'console.log("another line");';
    await addLine(service, line);
    const kept = await push(service, env["SBP_CACHE_DIR"]!);
    const other = await copyService(options, { strip });
    await addLine(other, line);
    expect((await push(other, await folder()))["digest"]).toBe(kept["digest"]);
    // The registry's copy is read as a whole by others.
    const copied = join(await folder(), "copied");
    const from = `docker://${host}/acme/health:1`;
    await run("skopeo", ["copy", "--all", "--src-tls-verify=false", from, `oci:${copied}:1`]);
    const { manifests } = JSON.parse(await readFile(join(copied, "index.json"), "utf8"));
    expect(manifests[0].digest).toBe(kept["digest"]);
    // And what is in the image is what dist/ has.
    if (layout === "single") {
      const root = await unpacked(join(service, "dist/health.oci"), "amd64");
      await run("cmp", [join(root, "health"), join(service, "dist/linux-x64/health")]);
    }
    // After another line: the app's layer, configs and manifests.
    if (layout === "layered") {
      await addLine(service, 'console.log("one more");');
      const { uploaded } = await push(service, env["SBP_CACHE_DIR"]!);
      expect(uploaded).toBeGreaterThan(0);
      expect(uploaded).toBeLessThan(2 * 60_000);
    }
  }, 300_000);
});

/** A step at the end of the pipeline, which from its second run on waits for a file. */
const hold = `import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
export default {
  name: "hold",
  consumes: ["image"],
  produces: ["report"],
  scope: "target",
  async run({ projectDir, write, signal }) {
    while (existsSync(projectDir + "/second") && !existsSync(projectDir + "/released"))
      await setTimeout(5, undefined, { signal });
    await write("report", {}, (out) => out.file("held.txt", ""));
  },
};
`;

test("sbp dev --push begins to upload a layer while its image is being built", async () => {
  let onPatch = (): void => {};
  const patched = new Promise<void>((resolve) => {
    onPatch = resolve;
  });
  let pushes = 0;
  const registry = await strictRegistry({
    fault: ({ method, path }) => {
      if (method === "PUT" && path.includes("/manifests/")) pushes++;
      if (method === "PATCH" && pushes === 1) onPatch();
      return undefined;
    },
  });
  const dir = await copyService(
    { repository: `${registry.host}/acme/health` },
    { files: { "hold.mjs": hold }, after: ["./hold.mjs"] },
  );
  // The runtime is fetched and prepared.
  expect(await sbp(["build", "--target", "linux-x64"], { cwd: dir, env })).toMatchObject({ code: 0 });
  const dev = new DevRig(dir, ["--push", "--no-restart", "--target", "linux-x64"], env);
  onTestFinished(() => dev.stop());
  const first = await dev.next("pushed");
  await dev.next("watching");
  const received = registry.received;
  await writeFile(join(dir, "second"), "");
  await addLine(dir, 'export const second = "two";\nconsole.error(second);');
  // The build cannot end before.
  await patched;
  expect(dev.events.filter(({ type }) => type === "built")).toHaveLength(1);
  await writeFile(join(dir, "released"), "");
  const second = await dev.next("pushed");
  expect(second["digest"]).not.toBe(first["digest"]);
  expect(registry.repositories.get("acme/health")?.tags.get("latest")).toBe(second["digest"]);
  // Once, and nothing beside it.
  expect(registry.received - received).toBe(second["uploaded"]);
});
