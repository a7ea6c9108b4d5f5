import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnostic } from "@sbp/core";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { exportPkcs12, makeIdentity, type SelfMade } from "../../executable/test/sign-identity.ts";
import { readSigner } from "../src/signer.ts";
import { scratchFolder } from "./app.ts";

let folder: string;
let made: SelfMade;
beforeAll(async () => {
  folder = await scratchFolder();
  made = makeIdentity(folder);
});
afterEach(() => vi.unstubAllEnvs());

const openssl = (...options: readonly string[]) =>
  execFileSync("openssl", options, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });

/** A self-signed certificate in a PKCS #12 file without password. */
function selfSigned(name: string, options: readonly string[], ...key: readonly string[]): string {
  const files = ["-keyout", `${name}.key`, "-out", `${name}.pem`];
  const request = ["req", "-x509", "-nodes", "-subj", "/O=Example/L=A, B", ...files];
  openssl(...request, ...(key.length > 0 ? key : ["-newkey", "rsa:2048"]), ...options);
  openssl(
    "pkcs12",
    "-export",
    "-inkey",
    `${name}.key`,
    "-in",
    `${name}.pem`,
    "-out",
    `${name}.p12`,
    "-passout",
    "pass:",
  );
  return `${name}.p12`;
}

async function read(options: Parameters<typeof readSigner>[2]) {
  const reported: Diagnostic[] = [];
  const context = {
    projectDir: folder,
    dependOn() {},
    report: (diagnostic: Diagnostic) => void reported.push(diagnostic),
  };
  return { signer: await readSigner(context, "windows", options), reported };
}

const write = async (name: string, bytes: Uint8Array | string) => {
  await writeFile(join(folder, name), bytes);
  return name;
};

describe("nothing is signed", () => {
  test("when no certificate is named", async () => {
    expect((await read({})).signer).toBeUndefined();
  });

  test.each([
    { passwordEnv: "X" },
    { url: "https://example.com" },
  ])("and %j is refused then", async (options) => {
    await expect(read(options)).rejects.toMatchObject({ code: "SBP_CERTIFICATE_MISSING", exitCode: 2 });
  });
});

describe("a password", () => {
  let certificate: string;
  beforeAll(async () => {
    certificate = await write("release.p12", exportPkcs12(made));
  });

  test.each([
    [undefined, "is not set"],
    ["", "is empty"],
  ])("that is %j is asked for", async (value, state) => {
    if (value !== undefined) vi.stubEnv("SIGN_PASSWORD", value);
    await expect(read({ certificate, passwordEnv: "SIGN_PASSWORD" })).rejects.toMatchObject({
      code: "SBP_CERTIFICATE_PASSWORD",
      message: `The environment variable SIGN_PASSWORD, which "windows.passwordEnv" names, ${state}`,
      exitCode: 2,
    });
  });

  test("that is wrong is not told", async () => {
    vi.stubEnv("SIGN_PASSWORD", "hunter2-wrong");
    const error = await read({ certificate, passwordEnv: "SIGN_PASSWORD" }).catch((caught) => caught);
    expect(error).toMatchObject({
      code: "SBP_CERTIFICATE_PASSWORD",
      message: '"release.p12" does not open with the password in SIGN_PASSWORD',
    });
    expect(`${error.stack} ${error.hint} ${JSON.stringify(error)} ${error.cause}`).not.toContain("hunter2");
  });

  test("is needed", async () => {
    await expect(read({ certificate })).rejects.toMatchObject({
      code: "SBP_CERTIFICATE_PASSWORD",
      message: '"release.p12" does not open without a password',
      hint: 'Name the environment variable that holds its password in "windows.passwordEnv"; of a rebase, in --password-env.',
    });
  });
});

describe("a file is refused", () => {
  test("that is none, or no PKCS #12", async () => {
    await expect(read({ certificate: "none.p12" })).rejects.toMatchObject({ code: "SBP_OPTION_FILE" });
    for (const content of ["", "hello", readFileSync(made.authority)])
      await expect(read({ certificate: await write("wrong.p12", content) })).rejects.toMatchObject({
        code: "SBP_CERTIFICATE_INVALID",
        exitCode: 2,
      });
    await expect(read({ certificate: "wrong.p12" })).rejects.toMatchObject({
      hint: expect.stringContaining("openssl pkcs12 -export"),
    });
  });

  test("without a key", async () => {
    openssl(
      "pkcs12",
      "-export",
      "-nokeys",
      "-in",
      "certificate.pem",
      "-out",
      "public.p12",
      "-passout",
      "pass:",
    );
    await expect(read({ certificate: "public.p12" })).rejects.toMatchObject({
      code: "SBP_CERTIFICATE_INCOMPLETE",
      message: '"public.p12": the PKCS #12 file cannot sign: it has 0 private keys, not one',
    });
  });

  test("of a certificate for something else", async () => {
    const certificate = selfSigned("server", [
      "-addext",
      "extendedKeyUsage=serverAuth",
      "-subj",
      "/CN=example.com",
    ]);
    await expect(read({ certificate })).rejects.toMatchObject({
      code: "SBP_CERTIFICATE_PURPOSE",
      message: '"server.p12": the certificate of example.com is not for signing code',
    });
  });

  test("with a key that executables cannot be signed with", async () => {
    const certificate = selfSigned("edwards", [], "-newkey", "ed25519");
    await expect(read({ certificate })).rejects.toMatchObject({
      code: "SBP_CERTIFICATE_INVALID",
      message: '"edwards.p12": keys of type ed25519 cannot sign executables',
    });
  });
});

describe("a certificate", () => {
  test("for everything is taken; without a common name its subject is the signer", async () => {
    const { signer, reported } = await read({ certificate: selfSigned("plain", ["-days", "30"]) });
    expect(signer!.meta).toMatchObject({ signer: "O=Example, L=A\\, B", subject: "O=Example, L=A\\, B" });
    expect(reported).toEqual([]);
  });

  test("that has expired signs with a warning", async () => {
    openssl(
      ...["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-out", "old.pem"],
      ...["-copy_extensions", "copy", "-days", "-1"],
    );
    const old = { ...made, certificate: join(folder, "old.pem") };
    const { signer, reported } = await read({
      certificate: await write("old.p12", exportPkcs12(old, [], "")),
    });
    expect(signer).toBeDefined();
    expect(reported).toMatchObject([{ severity: "warning", code: "SBP_CERTIFICATE_EXPIRED" }]);
    expect(reported[0]!.message).toMatch(/^"old.p12": the certificate was valid until \d{4}-\d\d-\d\d$/);
  });

  test("without its issuer's signs with a warning", async () => {
    openssl(
      ...["pkcs12", "-export", "-inkey", "key.pem", "-in", "certificate.pem", "-out", "alone.p12"],
      ...["-passout", "pass:"],
    );
    const { reported } = await read({ certificate: "alone.p12" });
    expect(reported).toMatchObject([{ severity: "warning", code: "SBP_CERTIFICATE_CHAIN" }]);
  });
});
