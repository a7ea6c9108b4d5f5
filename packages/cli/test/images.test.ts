import { execFile } from "node:child_process";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { dockerRegistry } from "../../oci/test/docker-registry.ts";
import { packedProject as project } from "./image-services.ts";
import { environment, folder, jsonLines, sbp, sbpCommand } from "./sbp.ts";

/* Images of a small static program, made by a plugin of the project: what needs no runtime. */

const run = promisify(execFile);
let env: Record<string, string>;

beforeAll(async () => {
  env = { SBP_CACHE_DIR: await folder(), DOCKER_CONFIG: await folder() };
});

/** The image of one processor, copied out of the layout of all. */
async function imageOf(cwd: string, architecture: string): Promise<string> {
  const copied = join(await folder(), "image");
  const words = ["--override-arch", architecture, "copy", `oci:${join(cwd, "dist/demo.oci")}:latest`];
  await run("skopeo", [...words, `oci:${copied}:latest`]);
  return copied;
}

const inspect = async (layout: string, ...words: string[]) =>
  JSON.parse((await run("skopeo", ["inspect", ...words, `oci:${layout}`])).stdout);

test("skopeo and umoci find exactly what was promised", async () => {
  const cwd = await project({
    user: "10001:10002",
    env: { LOG_LEVEL: "info", NODE_ENV: "test" },
    ports: ["8080"],
    cmd: ["echo", "hello"],
    workdir: "/data",
    volumes: ["/data"],
    stopSignal: "SIGINT",
    healthcheck: { args: ["true"], interval: 30, retries: 3 },
    labels: { team: "health" },
    annotations: { "com.example.note": "n" },
    files: [
      { from: "public", to: "/srv", mode: "0440", owner: "nonroot" },
      { to: "/data/", owner: "10001:10002" },
    ],
  });
  expect(await sbp(["build"], { cwd, env })).toMatchObject({ code: 0 });
  // One layout for both targets; tools take the image for a platform out of it.
  const index = await inspect(join(cwd, "dist/demo.oci"), "--raw");
  expect(index.manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64", variant: "v8" },
  ]);
  const layout = await imageOf(cwd, "arm64");
  const config = await inspect(layout, "--config");
  expect(config).toMatchObject({
    os: "linux",
    architecture: "arm64",
    variant: "v8",
    created: "1970-01-01T00:00:00Z",
  });
  const described = {
    "org.opencontainers.image.licenses": "MIT",
    "org.opencontainers.image.source": "https://example.com/demo",
    "org.opencontainers.image.title": "demo",
    "org.opencontainers.image.version": "1.2.3",
  };
  const { config: settings } = JSON.parse(
    (await run("skopeo", ["inspect", "--config", "--raw", `oci:${layout}`])).stdout,
  );
  expect(settings).toEqual({
    User: "10001:10002",
    Env: [
      "LOG_LEVEL=info",
      "NODE_ENV=test",
      "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/own-certificates.pem",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    ],
    Entrypoint: ["/demo"],
    Cmd: ["echo", "hello"],
    ExposedPorts: { "8080/tcp": {} },
    Volumes: { "/data": {} },
    WorkingDir: "/data",
    StopSignal: "SIGINT",
    Healthcheck: { Test: ["CMD", "/demo", "true"], Interval: 30e9, Retries: 3 },
    Labels: { ...described, team: "health" },
  });
  expect((await inspect(layout, "--raw")).annotations).toEqual({ ...described, "com.example.note": "n" });

  const bundle = join(await folder(), "bundle");
  await run("umoci", ["unpack", "--image", `${layout}:latest`, bundle]);
  const { stdout } = await run("find", [".", "-printf", "%P %m %U:%G\n"], { cwd: join(bundle, "rootfs") });
  const found = stdout.trimEnd().split("\n").slice(1).sort();
  const zones = found.filter((line) => line.startsWith("usr/share/zoneinfo"));
  expect(zones).toContain("usr/share/zoneinfo/Asia/Tokyo 644 0:0");
  expect(zones.every((line) => /^usr\/share\/zoneinfo\S* (644|755|777) 0:0$/.test(line))).toBe(true);
  expect(found.filter((line) => !zones.includes(line))).toEqual([
    "data 755 10001:10002",
    "demo 755 0:0",
    "etc 755 0:0",
    "etc/group 644 0:0",
    "etc/nsswitch.conf 644 0:0",
    "etc/os-release 644 0:0",
    "etc/passwd 644 0:0",
    "etc/ssl 755 0:0",
    "etc/ssl/certs 755 0:0",
    "etc/ssl/certs/ca-certificates.crt 644 0:0",
    "etc/ssl/certs/own-certificates.pem 644 0:0",
    "home 755 0:0",
    "home/nonroot 700 65532:65532",
    "root 700 0:0",
    "srv 755 65532:65532",
    "srv/deep 755 65532:65532",
    "srv/deep/script.js 440 65532:65532",
    "srv/index.html 440 65532:65532",
    "tmp 1777 0:0",
    "usr 755 0:0",
    "usr/share 755 0:0",
  ]);
});

test("programs that are no JavaScript know the time zones, unless the image has none", async () => {
  const hour = async (options: object) => {
    const cwd = await project({
      files: [{ from: "/bin/busybox", to: "/busybox", mode: "0755" }],
      ...options,
    });
    expect(await sbp(["build", "--target", "linux-x64"], { cwd, env })).toMatchObject({ code: 0 });
    const bundle = join(await folder(), "bundle");
    await run("umoci", ["unpack", "--image", `${join(cwd, "dist/demo.oci")}:latest`, bundle]);
    const words = [
      "--userspec=65532:65532",
      join(bundle, "rootfs"),
      "/busybox",
      "date",
      "-d",
      "@0",
      "+%H %Z",
    ];
    const zoned = { ...process.env, TZ: ":Japan" };
    return (await run("/usr/sbin/chroot", words, { env: zoned })).stdout.trim();
  };
  // Japan is a link to Asia/Tokyo.
  expect(await hour({})).toBe("09 JST");
  expect(await hour({ timezones: false })).toMatch(/^00 /);
});

test("no image for macOS, and none of what was there before is left", async () => {
  const cwd = await project({ archive: true });
  expect(await sbp(["build"], { cwd, env })).toMatchObject({ code: 0 });
  for (const target of ["darwin-arm64", "linux-x64"])
    expect((await readdir(join(cwd, "dist", target))).sort()).toEqual(["demo", "demo.cdx.json"]);
  expect((await readdir(join(cwd, "dist"))).filter((name) => name.startsWith("demo"))).toEqual([
    "demo.oci",
    "demo.tar",
  ]);
  const blobs = () => readdir(join(cwd, "dist/demo.oci/blobs/sha256"));
  const before = await blobs();
  await writeFile(join(cwd, "app.txt"), "second");
  expect(await sbp(["build"], { cwd, env })).toMatchObject({ code: 0 });
  const after = await blobs();
  expect(after.length).toBe(before.length);
  expect(after).not.toEqual(before);
});

test("the same digests from two folders, whatever the umask and time zone; another date by SOURCE_DATE_EPOCH", async () => {
  const digest = async (more: Record<string, string> = {}, umask = "022") => {
    const cwd = await project({ files: [{ from: "public", to: "/srv" }] });
    if (umask !== "022") await chmod(join(cwd, "public/index.html"), 0o600);
    const cache = { SBP_CACHE_DIR: await folder() };
    const words = [...sbpCommand, "push", "localhost/x", "--dry-run", "--json"];
    const { stdout } = await run("sh", ["-c", `umask ${umask}; exec "$@"`, "sh", ...words], {
      cwd,
      env: environment({ ...env, ...cache, ...more }),
    });
    return jsonLines(stdout).at(-1)!["digest"];
  };
  const first = await digest();
  expect(first).toMatch(/^sha256:/);
  expect(await digest({ TZ: "Asia/Tokyo" }, "077")).toBe(first);
  expect(await digest({ SOURCE_DATE_EPOCH: "1700000000" })).not.toBe(first);
});

test("a push brings the index under its tags, and a second one sends nothing", async () => {
  const host = await dockerRegistry();
  const cwd = await project({ repository: `${host}/acme/demo`, tags: ["1.2.3", "latest"] });
  const push = async (...words: string[]) => {
    const { stdout, code } = await sbp(["push", "--json", ...words], { cwd, env });
    expect(code).toBe(0);
    return jsonLines(stdout).at(-1)!;
  };
  const planned = await push("--dry-run");
  expect(planned).toMatchObject({
    dryRun: true,
    uploaded: 0,
    references: [`${host}/acme/demo:1.2.3`, `${host}/acme/demo:latest`],
  });
  const first = await push();
  expect(first).toMatchObject({ isNew: true, digest: planned["digest"] });
  expect(first["uploaded"]).toBeGreaterThan(0);
  expect(await push()).toMatchObject({ isNew: false, uploaded: 0, digest: first["digest"] });
  for (const tag of ["1.2.3", "latest"]) {
    const answer = await fetch(`http://${host}/v2/acme/demo/manifests/${tag}`, {
      headers: { accept: "application/vnd.oci.image.index.v1+json" },
    });
    expect(answer.headers.get("docker-content-digest")).toBe(first["digest"]);
    const { manifests } = (await answer.json()) as { manifests: { platform: { architecture: string } }[] };
    expect(manifests.map(({ platform }) => platform.architecture)).toEqual(["amd64", "arm64"]);
  }
  // Where the config says so, a build pushes.
  const auto = await project({ repository: `${host}/acme/auto`, push: true });
  const built = await sbp(["build", "--json"], { cwd: auto, env });
  expect(built).toMatchObject({ code: 0 });
  const told = { digest: expect.any(String), references: [`${host}/acme/auto:latest`], isNew: true };
  expect(jsonLines(built.stdout).at(-1)).toMatchObject({ push: told });
  // A tag on the command line stands alone.
  expect(await push(`${host}/acme/other:x`)).toMatchObject({ references: [`${host}/acme/other:x`] });
});

test("what is wrong has a code", async () => {
  const fails = async (words: string[], cwd: string, more: Record<string, string> = {}) => {
    const { stdout, stderr, code } = await sbp(words, { cwd, env: { ...env, ...more } });
    return `${code} ${/error (SBP_[A-Z_]+)/.exec(stderr + stdout)?.[1]}`;
  };
  expect(await fails(["build"], await project({}, "/bin/true"))).toBe("2 SBP_IMAGE_INTERPRETER");
  expect(await fails(["build"], await project({}, "/etc/passwd"))).toBe("2 SBP_IMAGE_EXECUTABLE");
  expect(await fails(["build"], await project({ layout: "layered" }))).toBe("2 SBP_IMAGE_LAYERED");
  expect(await fails(["build"], await project({ files: [{ from: "none", to: "/x" }] }))).toBe(
    "2 SBP_IMAGE_FILES",
  );
  expect(await fails(["build"], await project({ certificates: ["app.txt"] }))).toBe(
    "2 SBP_IMAGE_CERTIFICATE",
  );
  const plain = await project();
  expect(await fails(["build"], plain, { SOURCE_DATE_EPOCH: "now" })).toBe("2 SBP_IMAGE_EPOCH");
  expect(await fails(["push", "UPPER/x"], plain)).toBe("2 SBP_PUSH_REFERENCE");
  expect(await fails(["push"], plain)).toBe("2 SBP_PUSH_REFERENCE");
  expect(await fails(["push", "localhost/x", "--target", "darwin-arm64"], plain)).toBe("2 SBP_PUSH_NOTHING");
  const closed = await dockerRegistry({ username: "someone", password: "secret" });
  expect(await fails(["push", `${closed}/x`], plain)).toBe("1 SBP_PUSH_DENIED");
  const manifest = JSON.parse(await readFile(join(plain, "dist/sbp-manifest.json"), "utf8"));
  expect(manifest.outputs.some(({ kind }: { kind: string }) => kind === "image-index")).toBe(true);
});
