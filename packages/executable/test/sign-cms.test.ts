import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContentInfo, SignedData } from "pkijs";
import { afterAll, describe, expect, test } from "vitest";
import { der, makeSignedData, readPkcs12, signDetached } from "../src/sign/index.ts";
import { exportPkcs12, makeIdentity } from "./sign-identity.ts";

const folder = mkdtempSync(join(tmpdir(), "sbp-cms-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const message = Buffer.from("what is signed\r\n");
writeFileSync(join(folder, "message"), message);

const openssl = (...options: string[]) =>
  execFileSync("openssl", options, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }).toString();

describe.each(["rsa", "ec"] as const)("with an %s key", (type) => {
  mkdirSync(join(folder, type));
  const made = makeIdentity(join(folder, type), type);
  const identity = readPkcs12(exportPkcs12(made), made.password);
  const verify = (...options: string[]) =>
    openssl(
      ...["cms", "-verify", "-inform", "DER", "-in", "signature", "-CAfile", made.authority],
      ...["-purpose", "any", "-binary", ...options],
    );

  test("openssl verifies a detached signature, and only over the same bytes", async () => {
    const attribute = { type: "1.2.840.113635.100.9.1", values: [der.octetString(Buffer.from("x"))] };
    const signature = await signDetached(await identity, message, [attribute]);
    writeFileSync(join(folder, "signature"), signature);
    expect(verify("-content", "message")).toBe(message.toString());
    writeFileSync(join(folder, "other"), "something else");
    expect(() => verify("-content", "other")).toThrow();
    const printed = openssl("cms", "-cmsout", "-print", "-inform", "DER", "-in", "signature");
    expect(printed).toContain("1.2.840.113635.100.9.1");
    expect(printed).toContain("serialNumber");
    expect(printed).not.toContain("signingTime");
  });

  test("openssl verifies a signature with its content inside", async () => {
    const content = der.octetString(message);
    const digest = createHash("sha256").update(message).digest();
    const options = { contentType: "1.2.840.113549.1.7.1", content, digest };
    writeFileSync(join(folder, "signature"), await makeSignedData(await identity, options));
    expect(verify()).toBe(message.toString());
  });

  test("pkijs verifies content that is no octet string, as Authenticode has it", async () => {
    const content = der.sequence(der.utf8String("indirect"), der.integer(300));
    const digest = createHash("sha256").update(content.subarray(2)).digest();
    const options = { contentType: "1.3.6.1.4.1.311.2.1.4", content, digest };
    const { content: schema } = ContentInfo.fromBER(await makeSignedData(await identity, options));
    expect(await new SignedData({ schema }).verify({ signer: 0 })).toBe(true);
  });
});

test("an RSA signature is the same each time", async () => {
  const made = makeIdentity(folder);
  const identity = await readPkcs12(exportPkcs12(made), made.password);
  expect(await signDetached(identity, message)).toEqual(await signDetached(identity, message));
});

test("DER is what openssl reads", () => {
  const long = "x".repeat(300);
  const value = der.sequence(
    der.integer(0),
    der.integer(127),
    der.integer(128),
    der.integer(2 ** 53 - 1),
    der.objectIdentifier("1.2.840.113635.100.9.1"),
    der.objectIdentifier("2.999.3"),
    der.setOf([der.utf8String("b"), der.utf8String("a")]),
    der.octetString(Buffer.alloc(200)),
    der.tagged(1, der.nullValue()),
    der.booleanValue(true),
    der.utf8String(long),
  );
  writeFileSync(join(folder, "der"), value);
  const lines = openssl("asn1parse", "-inform", "DER", "-in", "der").replace(
    /^ *\d+:d=\d+ +hl=\d+ l= */gm,
    "",
  );
  for (const line of [
    ":00",
    ":7F",
    ":80",
    ":1FFFFFFFFFFFFF",
    ":1.2.840.113635.100.9.1",
    ":2.999.3",
    ":255",
    `:${long}`,
  ])
    expect(lines).toContain(line);
  expect(lines.indexOf(":a")).toBeLessThan(lines.indexOf(":b"));
});
