import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkContract, type PluginFixture, runPlugin } from "@sbp/core/testing";
import scratchImage from "@sbp/plugin-scratch-image";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import plugin from "../src/index.ts";
import { advisoriesFolder } from "./advisories.ts";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "sbp-scan-contract-"));
  vi.stubEnv("SBP_CACHE_DIR", cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const key = (passphrase?: string) =>
  generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({
      type: "pkcs8",
      format: "pem",
      ...(passphrase !== undefined && { cipher: "aes-256-cbc", passphrase }),
    })
    .toString();

const records = join(advisoriesFolder, "osv/npm");
const advisories = Object.fromEntries(
  readdirSync(records)
    .map((name) => [`advisories/${name}`, readFileSync(join(records, name), "utf8")] as const)
    .filter(([, text]) => text.includes('"express"')),
);

/** A program that needs nothing else, as another plugin may make one. */
const executable = () => ({ files: { demo: { copyOf: "/bin/busybox", executable: true } } });

const fixture: PluginFixture = {
  plugin,
  options: {
    database: "advisories",
    failOn: "never",
    sbom: ["cyclonedx", "spdx"],
    reports: ["json", "sarif", "openvex", "cyclonedx-vex", "html"],
    provenance: true,
    key: "release-key.pem",
  },
  files: {
    "package.json": '{"name":"demo","version":"1.0.0"}',
    "package-lock.json": JSON.stringify({
      name: "demo",
      lockfileVersion: 3,
      packages: {
        "": { name: "demo", dependencies: { express: "4.17.1" } },
        "node_modules/express": { version: "4.17.1", license: "MIT" },
      },
    }),
    "release-key.pem": key(),
    "README.md": "# demo",
    ...advisories,
  },
  artifacts: { executable },
};

test("the plugin keeps the contract for an executable", { timeout: 300_000 }, async () => {
  const { options, files } = fixture;
  const findings = await checkContract(fixture, {
    mistakes: {
      "a database that is not there": {
        change: { options: { ...options, database: "advisory" } },
        code: "SBP_SCAN_DATABASE",
      },
      "a record that is damaged": {
        change: { files: { ...files, [Object.keys(advisories)[0]!]: "{" } },
        code: "SBP_SCAN_DATABASE",
      },
      "a lock file that is damaged": {
        change: { files: { ...files, "package-lock.json": "{" } },
        code: "SBP_SCAN_LOCKFILE",
      },
      "a key that is none": {
        change: { files: { ...files, "release-key.pem": "no key" } },
        code: "SBP_SCAN_KEY",
      },
      "an executable that is none": {
        change: { artifacts: { executable: () => ({ files: { demo: "no program" } }) } },
        code: "SBP_SCAN_FILE",
      },
    },
  });
  expect(findings).toEqual([]);
});

test("the plugin keeps the contract for an image", { timeout: 300_000 }, async () => {
  const built = await runPlugin({ plugin: scratchImage, artifacts: { executable } });
  const { files, meta, path } = built.artifact("image");
  const copies = files.map(async (file) => [file.path, { copyOf: await path(file.path) }]);
  const image = { files: Object.fromEntries(await Promise.all(copies)), meta };
  const findings = await checkContract({ ...fixture, artifacts: { executable, image: () => image } });
  built.remove();
  expect(findings).toEqual([]);
});

test("a key's password is kept nowhere: it is no input", async () => {
  vi.stubEnv("KEY_PASSWORD", "my-secret");
  const run = await runPlugin({
    ...fixture,
    options: { ...fixture.options, passwordEnv: "KEY_PASSWORD" },
    files: { ...fixture.files, "release-key.pem": key("my-secret") },
  });
  const envelope = JSON.parse((await run.artifact("provenance").read("demo.intoto.jsonl")).toString());
  expect(envelope.signatures).toHaveLength(1);
  expect(run.inputs.map(({ name }) => name)).not.toContain("KEY_PASSWORD");
  run.remove();
});
