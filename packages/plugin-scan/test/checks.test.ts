import { execFile } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromFile } from "@sbp/executable";
import {
  buildLayer,
  bytesContent,
  createImage,
  openImage,
  openLayout,
  type TarEntry,
  writeArchive,
  writeLayout,
} from "@sbp/oci";
import { afterAll, expect, test } from "vitest";
import { checkExecutable } from "../src/checks/executable.ts";
import { checkLicenses } from "../src/checks/licenses.ts";
import { findSecrets } from "../src/checks/secrets.ts";
import { scanSubject } from "../src/subject.ts";
import { bundled, inventory } from "./inventories.ts";

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "sbp-scan-test-"));
afterAll(() => rm(folder, { recursive: true }));

/** A program by gcc, with these words. */
async function compiled(name: string, ...words: string[]): Promise<string> {
  const source = join(folder, `${name}.c`);
  await writeFile(source, "int main(void) { return 0; }\nvoid _start(void) { for (;;); }\n");
  const file = join(folder, name);
  await run("gcc", [source, "-o", file, "-Wl,--allow-multiple-definition", ...words]);
  return file;
}

async function rulesOf(file: string, emptyRoot = false): Promise<Record<string, string>> {
  const handle = await open(file);
  try {
    const checks = await checkExecutable(await fromFile(handle), emptyRoot);
    return Object.fromEntries(checks.map(({ rule, severity }) => [rule.replace("hardening/", ""), severity]));
  } finally {
    await handle.close();
  }
}

test("what a program needs besides itself matters where there is nothing else", async () => {
  const file = await compiled("dynamic", "-s");
  expect(await rulesOf(file)).toEqual({ "dynamic-dependencies": "low" });
  expect(await rulesOf(file, true)).toEqual({ "dynamic-dependencies": "high" });
});

test("a static program without symbols has nothing to be said of", async () => {
  expect(await rulesOf(await compiled("static", "-static", "-nostdlib", "-s"), true)).toEqual({});
});

test("debug information; a segment that is writable and executable", async () => {
  expect(await rulesOf(await compiled("debug", "-g", "-static", "-nostdlib"))).toEqual({
    "debug-information": "low",
  });
  expect(await rulesOf(await compiled("writable", "-static", "-nostdlib", "-s", "-Wl,--omagic"))).toEqual({
    "writable-code": "medium",
  });
});

test("damaged headers are told of", async () => {
  const file = join(folder, "damaged");
  await writeFile(
    file,
    Buffer.concat([Buffer.from("\x7fELF\x02\x01\x01", "latin1"), Buffer.alloc(200, 0xff)]),
  );
  expect(Object.keys(await rulesOf(file))).toEqual(["malformed"]);
});

const token = `ghp_${"wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"}`;
const privateKey = ["-----BEGIN", "RSA PRIVATE KEY-----"].join(" ");

test("secrets are told by kind and place, and never shown", async () => {
  const text = `// app\nconst a = "${token}";\nconst again = "${token}";\nconst db = "postgres://admin:hunter2hunter2@db.example.com/x";\n`;
  const checks = await findSecrets([{ path: "main.js", text }]);
  expect(checks.map(({ rule, place }) => [rule, place])).toEqual([
    ["secret/github", "main.js:2:12"],
    ["secret/database-connection-string", "main.js:4:13"],
  ]);
  expect(JSON.stringify(checks)).not.toMatch(/wWPw5k4a|hunter2/);
  expect(checks[0]!.message).toBe("github token: ghp_… (40 characters)");
});

test("private keys, and files that hold secrets by their names", async () => {
  const body = "MIIEpAIBAAKCAQEA3fdvn7Hq2t4vXfS4".repeat(30).replace(/.{64}/g, "$&\n");
  const pem = `${privateKey}\n${body}\n${privateKey.replace("BEGIN", "END")}\n`;
  const found = await findSecrets([
    { path: "keys/server.pem", text: pem },
    { path: "config/.env.production", text: "A=b\n" },
    { path: ".env.example", text: "A=\n" },
  ]);
  expect(found.map(({ rule, place }) => [rule, place?.split(":")[0]])).toEqual([
    ["secret/privatekey", "keys/server.pem"],
    ["secret/file", "config/.env.production"],
  ]);
});

test("code that only looks like secrets has none", async () => {
  const text =
    'const url = "https://example.com/a"; const hash = "d41d8cd98f00b204e9800998ecf8427e"; password = process.env.PASSWORD;';
  expect(await findSecrets([{ path: "main.js", text }])).toEqual([]);
});

test("licences: an expression is allowed where it can be met", async () => {
  const of = (license: string | undefined) => {
    const { license: _, ...one } = bundled("x", "1.0.0", ["index.js"]);
    return inventory([{ ...one, ...(license !== undefined && { license }) }]);
  };
  const rules = async (license: string | undefined, allowed?: string[]) =>
    (await checkLicenses(of(license), allowed)).map(({ rule }) => rule);
  const allowed = ["MIT", "ISC"];
  expect(await rules("MIT", allowed)).toEqual([]);
  expect(await rules("(GPL-3.0-only OR MIT)", allowed)).toEqual([]);
  expect(await rules("MIT AND ISC", allowed)).toEqual([]);
  expect(await rules("MIT AND GPL-3.0-only", allowed)).toEqual(["license/not-allowed"]);
  expect(await rules("SEE LICENSE IN LICENSE.md", allowed)).toEqual(["license/not-allowed"]);
  expect(await rules(undefined, allowed)).toEqual(["license/none"]);
  expect(await rules(undefined)).toEqual([]);
});

const file = (path: string, text = "x", mode = 0o644): TarEntry => ({
  type: "file",
  path,
  mode,
  content: [bytesContent(Buffer.from(text))],
});

/** An image of these layers, as a layout's folder and as a tar. */
async function image(
  name: string,
  layers: readonly (readonly TarEntry[])[],
  user?: string,
): Promise<readonly string[]> {
  const made = createImage({
    platform: { os: "linux", architecture: "amd64" },
    layers: await Promise.all(layers.map((entries) => buildLayer(entries, { folder }))),
    settings: user === undefined ? {} : { user },
  });
  const [layout, tar] = [join(folder, name), join(folder, `${name}.tar`)];
  const named = [{ manifest: made, name: "latest" }];
  await writeLayout(layout, named);
  await writeArchive(tar, named);
  return [layout, tar];
}

const scan = (path: string) =>
  scanSubject(path, { cwd: folder, texts: true, digest: false, signal: new AbortController().signal });

test("an image: who it runs as, shells, package managers, setuid, secrets; from a layout and from a tar", async () => {
  const places = await image("full", [
    [
      file("bin/sh", "x", 0o755),
      file("usr/bin/apt-get", "x", 0o755),
      file("usr/bin/su", "x", 0o4755),
      file("app/.env", `TOKEN=${token}\n`),
    ],
  ]);
  for (const place of places) {
    const { checks, texts, inventory: found } = await scan(place);
    expect(checks.map(({ rule }) => rule).sort()).toEqual([
      "hardening/package-manager",
      "hardening/root-user",
      "hardening/setuid",
      "hardening/shell",
      "secret/file",
    ]);
    expect((await findSecrets(texts)).map(({ rule }) => rule)).toContain("secret/github");
    expect(found.unknown).toContain("No executable in it tells what it consists of.");
  }
});

test("what a later layer takes away is not in the image", async () => {
  const [layout] = await image(
    "whiteouts",
    [
      [
        file("bin/sh", "x", 0o755),
        file("app/secrets/.env"),
        file("app/secrets/id_rsa"),
        file("usr/bin/apt", "x", 0o755),
      ],
      [
        file("bin/.wh.sh", ""),
        file("app/secrets/.wh..wh..opq", ""),
        file("usr/bin/.wh.apt", ""),
        file("usr/bin/app", "x", 0o755),
      ],
    ],
    "65532:65532",
  );
  expect((await scan(layout!)).checks).toEqual([]);
});

test("users by number and name; zero is root, whatever its group", async () => {
  for (const [user, rules] of [
    ["65532", []],
    ["nobody", []],
    ["0:65532", ["hardening/root-user"]],
    ["root", ["hardening/root-user"]],
  ] as const) {
    const [layout] = await image(`user-${user.replace(":", "-")}`, [[file("app")]], user);
    expect((await scan(layout!)).checks.map(({ rule }) => rule)).toEqual(rules);
  }
});

test("an image whose layer is damaged", async () => {
  const [layout] = await image("damaged-layer", [[file("app", "x".repeat(5000))]], "1");
  const opened = await openImage(await openLayout(layout!));
  if (opened.kind !== "image") throw new Error("an index");
  const [layer] = opened.layers;
  await writeFile(join(layout!, "blobs/sha256", layer!.digest.slice(7)), Buffer.alloc(layer!.size));
  await expect(scan(layout!)).rejects.toMatchObject({ code: "SBP_SCAN_IMAGE" });
});

test("files that nobody can read anything of: typed errors, and nothing is run", async () => {
  const names = ["empty", "text", "random", "elf", "pe", "macho"];
  const contents = [
    Buffer.alloc(0),
    Buffer.from("#!/bin/sh\ntouch ran\n"),
    Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251)),
    Buffer.concat([Buffer.from("\x7fELF\x02\x01\x01", "latin1"), Buffer.alloc(500, 0x41)]),
    Buffer.concat([Buffer.from("MZ"), Buffer.alloc(500, 0x41)]),
    Buffer.concat([Buffer.from([0xcf, 0xfa, 0xed, 0xfe]), Buffer.alloc(500, 0x41)]),
  ];
  for (const [index, name] of names.entries()) {
    await writeFile(join(folder, name), contents[index]!, { mode: 0o755 });
    const told = await scan(name).then(
      ({ inventory: { components, unknown } }) => `${components.length} components: ${unknown}`,
      (thrown: { code: string }) => thrown.code,
    );
    expect(told, name).toMatch(/^SBP_SCAN_(FILE|MANIFEST)$|^0 components: It does not say/);
  }
  await expect(open(join(folder, "ran"))).rejects.toThrow("ENOENT");
});
