import { execFile } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { crypto, dsse } from "@sigstore/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { envelope, readSigningKey } from "../src/provenance/envelope.ts";
import { provenanceStatement } from "../src/provenance/statement.ts";
import { shop } from "./inventories.ts";

/* Signed here, verified by others: sigstore's library, which cosign's signatures are verified by as well, and OpenSSL. */

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "sbp-scan-test-"));
const key = join(folder, "key.pem");
const locked = join(folder, "locked.pem");
afterAll(() => rm(folder, { recursive: true }));
beforeAll(async () => {
  await run("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]);
  await run("openssl", ["pkcs8", "-topk8", "-in", key, "-out", locked, "-passout", "pass:sesame"]);
});

const subjects = [{ name: "shop", sha256: "ab".repeat(32) }];
const statement = provenanceStatement(subjects, shop(), { tool: "0.1.0", options: { selfContained: true } });

test("the statement is of in-toto and SLSA, and names what went in by its hashes", () => {
  const { predicate, ...head } = JSON.parse(statement);
  expect(head).toEqual({
    _type: "https://in-toto.io/Statement/v1",
    predicateType: "https://slsa.dev/provenance/v1",
    subject: [{ name: "shop", digest: { sha256: "ab".repeat(32) } }],
  });
  expect(Object.keys(predicate).sort()).toEqual(["buildDefinition", "runDetails"]);
  const { resolvedDependencies, externalParameters } = predicate.buildDefinition;
  expect(externalParameters).toMatchObject({ target: "linux-x64", app: { name: "@acme/shop" } });
  // A resource descriptor has at least one of uri, digest and content.
  for (const one of resolvedDependencies) expect(one.uri ?? one.digest).toBeDefined();
  expect(resolvedDependencies).toContainEqual({
    uri: "pkg:npm/express@4.17.1",
    digest: { sha512: expect.stringMatching(/^[0-9a-f]{128}$/) },
  });
  expect(resolvedDependencies[0]).toMatchObject({
    digest: { gitCommit: expect.any(String) },
    annotations: { dirty: true },
  });
});

test("others verify the signature, and none of another statement", async () => {
  const written = envelope(statement, await readSigningKey(key, undefined));
  const { payload, payloadType, signatures } = JSON.parse(written);
  const publicKey = createPublicKey(await readFile(key));
  const encoded = dsse.preAuthEncoding(payloadType, Buffer.from(payload, "base64"));
  const signature = Buffer.from(signatures[0].sig, "base64");
  expect(crypto.verify(encoded, publicKey, signature)).toBe(true);
  expect(crypto.verify(Buffer.concat([encoded, Buffer.from(" ")]), publicKey, signature)).toBe(false);
  await Promise.all([
    writeFile(join(folder, "message"), encoded),
    writeFile(join(folder, "signature"), signature),
    writeFile(join(folder, "public.pem"), publicKey.export({ format: "pem", type: "spki" })),
  ]);
  const words = ["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "message"];
  expect((await run("openssl", words, { cwd: folder })).stdout).toContain("Verified OK");
});

test("the same key and statement give the same signature; no key gives none", async () => {
  const signingKey = await readSigningKey(key, undefined);
  expect(envelope(statement, signingKey)).toBe(envelope(statement, signingKey));
  expect(JSON.parse(envelope(statement, undefined)).signatures).toEqual([]);
});

test("a key with a password is the same key", async () => {
  const plain = envelope(statement, await readSigningKey(key, undefined));
  expect(envelope(statement, await readSigningKey(locked, "sesame"))).toBe(plain);
});

test.for([
  ["a password that is another", () => readSigningKey(locked, "open")],
  ["no password", () => readSigningKey(locked, undefined)],
  ["no such file", () => readSigningKey(join(folder, "missing"), undefined)],
  [
    "a public key",
    async () => {
      await run("openssl", ["ec", "-in", key, "-pubout", "-out", join(folder, "pub.pem")]);
      return readSigningKey(join(folder, "pub.pem"), undefined);
    },
  ],
  [
    "another curve",
    async () => {
      await run("openssl", [
        "ecparam",
        "-name",
        "secp384r1",
        "-genkey",
        "-noout",
        "-out",
        join(folder, "other.pem"),
      ]);
      return readSigningKey(join(folder, "other.pem"), undefined);
    },
  ],
] as const)("%s: SBP_SCAN_KEY, and nothing of the key", async ([, read]) => {
  const error = await read().then(
    () => undefined,
    (thrown: { code: string; message: string }) => thrown,
  );
  expect(error?.code).toBe("SBP_SCAN_KEY");
  expect(error?.message).not.toMatch(/BEGIN|MIG/);
});
