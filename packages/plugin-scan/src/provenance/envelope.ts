/*
 * A statement in an envelope that may be signed: DSSE, https://github.com/secure-systems-lab/dsse. What cosign writes and verifies
 * (`cosign verify-blob-attestation --key`): ECDSA over P-256 and SHA-256, as DER.
 */
import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { p256 } from "@noble/curves/nist.js";
import { exitCodes, SbpError } from "@sbp/core";

export const payloadType = "application/vnd.in-toto+json";
/** Bytes: a PEM file has some hundred. */
const largestKey = 64 << 10;

/** A line of JSON. Without a key its list of signatures is empty. */
export function envelope(statement: string, key: KeyObject | undefined): string {
  const payload = Buffer.from(statement);
  const signatures = key ? [{ keyid: "", sig: sign(preAuthEncoding(payload), key).toString("base64") }] : [];
  return `${JSON.stringify({ payloadType, payload: payload.toString("base64"), signatures })}\n`;
}

/** DSSE v1, "PAE". */
function preAuthEncoding(payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
    payload,
  ]);
}

/** With the number that RFC 6979 takes from key and message: OpenSSL takes a random one, and no two builds would be the same. */
function sign(message: Buffer, key: KeyObject): Buffer {
  const { d } = key.export({ format: "jwk" });
  const digest = createHash("sha256").update(message).digest();
  const signature = p256.sign(digest, Buffer.from(d!, "base64url"), {
    prehash: false,
    format: "der",
    lowS: false,
  });
  return Buffer.from(signature);
}

/** Reads a private key in PEM: PKCS #8 or SEC 1. Throws SBP_SCAN_KEY. */
export async function readSigningKey(file: string, password: string | undefined): Promise<KeyObject> {
  const problem = (why: string, cause?: unknown) =>
    new SbpError("SBP_SCAN_KEY", `The key cannot be used: ${why}`, {
      location: { file },
      hint: "Make one with `openssl ecparam -name prime256v1 -genkey -noout`; keys of cosign's own format are not read.",
      exitCode: exitCodes.badUsage,
      cause,
    });
  const bytes = await readFile(file).catch((error: Error) => {
    throw problem(error.message, error);
  });
  if (bytes.length > largestKey) throw problem("it is no PEM file");
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: bytes, ...(password !== undefined && { passphrase: password }) });
  } catch (error) {
    // Messages of OpenSSL name no content of the file.
    throw problem(
      password === undefined
        ? "it is no private key in PEM, or has a password"
        : "it is no private key in PEM, or its password is another",
      error,
    );
  }
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw problem("it is not one of ECDSA over P-256");
  return key;
}
