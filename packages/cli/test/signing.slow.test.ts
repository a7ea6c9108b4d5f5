import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkMacho } from "../../executable/test/macho-tools.ts";
import { verifySignature } from "../../executable/test/pe-tools.ts";
import { exportPkcs12, makeIdentity, type SelfMade } from "../../executable/test/sign-identity.ts";
import { run } from "../../executable/test/tools.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

/*
 * Signing by the configuration, from the command line to what others' programs say of the executables: who signed
 * them, what a change runs again, and where the password is not.
 */

const password = "a pässword that is nowhere";
const signer = "Developer ID Application: Example (ABCDE12345)";
let registry: RegistryProxy;
let made: SelfMade;
let app: string;
let env: Record<string, string>;
let secret: Record<string, string>;
let first: Awaited<ReturnType<typeof sbp>>;

/** Writes the config; `windows` and `macos` are added to what they say of the certificate. */
async function configure(windows = {}, macos = {}): Promise<void> {
  const certificate = { certificate: "secrets/release.p12", passwordEnv: "RELEASE_PASSWORD" };
  const config = {
    pipeline: [
      { use: "bundle" },
      { use: "cross-target", targets: ["linux-x64", "darwin-arm64", "win32-x64"], runtime: "node@22" },
      {
        use: "embed-runtime",
        windows: { ...certificate, ...windows },
        macos: { ...certificate, ...macos },
      },
    ],
  };
  await writeFile(join(app, "sbp.config.json"), JSON.stringify(config));
}

async function manifest(): Promise<{ path: string; sha256: string; meta: Record<string, unknown> }[]> {
  return JSON.parse(await readFile(join(app, "dist/sbp-manifest.json"), "utf8")).outputs;
}

/** The actions that a build runs. */
async function ran(environment = secret): Promise<unknown[]> {
  const { stdout, code } = await sbp(["build", "--json"], { cwd: app, env: environment });
  expect(code).toBe(0);
  return jsonLines(stdout)
    .filter(({ type, outcome }) => type === "action-finished" && outcome === "ran")
    .map(({ action }) => action);
}

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: await folder(), npm_config_registry: registry.url };
  secret = { ...env, RELEASE_PASSWORD: password };
  made = makeIdentity(await folder());
  app = await folder({
    "package.json": '{ "name": "@acme/signed", "version": "1.0.0" }',
    "src/main.ts": 'console.log("hello");\n',
    "secrets/README": "",
  });
  await writeFile(join(app, "secrets/release.p12"), exportPkcs12(made, [], password));
  await configure();
  first = await sbp(["build"], { cwd: app, env: secret });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

test("the executables are signed, and the summary says by whom", async () => {
  expect(first).toMatchObject({ code: 0 });
  const said = first.stdout + first.stderr;
  expect(said).toMatch(
    /darwin-arm64\/signed .* signed as Developer ID Application: Example \(ABCDE12345\)\n/,
  );
  expect(said).toMatch(
    /win32-x64\/signed\.exe .* signed as Developer ID Application: Example \(ABCDE12345\)\n/,
  );
  expect(said).not.toMatch(/linux-x64\/signed .*signed as/);
  expect(said).not.toContain("warning");
  const windows = await verifySignature(join(app, "dist/win32-x64/signed.exe"), "-CAfile", made.authority);
  expect(windows).toMatch(/^Succeeded$/m);
  const { signature } = await checkMacho(
    join(app, "dist/darwin-arm64/signed"),
    "--authority",
    made.authority,
  );
  expect(signature).toMatchObject({ adHoc: false, identifier: "signed", flags: 0x10000 });
  expect((await manifest()).map(({ meta }) => meta["signature"])).toEqual([
    undefined,
    expect.objectContaining({ kind: "apple", signer }),
    expect.objectContaining({ kind: "authenticode", signer }),
  ]);
});

test("the password is nowhere, nor a hash of it", async () => {
  const hash = createHash("sha256").update(password).digest("hex");
  for (const word of [password, hash]) {
    expect(first.stdout + first.stderr).not.toContain(word);
    // grep ends with 1 when it finds nothing.
    await expect(run("grep", ["-rlaF", "-e", word, app, env["SBP_CACHE_DIR"]!])).rejects.toMatchObject({
      code: 1,
      stdout: "",
    });
  }
});

test("what is signed already needs no password", async () => {
  expect(await ran(env)).toEqual([]);
});

test("what has to be signed does, and nothing is left half done", async () => {
  const before = await manifest();
  await configure({ companyName: "Other" });
  const { code, stderr } = await sbp(["build"], { cwd: app, env });
  expect(code).toBe(2);
  expect(stderr).toContain(
    'SBP_CERTIFICATE_PASSWORD: The environment variable RELEASE_PASSWORD, which "windows.passwordEnv" names, is not set',
  );
  expect(await manifest()).toEqual(before);
  await configure();
});

test("a build from nothing gives the same bytes", async () => {
  const before = await manifest();
  const { code } = await sbp(["build", "--force"], { cwd: app, env: secret });
  expect(code).toBe(0);
  expect(await manifest()).toEqual(before);
});

test("an option of a platform runs only its own lane again", async () => {
  await configure({ companyName: "Example" });
  expect(await ran()).toEqual(["win32-x64/embed-runtime:executable"]);
  await configure({ companyName: "Example" }, { identifier: "com.example.signed" });
  expect(await ran()).toEqual(["darwin-arm64/embed-runtime:executable"]);
});

test("another certificate signs again what is signed", async () => {
  const other = makeIdentity(await folder());
  await writeFile(join(app, "secrets/release.p12"), exportPkcs12(other, [], password));
  expect((await ran()).sort()).toEqual([
    "darwin-arm64/embed-runtime:executable",
    "win32-x64/embed-runtime:executable",
  ]);
  const report = await verifySignature(join(app, "dist/win32-x64/signed.exe"), "-CAfile", other.authority);
  expect(report).toMatch(/^Succeeded$/m);
});
