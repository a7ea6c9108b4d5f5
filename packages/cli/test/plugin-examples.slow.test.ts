import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync } from "node:fs";
import { appendFile, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { NpmRegistry } from "../../../tools/npm-registry.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, jsonLines, sbp, sharedCache } from "./sbp.ts";

/*
 * The examples of plugins, each used as its readers would: what they make is installed by the real programs. Compressing
 * executables takes its time.
 */

vi.setConfig({ testTimeout: 400_000 });

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../../..");
let registry: RegistryProxy;
let env: Record<string, string>;

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: sharedCache, npm_config_registry: registry.url };
});
afterAll(() => registry.close());

/** Copies an example and builds it for these targets. Returns the folder. */
async function built(name: string, ...targets: string[]): Promise<string> {
  const source = join(repository, "examples", name);
  const dir = join(await folder(), name);
  const filter = (path: string) => !/node_modules|dist/.test(path.slice(source.length));
  await cp(source, dir, { recursive: true, filter });
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: dir });
  const { code, stderr } = await build(dir, targets);
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  return dir;
}

function build(dir: string, targets: readonly string[], words: readonly string[] = []) {
  return sbp(["build", ...targets.flatMap((target) => ["--target", target]), ...words], { cwd: dir, env });
}

test("custom-plugin lists licences, and refuses those that are not allowed", async () => {
  const dir = await built("custom-plugin", "linux-x64");
  expect(await readFile(join(dir, "dist/licenses.txt"), "utf8")).toBe("picocolors 1.1.1: ISC\n");
  const config = await readFile(join(dir, "sbp.config.json"), "utf8");
  await writeFile(join(dir, "sbp.config.json"), config.replace(', "ISC"', ""));
  const { code, stderr } = await build(dir, ["linux-x64"]);
  expect(code).toBe(3);
  expect(stderr).toContain("picocolors 1.1.1 is under ISC");
  await writeFile(join(dir, "license-exceptions.txt"), "picocolors\n");
  expect((await build(dir, ["linux-x64"])).code).toBe(0);
});

test("deb-package makes a package that dpkg installs", async () => {
  const dir = await built("deb-package", "linux-x64");
  const deb = join(dir, "dist/linux-x64/greet_1.0.0_amd64.deb");
  const root = await folder();
  await mkdir(join(root, "var/lib/dpkg/updates"), { recursive: true });
  await mkdir(join(root, "var/lib/dpkg/info"));
  await writeFile(join(root, "var/lib/dpkg/status"), "");
  const dpkg = async (...words: string[]) => {
    const all = ["--force-not-root", "--force-script-chrootless", `--root=${root}`, ...words];
    const path = `${process.env["PATH"]}:/usr/sbin:/sbin`;
    return (await run("dpkg", all, { env: { ...process.env, PATH: path, LC_ALL: "C" } })).stdout;
  };
  await dpkg("-i", deb);
  expect(await dpkg("-s", "greet")).toContain("Status: install ok installed\n");
  expect((await run(join(root, "usr/bin/greet"), ["you"])).stdout).toBe("hello you\n");
  await dpkg("-r", "greet");
  expect(existsSync(join(root, "usr/bin/greet"))).toBe(false);
  // Other permissions of the user's files change nothing in it.
  const { stdout } = await run("dpkg-deb", ["--contents", deb]);
  expect(stdout).toMatch(/^-rwxr-xr-x root\/root +\d+ 1970-01-01 00:00 \.\/usr\/bin\/greet$/m);
  const forced = await build(dir, ["linux-x64"], ["--force", "--json"]);
  const outputs = jsonLines(forced.stdout).filter(({ type }) => type === "output-published");
  expect(outputs.find(({ kind }) => kind === "deb")).toMatchObject({ unchanged: true });
});

test("release-archives makes archives, checksums and a script that installs", async () => {
  const dir = await built("release-archives", "linux-x64", "win32-x64");
  const dist = join(dir, "dist");
  const release = await folder();
  const names = ["linux-x64/greet-1.0.0-linux-x64.tar.gz", "win32-x64/greet-1.0.0-win32-x64.zip"];
  for (const name of [...names, "SHA256SUMS", "install.sh"])
    await cp(join(dist, name), join(release, name.split("/").at(-1)!));
  expect((await run("sha256sum", ["--check", "SHA256SUMS"], { cwd: release })).stdout).toBe(
    "greet-1.0.0-linux-x64.tar.gz: OK\ngreet-1.0.0-win32-x64.zip: OK\n",
  );
  const listing =
    "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip(), zipfile.ZipFile(sys.argv[1]).namelist())";
  const zip = await run("python3", ["-c", listing, join(release, "greet-1.0.0-win32-x64.zip")]);
  expect(zip.stdout).toBe("None ['greet.exe']\n");

  const server = createServer((request, response) => {
    createReadStream(join(release, request.url!))
      .on("error", () => response.writeHead(404).end())
      .pipe(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const prefix = await folder();
  const install = (more: Record<string, string> = {}) =>
    run("sh", [join(release, "install.sh")], {
      env: { ...process.env, GREET_URL: url, PREFIX: prefix, no_proxy: "127.0.0.1", ...more },
    });
  expect((await install()).stdout).toBe(`installed ${prefix}/bin/greet\n`);
  expect((await run(join(prefix, "bin/greet"), ["--version"])).stdout).toBe("greet 1.0.0 (linux-x64)\n");
  // An archive that somebody has changed is not installed.
  await appendFile(join(release, "greet-1.0.0-linux-x64.tar.gz"), "x");
  const elsewhere = await folder();
  await expect(install({ PREFIX: elsewhere })).rejects.toThrow("is not what was released");
  expect(await readdir(elsewhere)).toEqual([]);
});

test("npm-binaries makes packages that npm installs where they belong", async () => {
  const dir = await built("npm-binaries", "linux-x64", "win32-x64");
  const npmRegistry = await NpmRegistry.start();
  onTestFinished(() => npmRegistry.close());
  const home = await folder({ ".npmrc": npmRegistry.npmrc("@acme"), "package.json": '{"private":true}' });
  const npmEnv = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"))),
    npm_config_userconfig: join(home, ".npmrc"),
    npm_config_cache: join(home, "cache"),
    npm_config_update_notifier: "false",
  };
  const npm = (words: readonly string[], cwd: string) => run("npm", [...words], { cwd, env: npmEnv });
  for (const path of ["linux-x64/npm", "win32-x64/npm", "npm"])
    await npm(["publish", "--access", "public"], join(dir, "dist", path));
  await npm(["install", "--no-audit", "--no-fund", "@acme/greet"], home);
  expect(await readdir(join(home, "node_modules/@acme"))).toEqual(["greet", "greet-linux-x64"]);
  const greet = join(home, "node_modules/.bin/greet");
  expect((await run(greet, ["you"])).stdout).toBe("hello you\n");
  const failing = run(greet, ["--no-such-option"]);
  await expect(failing).rejects.toMatchObject({ code: 1 });
});

test("go-service compiles Go for every lane; the same images hold it, and the same scan reads it", async () => {
  const dir = await built("go-service");
  for (const [target, machine, runner] of [
    ["linux-x64", "x86-64", []],
    ["linux-arm64", "ARM aarch64", ["qemu-aarch64-static"]],
  ] as const) {
    const file = join(dir, "dist", target, "health");
    const { stdout } = await run("file", ["--brief", file]);
    expect(stdout).toContain(machine);
    expect(stdout).toContain("statically linked");
    expect(stdout).toContain("stripped");
    const [command, ...words] = [...runner, file];
    const service = spawn(command, words, { env: { PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void service.kill("SIGKILL"));
    expect(await health(service)).toBe("Service is operational");
    service.kill("SIGTERM");
  }
  const image = `oci:${join(dir, "dist/health.oci")}`;
  const inspected = await run("skopeo", ["--override-arch", "amd64", "inspect", "--config", image]);
  expect(JSON.parse(inspected.stdout)).toMatchObject({
    os: "linux",
    architecture: "amd64",
    config: { Entrypoint: ["/health"], User: "65532:65532" },
  });
  await tellsWhatGoSays(dir);
  // A change of a Go file compiles again; anything else does not.
  await writeFile(join(dir, "NOTES.md"), "nothing to Go");
  const ran = async () => {
    const { stdout } = await build(dir, [], ["--json"]);
    return jsonLines(stdout).flatMap((line) => (line["type"] === "action-started" ? [line["action"]] : []));
  };
  expect(await ran()).toEqual([]);
  const main = join(dir, "cmd/health/main.go");
  await mkdir(join(dir, "words"));
  await writeFile(join(dir, "words/go.mod"), "module example.com/words\n");
  await writeFile(join(dir, "words/words.go"), 'package words\n\nconst Fine = "is fine"\n');
  await appendFile(
    join(dir, "go.mod"),
    "require example.com/words v1.2.0\nreplace example.com/words => ./words\n",
  );
  const text = await readFile(main, "utf8");
  await writeFile(
    main,
    text
      .replace('"os"\n', '"os"\n\n\t"example.com/words"\n')
      .replace('"Service is operational"', '"Service " + words.Fine'),
  );
  expect(await ran()).toContain("linux-x64/go");
  await tellsWhatGoSays(dir);
  await writeFile(main, "package main\n\nfunc main() { undefined() }\n");
  const { code, stderr } = await build(dir, []);
  expect(code).toBe(1);
  expect(stderr).toContain("GO_BUILD");
  expect(stderr).toContain("main.go:3");
});

async function health(service: ChildProcess): Promise<string> {
  const [line] = await once(createInterface({ input: service.stdout! }), "line");
  const port = /^listening on (\d+)$/.exec(line)![1];
  return (await fetch(`http://127.0.0.1:${port}/health`)).text();
}

/** What the scan writes of an executable of Go is what Go's own tool reads from it. */
async function tellsWhatGoSays(dir: string): Promise<void> {
  for (const [target, architecture] of [
    ["linux-x64", "amd64"],
    ["linux-arm64", "arm64"],
  ] as const) {
    const place = join(dir, "dist", target);
    const { stdout } = await run("go", ["version", "-m", join(place, "health")]);
    const [, compiler] = /: go(\S+)/.exec(stdout)!;
    const said = (word: string) =>
      [...stdout.matchAll(new RegExp(`^\\t${word}\\t(.+)$`, "gm"))].map(([, rest]) => rest!);
    const json = async (name: string) => JSON.parse(await readFile(join(place, name), "utf8"));

    const { metadata, components } = await json("health.cdx.json");
    expect(metadata.component.name).toBe("health");
    const titles = components.map((one: { name: string; version: string }) => `${one.name} ${one.version}`);
    const modules = said("dep").map((line) => line.split("\t").slice(0, 2).join(" "));
    expect(titles.sort()).toEqual([...modules, `go ${compiler}`].sort());

    const { payload } = await json("health.intoto.jsonl");
    const { externalParameters } = JSON.parse(Buffer.from(payload, "base64").toString()).predicate
      .buildDefinition;
    expect(externalParameters.options).toMatchObject({
      GOARCH: architecture,
      GOOS: "linux",
      CGO_ENABLED: "0",
    });
    expect(
      Object.entries(externalParameters.options)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    ).toEqual(said("build").sort());
    const report = await json("health.scan.json");
    expect(report.subject).toMatchObject({ maker: "go", target });
  }
}
