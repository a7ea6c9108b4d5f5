import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { dockerRegistry } from "../../oci/test/docker-registry.ts";
import { type StrictOptions, type StrictRegistry, strictRegistry } from "../../oci/test/strict-registry.ts";
import { packedProject } from "./image-services.ts";
import { ended, environment, folder, jsonLines, sbp, sbpCommand, start } from "./sbp.ts";

/* What can go wrong on the way to a registry: a tag never names what is missing, and the next push completes. */

let env: Record<string, string>;
let cwd: string;

beforeAll(async () => {
  env = { SBP_CACHE_DIR: await folder(), DOCKER_CONFIG: await folder() };
  cwd = await packedProject();
});

async function push(reference: string, more: Record<string, string> = {}) {
  const { stdout, code, stderr } = await sbp(["push", reference, "--json"], {
    cwd,
    env: { ...env, ...more },
  });
  const last = jsonLines(stdout).at(-1)!;
  return { code, printed: stdout + stderr, ...last } as Record<string, unknown> & {
    code: number;
    printed: string;
  };
}

/** Every tag stands for something that is there, with all that it needs. */
function isSound({ repositories, blobs }: StrictRegistry): boolean {
  return [...repositories.values()].every(({ tags, manifests, blobs: own }) => {
    const whole = (digest: string): boolean => {
      const found = manifests.get(digest);
      if (!found) return false;
      const {
        config,
        layers = [],
        manifests: children = [],
      } = JSON.parse(`${found.bytes}`) as {
        config?: { digest: string };
        layers?: { digest: string }[];
        manifests?: { digest: string }[];
      };
      const needed = [...(config ? [config] : []), ...layers].map(({ digest }) => digest);
      return (
        needed.every((blob) => own.has(blob) && blobs.has(blob)) &&
        children.every((child) => whole(child.digest))
      );
    };
    return [...tags.values()].every(whole);
  });
}

/** Pushes to a registry with such faults, and once more. */
async function pushThrough(fault: StrictOptions["fault"], options: StrictOptions = {}) {
  const registry = await strictRegistry({ ...options, ...(fault && { fault }) });
  const first = await push(`${registry.host}/acme/demo:1`);
  expect(isSound(registry)).toBe(true);
  return { registry, first, second: await push(`${registry.host}/acme/demo:1`) };
}

const done = { code: 0, isNew: true };
const unchanged = { code: 0, isNew: false, uploaded: 0 };

test("errors that pass: 500, 503, 429 with Retry-After, connections that break in a blob and between", async () => {
  const seen: string[] = [];
  const { first, second } = await pushThrough(({ method, path, count }) => {
    const at = (wanted: string, pattern: RegExp, nr: number) =>
      method === wanted && pattern.test(path) && count === nr;
    const hit = (name: string, fault: ReturnType<NonNullable<StrictOptions["fault"]>>) => {
      seen.push(name);
      return fault;
    };
    if (at("HEAD", /manifests/, 0)) return hit("500", { status: 500 });
    if (at("POST", /uploads/, 0)) return hit("429", { status: 429, headers: { "retry-after": "1" } });
    if (at("POST", /uploads/, 2)) return hit("503", { status: 503 });
    if (at("PATCH", /uploads/, 0)) return hit("cut", { cutAfter: 100_000 });
    if (at("PATCH", /uploads/, 3)) return hit("forgotten", { forget: true });
    if (at("PUT", /manifests/, 0)) return hit("502", { status: 502 });
    return undefined;
  });
  expect(first).toMatchObject(done);
  expect(second).toMatchObject({ ...unchanged, digest: first["digest"] });
  expect(seen).toEqual(expect.arrayContaining(["500", "429", "503", "cut", "502"]));
}, 120_000);

test("a token that expires in the middle", async () => {
  const auth = { kind: "token", username: "me", password: "secret" } as const;
  const config = await folder();
  const registry = await strictRegistry({
    auth,
    fault: ({ method, count }) => (method === "PATCH" && count === 1 ? { expireTokens: true } : undefined),
  });
  const login = Buffer.from("me:secret").toString("base64");
  await writeFile(
    join(config, "config.json"),
    JSON.stringify({ auths: { [registry.host]: { auth: login } } }),
  );
  const first = await push(`${registry.host}/acme/demo:1`, { DOCKER_CONFIG: config });
  expect(first).toMatchObject(done);
  expect(first.printed).not.toContain("secret");
  expect(isSound(registry)).toBe(true);
  const other = await push(`${registry.host}/acme/demo:2`);
  expect(other.printed).toContain("SBP_PUSH_DENIED");
}, 60_000);

test("a registry that answers another digest, one that never works, one that is full", async () => {
  const wrong = { headers: { "docker-content-digest": `sha256:${"0".repeat(64)}` } };
  const lied = await pushThrough(({ method, path }) =>
    method === "PUT" && path.includes("digest=") && !path.includes("manifests") ? wrong : undefined,
  );
  expect(lied.first).toMatchObject({ code: 1 });
  expect(lied.first.printed).toContain("SBP_PUSH_FAILED");
  expect(lied.registry.repositories.get("acme/demo")?.tags.size ?? 0).toBe(0);

  let isFull = true;
  const full = await pushThrough(({ method, path }) => {
    if (method === "PUT" && path.includes("/manifests/1")) isFull = false;
    return isFull && method === "PUT" && path.includes("digest=")
      ? { status: 507, body: "no space" }
      : undefined;
  });
  expect(full.first).toMatchObject({ code: 1 });
  expect(full.registry.repositories.get("acme/demo")?.tags.size ?? 0).toBe(0);
  isFull = false;
  expect(await push(`${full.registry.host}/acme/demo:1`)).toMatchObject(done);
}, 120_000);

test("kill -9 while pushing, and then the next push", async () => {
  let kill = (): void => {};
  let isKilled = false;
  const registry = await strictRegistry({
    fault: ({ method }) => {
      if (method !== "PATCH" || isKilled) return undefined;
      isKilled = true;
      kill();
      return { cutAfter: 100_000 };
    },
  });
  const child = start(["push", `${registry.host}/acme/demo:1`], { cwd, env });
  kill = () => child.kill("SIGKILL");
  const [result] = await Promise.all([ended(child), once(child, "exit")]);
  expect(result.signal).toBe("SIGKILL");
  expect(registry.repositories.get("acme/demo")?.tags.size ?? 0).toBe(0);
  expect(await push(`${registry.host}/acme/demo:1`)).toMatchObject(done);
  expect(isSound(registry)).toBe(true);
  expect(await push(`${registry.host}/acme/demo:1`)).toMatchObject(unchanged);
}, 60_000);

test("a full disk while an image is made: nothing of it is left, and what was there before stays", async () => {
  const [dir, cache] = [await packedProject(), await folder()];
  const build = ["build", "--target", "linux-x64"];
  expect(await sbp(build, { cwd: dir, env })).toMatchObject({ code: 0 });
  const before = await readFile(join(dir, "dist/demo.oci/index.json"), "utf8");
  await writeFile(join(dir, "app.txt"), "second");
  // There is room for the program, and for half of its layer.
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const command = `mount -t tmpfs -o size=3m tmpfs '${cache}'; "$@"; code=$?; find '${cache}' -name '*.tmp'; exit $code`;
  const words = [...user, "--mount", "sh", "-c", command, "sh", ...sbpCommand, ...build];
  const failed = promisify(execFile)("unshare", words, {
    cwd: dir,
    env: environment({ SBP_CACHE_DIR: cache }),
  });
  const { stdout, stderr, code } = await failed.catch((error) => error);
  expect([code, stdout]).toEqual([1, expect.not.stringContaining(".tmp")]);
  expect(stderr).toMatch(/SBP_DISK_FULL: .*step scratch-image/);
  expect(await readFile(join(dir, "dist/demo.oci/index.json"), "utf8")).toBe(before);
  expect(await sbp(build, { cwd: dir, env })).toMatchObject({ code: 0 });
  expect(await readFile(join(dir, "dist/demo.oci/index.json"), "utf8")).not.toBe(before);
}, 60_000);

test("another repository of the registry takes the large layers from the first", async () => {
  for (const user of [undefined, { username: "me", password: "pass:word" }]) {
    const host = await dockerRegistry(user);
    const config = await folder();
    const auth = Buffer.from("me:pass:word").toString("base64");
    await writeFile(join(config, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }));
    const more = { DOCKER_CONFIG: config };
    const first = await push(`${host}/acme/demo:1`, more);
    expect(first).toMatchObject(done);
    expect(first["uploaded"]).toBeGreaterThan(1_000_000);
    expect(await push(`${host}/acme/demo:1`, more)).toMatchObject(unchanged);
    const other = await push(`${host}/acme/other:1`, more);
    expect(other).toMatchObject({ ...done, digest: first["digest"] });
    expect(other["uploaded"]).toBeLessThan(Number(first["uploaded"]) - 1_000_000);
    if (user) expect((await push(`${host}/acme/demo:2`)).printed).toContain("SBP_PUSH_DENIED");
  }
}, 60_000);

test("an SBOM goes along, and is found by asking for what refers to the image", async () => {
  for (const referrers of [true, false]) {
    const registry = await strictRegistry({ referrers });
    const first = await push(`${registry.host}/acme/demo:1`);
    const images = first["images"] as { digest: string; target: string }[];
    expect(first["attached"]).toHaveLength(images.length);
    const [image] = images;
    const { digest } = image!;
    const url = referrers ? `referrers/${digest}` : `manifests/${digest.replace(":", "-")}`;
    const accept = "application/vnd.oci.image.index.v1+json";
    const answer = await fetch(`http://${registry.host}/v2/acme/demo/${url}`, { headers: { accept } });
    const found = await answer.json();
    expect((found as { manifests: object[] }).manifests).toEqual([
      expect.objectContaining({ artifactType: "application/vnd.cyclonedx+json" }),
    ]);
    expect(await push(`${registry.host}/acme/demo:1`)).toMatchObject(unchanged);
  }
}, 60_000);
