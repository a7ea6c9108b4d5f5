import { execFile } from "node:child_process";
import { copyFile, cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { packedApps } from "@sbp/plugin-embed-runtime";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { installPackages } from "../../../compatibility/install-packages.ts";
import { arm64Sysroot } from "../../../tools/arm64-sysroot.ts";
import { nativeSample } from "../../executable/test/native-sample.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { addBytes, folder, sbp, sharedCache } from "./sbp.ts";

/*
 * An app whose packages bring files for each platform, installed here for none of them: each executable has its own
 * target's, and no others.
 */

const run = promisify(execFile);
const targets = ["linux-arm64", "darwin-arm64", "win32-x64"] as const;
let registry: RegistryProxy;
let env: Record<string, string>;
let app: string;

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: sharedCache, npm_config_registry: registry.url };
  await installPackages();
  app = await makeApp();
  const { code, stderr } = await sbp(["build"], { cwd: app, env });
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

/** A file watcher from the registry with its packages for platforms in the lock file only, and one with prebuilds. */
async function makeApp(): Promise<string> {
  const compatibility = join(import.meta.dirname, "../../../compatibility");
  const lock = JSON.parse(await readFile(join(compatibility, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string }>;
  };
  const { version } = lock.packages["node_modules/@parcel/watcher"]!;
  const made = await folder({
    "package.json": `{"name":"watch","version":"1.0.0","type":"module","dependencies":{"@parcel/watcher":"${version}","prebuilt":"1"}}`,
    "package-lock.json": JSON.stringify(lock),
    "src/main.ts": `
      import { createWrapper } from "@parcel/watcher/wrapper.js";
      import watcher from "@parcel/watcher";
      import { files } from "prebuilt";
      console.log(typeof createWrapper, typeof watcher.subscribe, files().join());`,
    "node_modules/prebuilt/package.json": '{"name":"prebuilt","version":"1.0.0","gypfile":true}',
    "node_modules/prebuilt/index.js":
      'exports.files = () => require("fs").readdirSync(require("path").join(__dirname, "prebuilds"));',
    "sbp.config.json": JSON.stringify({
      pipeline: [
        { use: "bundle" },
        { use: "cross-target", targets, runtime: "node@26.10.0" },
        { use: "embed-runtime" },
      ],
    }),
  });
  for (const target of ["linux-x64", ...targets])
    await addBytes(made, `node_modules/prebuilt/prebuilds/${target}/prebuilt.node`, nativeSample(target));
  const tmp = await folder();
  await run("npm", ["pack", `@parcel/watcher@${version}`, "--silent"], {
    cwd: tmp,
    env: { ...process.env, ...env },
  });
  const target = join(made, "node_modules/@parcel/watcher");
  await mkdir(target, { recursive: true });
  await run("sh", ["-c", `tar -xzf *.tgz --strip-components=1 -C "${target}"`], { cwd: tmp });
  for (const name of ["detect-libc", "is-glob", "is-extglob", "picomatch", "node-addon-api"])
    await cp(join(compatibility, "node_modules", name), join(made, "node_modules", name), {
      recursive: true,
    });
  return made;
}

function fileOf(target: string): string {
  return join(app, "dist", target, target.startsWith("win32-") ? "watch.exe" : "watch");
}

async function nativesIn(file: string): Promise<readonly string[]> {
  const { readPackedApp } = await packedApps();
  const { files } = await readPackedApp(file);
  return files
    .map(({ path }) => path)
    .filter((path) => path.endsWith(".node"))
    .sort();
}

test.each([
  ["linux-arm64", "@parcel/watcher-linux-arm64-glibc"],
  ["darwin-arm64", "@parcel/watcher-darwin-arm64"],
  ["win32-x64", "@parcel/watcher-win32-x64"],
])("the executable for %s has its own", async (target, name) => {
  expect(await nativesIn(fileOf(target))).toEqual([
    `node_modules/@parcel/watcher/node_modules/${name}/watcher.node`,
    `node_modules/prebuilt/prebuilds/${target}/prebuilt.node`,
  ]);
});

test("that for arm64 loads it", async () => {
  const file = join(await folder(), "watch");
  await copyFile(fileOf("linux-arm64"), file);
  const { stdout } = await run("/usr/bin/qemu-aarch64-static", ["-L", await arm64Sysroot(), file]);
  expect(stdout).toBe("function function linux-arm64\n");
});

test("nothing is fetched again: not when the app changes, and not offline", async () => {
  registry.requests.length = 0;
  const { code, stderr } = await sbp(["build", "--offline", "--force", "--target", "linux-arm64"], {
    cwd: app,
    env,
  });
  expect(`${code} ${stderr}`).toContain("SBP_OFFLINE");
  const source = await readFile(join(app, "src/main.ts"), "utf8");
  await addBytes(app, "src/main.ts", Buffer.from(`${source}\nconsole.log("changed");`));
  expect((await sbp(["build", "--offline"], { cwd: app, env })).code).toBe(0);
  await addBytes(app, "src/main.ts", Buffer.from(source));
  expect((await sbp(["build", "--offline"], { cwd: app, env })).code).toBe(0);
  expect(registry.requests).toEqual([]);
});

test("a rebased executable keeps them", async () => {
  const output = join(await folder(), "watch");
  const { code, stderr } = await sbp(
    ["rebase", fileOf("linux-arm64"), "--runtime", "node@26.9.0", "--output", output],
    { cwd: app, env },
  );
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  expect(await nativesIn(output)).toEqual(await nativesIn(fileOf("linux-arm64")));
});

test("a target that a package has nothing for is refused, with the name", async () => {
  const { code, stderr } = await sbp(["build", "--target", "darwin-x64"], { cwd: app, env });
  expect(code).toBe(1);
  expect(stderr).toContain("SBP_ADDON_MISSING");
  expect(stderr).toContain('"prebuilt" 1.0.0 has nothing for darwin-x64');
});
