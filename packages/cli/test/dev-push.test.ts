import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { type StrictOptions, strictRegistry } from "../../oci/test/strict-registry.ts";
import { DevRig } from "./dev-rig.ts";
import { packedProject } from "./image-services.ts";
import { folder, start } from "./sbp.ts";

let dev: DevRig | undefined;
afterEach(() => dev?.stop());

/** `sbp dev --push` of a project whose image has its place at a registry. */
async function pushing(fault?: StrictOptions["fault"]) {
  const registry = await strictRegistry({ ...(fault && { fault }) });
  const dir = await packedProject({ repository: `${registry.host}/acme/demo`, tags: ["edge"] });
  dev = new DevRig(dir, ["--push", "--no-restart", "--target", "linux-x64"], {
    DOCKER_CONFIG: await folder(),
  });
  const tag = () => registry.repositories.get("acme/demo")?.tags.get("edge");
  return { dev, registry, tag };
}

test("every change that makes another image brings it to the registry, and only what is new of it", async () => {
  const { dev, registry, tag } = await pushing();
  const first = await dev.next("pushed");
  expect(first).toMatchObject({ isNew: true, references: [`${registry.host}/acme/demo:edge`] });
  expect(tag()).toBe(first["digest"]);
  await dev.next("watching");

  await dev.write("app.txt", "second");
  const second = await dev.next("pushed");
  expect(second["digest"]).not.toBe(first["digest"]);
  expect(tag()).toBe(second["digest"]);
  await dev.next("watching");

  // Another build, the same image.
  const requests = registry.log.length;
  await dev.write("pack.mjs", `${await dev.read("pack.mjs")}// Says nothing.\n`);
  await dev.next("built");
  expect(registry.log).toHaveLength(requests);
});

test("a push that fails is told, and the next change has another chance", async () => {
  let isDenied = true;
  const { dev, tag } = await pushing(({ method, path }) =>
    isDenied && method === "PUT" && path.includes("/manifests/") ? { status: 403 } : undefined,
  );
  expect(await dev.next("push-failed")).toMatchObject({ error: { code: "SBP_PUSH_DENIED" } });
  await dev.next("watching");
  isDenied = false;
  await dev.write("app.txt", "second");
  expect(tag()).toBe(undefined);
  expect((await dev.next("pushed"))["digest"]).toBe(tag());
});

test("a newer image overtakes one that is on its way", async () => {
  let onWait = (): void => {};
  const waits = new Promise<void>((resolve) => {
    onWait = resolve;
  });
  const { dev, tag } = await pushing(({ method, path, count }) => {
    if (method !== "PUT" || !path.includes("/manifests/edge") || count > 0) return undefined;
    onWait();
    return { status: 429, headers: { "retry-after": "60" } };
  });
  await Promise.all([dev.next("watching"), waits]);
  await dev.write("app.txt", "second");
  expect((await dev.next("pushed"))["digest"]).toBe(tag());
  expect(dev.events.filter(({ type }) => type.startsWith("push"))).toHaveLength(1);
});

test("people see what was pushed, and where to", async () => {
  const registry = await strictRegistry();
  const cwd = await packedProject({ repository: `${registry.host}/acme/demo` });
  const child = start(["dev", "--push", "--no-restart", "--target", "linux-x64"], {
    cwd,
    env: { DOCKER_CONFIG: await folder() },
  });
  let text = "";
  child.stderr!.on("data", (chunk) => {
    text += chunk;
    if (text.includes("pushed")) child.kill("SIGTERM");
  });
  await once(child, "close");
  expect(text).toMatch(/✓ pushed [\d.]+ [kM]B {2}(?:\d+ ms|[\d.]+ s) {2}127\.0\.0\.1:\d+\/acme\/demo:latest/);
});
