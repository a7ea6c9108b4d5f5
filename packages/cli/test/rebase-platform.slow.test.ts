import { execFile } from "node:child_process";
import { copyFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { exportPkcs12, makeIdentity, type SelfMade } from "../../executable/test/sign-identity.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { makeIcon } from "../../plugin-embed-runtime/test/icon.ts";
import { folder, jsonLines, sbp, sharedCache } from "./sbp.ts";

/*
 * What the options of a platform said outlives a rebase, whose project has none of the files that they named; the
 * result is what a build on the other runtime makes, byte for byte. A certificate is given anew.
 */

const run = promisify(execFile);
const password = "open sesame";
const from = "node@22.23.2";
const to = "node@26.10.0";
const files = { "win32-x64": "win32-x64/tool.exe", "darwin-arm64": "darwin-arm64/tool" } as const;
const targets = Object.keys(files) as (keyof typeof files)[];
let registry: RegistryProxy;
let env: Record<string, string>;
let secret: Record<string, string>;
let identity: SelfMade;
/** Paths of the certificate's file: as a build has it, and elsewhere. */
let certificate: string;
/** Folders of outputs by runtime and whether they are signed. */
const outputs = new Map<string, string>();

const entitlements = `<?xml version="1.0"?>
<plist version="1.0"><dict>
  <key>com.apple.security.network.client</key><true/>
  <key>com.apple.security.cs.allow-jit</key><true/>
  <key>com.example.names</key><array><string>a &amp; b</string><string/></array>
</dict></plist>
`;

/** Both targets of one app whose config says all that it can of them. */
async function build(runtime: string, signed: boolean): Promise<void> {
  const signer = signed ? { certificate: "release.p12", passwordEnv: "RELEASE_PASSWORD" } : {};
  const app = await folder({
    "package.json": '{ "name": "@acme/hello", "version": "1.2.3" }',
    "src/main.ts": 'console.log("hello");\n',
    "assets/e.plist": entitlements,
    "sbp.config.json": JSON.stringify({
      pipeline: [
        { use: "bundle" },
        { use: "cross-target", targets, runtime },
        {
          use: "embed-runtime",
          name: "tool",
          windows: {
            icon: "app.ico",
            productName: "Héllo",
            companyName: "Example & Söhne",
            legalCopyright: "© 2026 Example",
            fileVersion: "4.3.2.1-beta",
            subsystem: "gui",
            ...(signed && { url: "https://example.com/hello" }),
            ...signer,
          },
          macos: { identifier: "com.example.hello", entitlements: "assets/e.plist", ...signer },
        },
      ],
    }),
  });
  await writeFile(join(app, "app.ico"), makeIcon());
  if (signed) await copyFile(certificate, join(app, "release.p12"));
  const { code, stderr } = await sbp(["build"], { cwd: app, env: secret });
  expect(stderr).not.toMatch(/error|warning/);
  expect(code).toBe(0);
  outputs.set(`${runtime} ${signed}`, join(app, "dist"));
}

function outputOf(runtime: string, signed: boolean, target: keyof typeof files): string {
  return join(outputs.get(`${runtime} ${signed}`)!, files[target]);
}

async function copyOf(signed: boolean, target: keyof typeof files): Promise<{ dir: string; file: string }> {
  const dir = await folder();
  const file = join(dir, "app");
  await copyFile(outputOf(from, signed, target), file);
  return { dir, file };
}

async function sha256(file: string): Promise<string> {
  return (await run("sha256sum", [file])).stdout.slice(0, 64);
}

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: sharedCache, npm_config_registry: registry.url };
  secret = { ...env, RELEASE_PASSWORD: password };
  identity = makeIdentity(await folder());
  certificate = join(await folder(), "release.p12");
  await writeFile(certificate, exportPkcs12(identity, [], password));
  for (const runtime of [from, to]) for (const signed of [false, true]) await build(runtime, signed);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

describe.each(targets)("an executable for %s", (target) => {
  test("keeps what the options said", async () => {
    const { dir, file } = await copyOf(false, target);
    const { code, stderr } = await sbp(["rebase", "app", "--runtime", to], { cwd: dir, env });
    expect(stderr).not.toMatch(/error|warning/);
    expect(code).toBe(0);
    expect(await sha256(file)).toBe(await sha256(outputOf(to, false, target)));
    expect(await readdir(dir)).toEqual(["app"]);
    // And again, back to where it was.
    expect((await sbp(["rebase", file, "--runtime", from], { env })).code).toBe(0);
    expect(await sha256(file)).toBe(await sha256(outputOf(from, false, target)));
  });

  test("loses its signature, with a warning", async () => {
    const { file } = await copyOf(true, target);
    const { code, stderr } = await sbp(["rebase", file, "--runtime", to], { env });
    expect(stderr).toContain("warning SBP_REBASE_SIGNATURE");
    expect(code).toBe(0);
    if (target === "darwin-arm64") expect(await sha256(file)).toBe(await sha256(outputOf(to, false, target)));
  });

  test("is signed again at once", async () => {
    const { dir, file } = await copyOf(true, target);
    await copyFile(certificate, join(dir, "mine.p12"));
    const words = ["--certificate", "mine.p12", "--password-env", "RELEASE_PASSWORD"];
    const { code, stderr, stdout } = await sbp(["rebase", "app", "--runtime", to, ...words], {
      cwd: dir,
      env: secret,
    });
    expect(stderr).not.toMatch(/error|warning/);
    expect(code).toBe(0);
    expect(stdout).toContain("signed as Developer ID Application: Example (ABCDE12345)");
    expect(await sha256(file)).toBe(await sha256(outputOf(to, true, target)));
  });

  test("may be signed for the first time", async () => {
    const { file } = await copyOf(false, target);
    const words = ["--certificate", certificate, "--password-env", "RELEASE_PASSWORD", "--json"];
    const { code, stdout } = await sbp(["rebase", file, "--runtime", to, ...words], { env: secret });
    expect(code).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      before: { signed: false },
      after: { signed: true, signer: "Developer ID Application: Example (ABCDE12345)" },
    });
  });
});

describe("a certificate is refused", () => {
  const refused = async (words: readonly string[], code: string, environment = secret) => {
    const { dir, file } = await copyOf(true, "win32-x64");
    const before = await sha256(file);
    const result = await sbp(["rebase", "app", "--runtime", to, ...words], { cwd: dir, env: environment });
    expect(result.stderr).toContain(`error ${code}`);
    expect(result.stderr).not.toContain(password);
    expect(result.code).toBe(2);
    expect(await sha256(file)).toBe(before);
    expect(await readdir(dir)).toEqual(["app"]);
  };

  test("that is not there", () => refused(["--certificate", "none.p12"], "SBP_OPTION_FILE"));
  test("that is none", () => refused(["--certificate", "app"], "SBP_OPTION_FILE"));
  test("that needs a password", () => refused(["--certificate", certificate], "SBP_CERTIFICATE_PASSWORD"));
  test("whose password is not set", () =>
    refused(
      ["--certificate", certificate, "--password-env", "RELEASE_PASSWORD"],
      "SBP_CERTIFICATE_PASSWORD",
      env,
    ));
  test("whose password stands where the variable's name belongs", () =>
    refused(["--certificate", certificate, "--password-env", password], "SBP_USAGE"));
  test("that belongs to a password only", () => refused(["--password-env", "RELEASE_PASSWORD"], "SBP_USAGE"));
});
