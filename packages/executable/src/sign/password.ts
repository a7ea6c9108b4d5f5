/** Encryption and authentication with a password, as PKCS #12 (RFC 7292) and PKCS #5 (RFC 8018) define them. */

import { createDecipheriv, createHash, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { SigningError } from "./error.ts";
import { decryptRc2Cbc } from "./rc2.ts";

// Far above what programs write (2,048 to 600,000): bounds the time that a hostile file costs to some seconds.
const maxIterations = 2_000_000;

const hashes: Readonly<Record<string, string>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
const pseudoRandomFunctions: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};
const pbes2 = "1.2.840.113549.1.5.13";
const pbes2Ciphers: Readonly<Record<string, { readonly name: string; readonly keySize: number }>> = {
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", keySize: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", keySize: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", keySize: 32 },
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", keySize: 24 },
};
/** RFC 7292, appendix C, all with SHA-1. */
const pkcs12Ciphers: Readonly<Record<string, { readonly name: "3des" | "rc2"; readonly keySize: number }>> = {
  "1.2.840.113549.1.12.1.3": { name: "3des", keySize: 24 },
  "1.2.840.113549.1.12.1.4": { name: "3des", keySize: 16 },
  "1.2.840.113549.1.12.1.5": { name: "rc2", keySize: 16 },
  "1.2.840.113549.1.12.1.6": { name: "rc2", keySize: 5 },
};
const purpose = { key: 1, iv: 2, mac: 3 } as const;

/** Whether the password makes the MAC of a PKCS #12 file (RFC 7292, section 4). */
export function verifyPasswordMac(mac: {
  /** Object identifier. */
  readonly hash: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly content: Uint8Array;
  readonly expected: Uint8Array;
  readonly password: string;
}): boolean {
  const hash = hashes[mac.hash] ?? unknown(`the password check ${mac.hash}`);
  checkIterations(mac.iterations);
  return passwordForms(mac.password).some((password) => {
    const size = createHash(hash).digest().length;
    const key = deriveKey(hash, purpose.mac, password, mac.salt, mac.iterations, size);
    const digest = createHmac(hash, key).update(mac.content).digest();
    return digest.length === mac.expected.length && timingSafeEqual(digest, mac.expected);
  });
}

/**
 * Decrypts what was encrypted by the AlgorithmIdentifier `scheme` (in DER) with a password that is known to be right.
 *
 * @throws SigningError SIGNING_IDENTITY_UNSUPPORTED or SIGNING_IDENTITY_MALFORMED.
 */
export async function decryptWithPassword(
  scheme: Uint8Array,
  data: Uint8Array,
  password: string,
): Promise<Uint8Array> {
  const { AlgorithmIdentifier } = await import("pkijs");
  const { algorithmId, algorithmParams } = AlgorithmIdentifier.fromBER(scheme);
  try {
    if (algorithmId === pbes2) return await decryptPbes2(algorithmParams, data, password);
    return decryptPkcs12(algorithmId, algorithmParams, data, password);
  } catch (error) {
    if (error instanceof SigningError) throw error;
    throw new SigningError(
      "SIGNING_IDENTITY_MALFORMED",
      "an encrypted part of the PKCS #12 file is damaged",
      {
        cause: error,
      },
    );
  }
}

async function decryptPbes2(parameters: unknown, data: Uint8Array, password: string): Promise<Uint8Array> {
  const { PBES2Params, PBKDF2Params } = await import("pkijs");
  const { keyDerivationFunc, encryptionScheme } = new PBES2Params({ schema: parameters });
  const derivation = new PBKDF2Params({ schema: keyDerivationFunc.algorithmParams });
  const cipher =
    pbes2Ciphers[encryptionScheme.algorithmId] ?? unknown(`the cipher ${encryptionScheme.algorithmId}`);
  // HMAC with SHA-1 is the default.
  const prf = derivation.prf?.algorithmId ?? "1.2.840.113549.2.7";
  const hash = pseudoRandomFunctions[prf] ?? unknown(`the key derivation ${prf}`);
  checkIterations(derivation.iterationCount);
  const salt = octets(derivation.salt);
  const key = await promisify(pbkdf2)(password, salt, derivation.iterationCount, cipher.keySize, hash);
  const decipher = createDecipheriv(cipher.name, key, octets(encryptionScheme.algorithmParams));
  return Buffer.concat([decipher.update(data), decipher.final()]);
}

function decryptPkcs12(type: string, parameters: unknown, data: Uint8Array, password: string): Uint8Array {
  const cipher = pkcs12Ciphers[type] ?? unknown(`the encryption ${type}`);
  // SEQUENCE { salt, iterations }
  const [saltElement, iterationsElement] = (parameters as { valueBlock: { value: unknown[] } }).valueBlock
    .value;
  const salt = octets(saltElement);
  const iterations = (iterationsElement as { valueBlock: { valueDec: number } }).valueBlock.valueDec;
  checkIterations(iterations);
  if (data.length === 0 || data.length % 8 !== 0) throw new RangeError("no whole blocks");
  for (const form of passwordForms(password)) {
    let key = deriveKey("sha1", purpose.key, form, salt, iterations, cipher.keySize);
    const iv = deriveKey("sha1", purpose.iv, form, salt, iterations, 8);
    // Triple DES with two keys uses the first again.
    if (cipher.keySize === 16 && cipher.name === "3des") key = Buffer.concat([key, key.subarray(0, 8)]);
    const plain = removePadding(
      cipher.name === "rc2" ? decryptRc2Cbc(key, iv, data) : decryptTripleDes(key, iv, data),
    );
    if (plain) return plain;
  }
  throw new RangeError("wrong padding");
}

function decryptTripleDes(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const decipher = createDecipheriv("des-ede3-cbc", key, iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(data), decipher.final()]);
}

function removePadding(plain: Uint8Array): Uint8Array | undefined {
  const count = plain.at(-1)!;
  if (count < 1 || count > 8 || !plain.subarray(plain.length - count).every((byte) => byte === count))
    return undefined;
  return plain.subarray(0, plain.length - count);
}

/** RFC 7292, appendix B.2: bytes for a purpose, from a password in the form of B.1. */
function deriveKey(
  hash: string,
  id: number,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  size: number,
): Buffer {
  const blockSize = hash === "sha384" || hash === "sha512" ? 128 : 64;
  const input = Buffer.concat([fillBlocks(salt, blockSize), fillBlocks(password, blockSize)]);
  const diversifier = Buffer.alloc(blockSize, id);
  const output: Buffer[] = [];
  for (let have = 0; have < size; ) {
    let block = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round++) block = createHash(hash).update(block).digest();
    output.push(block);
    have += block.length;
    addToBlocks(input, block, blockSize);
  }
  return Buffer.concat(output).subarray(0, size);
}

function fillBlocks(bytes: Uint8Array, blockSize: number): Buffer {
  const size = blockSize * Math.ceil(bytes.length / blockSize);
  // Buffer.alloc with an empty filler would leave zeros, and there is nothing to fill then.
  return size === 0 ? Buffer.alloc(0) : Buffer.alloc(size, bytes);
}

/** Adds the digest, repeated, plus one to every block of the input, each a big-endian number. */
function addToBlocks(input: Buffer, digest: Buffer, blockSize: number): void {
  const added = fillBlocks(digest, blockSize).subarray(0, blockSize);
  for (let start = 0; start < input.length; start += blockSize) {
    let carry = 1;
    for (let at = blockSize - 1; at >= 0; at--) {
      carry += input[start + at]! + added[at]!;
      input[start + at] = carry & 0xff;
      carry >>= 8;
    }
  }
}

/** RFC 7292, appendix B.1: UTF-16 with a terminator, high byte first. An empty password has two forms in use. */
function passwordForms(password: string): readonly Uint8Array[] {
  const form = Buffer.from(`${password}\0`, "utf16le").swap16();
  return password === "" ? [form, Buffer.alloc(0)] : [form];
}

function octets(value: unknown): Uint8Array {
  return (value as { valueBlock: { valueHexView: Uint8Array } }).valueBlock.valueHexView;
}

function checkIterations(iterations: number): void {
  if (!Number.isSafeInteger(iterations) || iterations < 1 || iterations > maxIterations)
    throw new SigningError("SIGNING_IDENTITY_UNSUPPORTED", `a password is stretched ${iterations} times`);
}

function unknown(what: string): never {
  throw new SigningError("SIGNING_IDENTITY_UNSUPPORTED", `${what} of the PKCS #12 file is not supported`);
}
