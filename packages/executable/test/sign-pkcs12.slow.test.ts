import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readPkcs12, SigningError, type SigningIdentity } from "../src/sign/index.ts";
import { numbers } from "./sample.ts";
import { exportPkcs12, makeIdentity } from "./sign-identity.ts";

const folder = mkdtempSync(join(tmpdir(), "sbp-pkcs12-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const made = makeIdentity(folder);
const usual = exportPkcs12(made);

function expectIdentity({ key, certificates }: SigningIdentity) {
  expect(key.equals(createPrivateKey(readFileSync(made.key)))).toBe(true);
  expect(certificates.map((der) => Buffer.from(der).toString("hex"))).toEqual(
    [made.certificate, made.authority].map((path) =>
      new X509Certificate(readFileSync(path)).raw.toString("hex"),
    ),
  );
}

const schemes: readonly (readonly [string, readonly string[]])[] = [
  ["today's defaults", []],
  ["3DES and RC2 with 40 bits, as Keychain Access", ["-legacy"]],
  ["RC2 with 128 bits", ["-legacy", "-certpbe", "PBE-SHA1-RC2-128", "-keypbe", "PBE-SHA1-RC2-128"]],
  ["3DES with two keys", ["-legacy", "-certpbe", "PBE-SHA1-2DES", "-keypbe", "PBE-SHA1-2DES"]],
  ["AES with 128 bits, certificates in the clear", ["-certpbe", "NONE", "-keypbe", "AES-128-CBC"]],
  ["SHA-512", ["-macalg", "SHA512"]],
  ["nothing encrypted", ["-certpbe", "NONE", "-keypbe", "NONE"]],
  ["600,000 iterations", ["-iter", "600000"]],
];

describe("reads what openssl writes", () => {
  test.each(schemes)("%s", async (_, options) => {
    expectIdentity(await readPkcs12(exportPkcs12(made, options), made.password));
  });

  test.each([
    ["", []],
    ["", ["-legacy"]],
  ])("an empty password %s %s", async (password, options) => {
    expectIdentity(await readPkcs12(exportPkcs12(made, options, password), password));
  });

  test("whatever order the certificates have", async () => {
    const both = join(folder, "both.pem");
    writeFileSync(both, Buffer.concat([readFileSync(made.authority), readFileSync(made.certificate)]));
    const file = exportPkcs12({ ...made, certificate: both });
    const { certificates } = await readPkcs12(file, made.password);
    expect(new X509Certificate(certificates[0]!).subject).toContain("Developer ID");
  });
});

describe("refuses", () => {
  const code = async (bytes: Uint8Array, password: string) =>
    readPkcs12(bytes, password).then(
      () => "ok",
      (error: unknown) => (error instanceof SigningError ? error.code : error),
    );

  test("a wrong password", async () => {
    expect(await code(usual, "wrong")).toBe("SIGNING_PASSWORD_WRONG");
    expect(await code(exportPkcs12(made, ["-legacy"]), "")).toBe("SIGNING_PASSWORD_WRONG");
  });

  test("what is no PKCS #12 file", async () => {
    for (const bytes of [
      Buffer.alloc(0),
      readFileSync(made.key),
      Buffer.alloc(2 ** 21),
      Buffer.alloc(9, 0x30),
    ])
      expect(await code(bytes, "")).toBe("SIGNING_IDENTITY_MALFORMED");
    // Deep nesting must not exhaust the stack.
    const nested = Buffer.alloc(100_000, Buffer.from([0x30, 0x80]));
    expect(await code(nested, "")).toBe("SIGNING_IDENTITY_MALFORMED");
  });

  test("files without a key, or without its certificate", async () => {
    expect(await code(exportPkcs12(made, ["-nokeys"]), made.password)).toBe("SIGNING_IDENTITY_INCOMPLETE");
    expect(await code(exportPkcs12(made, ["-nocerts"]), made.password)).toBe("SIGNING_IDENTITY_INCOMPLETE");
  });

  test("files without a MAC", async () => {
    expect(await code(exportPkcs12(made, ["-nomac"]), made.password)).toBe("SIGNING_IDENTITY_UNSUPPORTED");
  });

  test("files that ask for hours of work", async () => {
    expect(await code(exportPkcs12(made, ["-maciter", "-iter", "2000001"]), made.password)).toBe(
      "SIGNING_IDENTITY_UNSUPPORTED",
    );
  });

  test("any damage, with a typed error", async () => {
    const random = numbers(7);
    const outcomes = new Set<unknown>();
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(usual);
      if (round % 2) bytes[random(bytes.length)] = random(256);
      outcomes.add(await code(round % 2 ? bytes : bytes.subarray(0, random(bytes.length)), made.password));
    }
    for (const outcome of outcomes) expect(String(outcome)).toMatch(/^(ok|SIGNING_)/);
  });
});

test("openssl reads the same from the file", () => {
  const text = execFileSync(
    "openssl",
    ["pkcs12", "-in", "identity.p12", "-nodes", "-passin", `pass:${made.password}`],
    {
      cwd: folder,
    },
  );
  expect(text.toString()).toContain("BEGIN PRIVATE KEY");
});
