import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { ContentInfo, PFX, SafeContents } from "pkijs";
import { SigningError } from "./error.ts";
import { decryptWithPassword, verifyPasswordMac } from "./password.ts";

/** A key that signs, and who vouches for it. */
export interface SigningIdentity {
  /** Private, RSA or EC. */
  readonly key: KeyObject;
  /** In DER: the key's own first, then its issuers as far as they are known, then any others. */
  readonly certificates: readonly Uint8Array[];
}

// A key, its chain and their names are some KB.
const maxSize = 1024 * 1024;
const maxBags = 64;

const bagType = {
  key: "1.2.840.113549.1.12.10.1.1",
  shroudedKey: "1.2.840.113549.1.12.10.1.2",
  certificate: "1.2.840.113549.1.12.10.1.3",
} as const;
const x509Certificate = "1.2.840.113549.1.9.22.1";
const dataType = "1.2.840.113549.1.7.1";
const encryptedDataType = "1.2.840.113549.1.7.6";

/**
 * The key and certificates of a PKCS #12 file (RFC 7292; ".p12", ".pfx") with one private key: those of OpenSSL,
 * Keychain Access and Windows, with today's algorithms (PBES2) or the old ones (3DES, RC2).
 *
 * @throws SigningError SIGNING_IDENTITY_MALFORMED, SIGNING_IDENTITY_UNSUPPORTED, SIGNING_PASSWORD_WRONG or
 *   SIGNING_IDENTITY_INCOMPLETE.
 */
export async function readPkcs12(bytes: Uint8Array, password: string): Promise<SigningIdentity> {
  if (bytes.length > maxSize) throw malformedIdentity(`it has ${bytes.length} bytes`);
  const { PFX } = await import("pkijs");
  const pfx = structure(() => PFX.fromBER(bytes));
  const safe = contentBytes(pfx.authSafe);
  await checkMac(pfx, safe, password);

  const keys: Uint8Array[] = [];
  const certificates: Uint8Array[] = [];
  for (const { safeBags } of await openSafes(safe, password)) {
    for (const { bagId, bagValue } of safeBags) {
      if (keys.length + certificates.length >= maxBags) throw malformedIdentity("it has too many entries");
      const bag: unknown = bagValue;
      if (bagId === bagType.key) keys.push(new Uint8Array((bag as Encodable).toSchema().toBER()));
      if (bagId === bagType.shroudedKey) keys.push(await openKey(bag as ShroudedKey, password));
      if (bagId === bagType.certificate) {
        const { certId, certValue } = bag as CertificateBag;
        if (certId === x509Certificate) certificates.push(Uint8Array.from(certValue.valueBlock.valueHexView));
      }
    }
  }
  if (keys.length !== 1) throw incomplete(`it has ${keys.length} private keys, not one`);
  const key = structure(() => createPrivateKey({ key: Buffer.from(keys[0]!), format: "der", type: "pkcs8" }));
  return { key, certificates: chain(key, certificates) };
}

// What is used of pkijs's values, whose own types are wider.
interface Encodable {
  toSchema(): { toBER(): ArrayBuffer };
}
interface Octets {
  readonly valueBlock: { readonly valueHexView: Uint8Array };
}
interface ShroudedKey {
  readonly encryptionAlgorithm: Encodable;
  readonly encryptedData: { getValue(): ArrayBuffer };
}
interface CertificateBag {
  readonly certId: string;
  readonly certValue: Octets;
}

async function checkMac({ macData }: PFX, safe: Uint8Array, password: string): Promise<void> {
  if (!macData)
    throw new SigningError(
      "SIGNING_IDENTITY_UNSUPPORTED",
      "PKCS #12 files without a password check (MAC) are not supported",
    );
  const { mac, macSalt, iterations = 1 } = macData;
  const right = verifyPasswordMac({
    hash: mac.digestAlgorithm.algorithmId,
    salt: macSalt.valueBlock.valueHexView,
    iterations,
    content: safe,
    expected: mac.digest.valueBlock.valueHexView,
    password,
  });
  if (!right)
    throw new SigningError("SIGNING_PASSWORD_WRONG", "the PKCS #12 file does not open with this password");
}

async function openSafes(safe: Uint8Array, password: string): Promise<readonly SafeContents[]> {
  const { AuthenticatedSafe, EncryptedData, SafeContents } = await import("pkijs");
  const opened: SafeContents[] = [];
  for (const info of structure(() => AuthenticatedSafe.fromBER(safe)).safeContents) {
    let content: Uint8Array;
    if (info.contentType === dataType) content = contentBytes(info);
    else if (info.contentType === encryptedDataType) {
      const { encryptedContentInfo } = structure(() => new EncryptedData({ schema: info.content }));
      const data = structure(() => new Uint8Array(encryptedContentInfo.getEncryptedContent()));
      const scheme = new Uint8Array(encryptedContentInfo.contentEncryptionAlgorithm.toSchema().toBER());
      content = await decryptWithPassword(scheme, data, password);
    } else
      throw new SigningError(
        "SIGNING_IDENTITY_UNSUPPORTED",
        `a safe of type ${info.contentType} is not supported`,
      );
    opened.push(structure(() => SafeContents.fromBER(content)));
  }
  return opened;
}

async function openKey({ encryptionAlgorithm, encryptedData }: ShroudedKey, password: string) {
  const scheme = structure(() => new Uint8Array(encryptionAlgorithm.toSchema().toBER()));
  return decryptWithPassword(
    scheme,
    structure(() => new Uint8Array(encryptedData.getValue())),
    password,
  );
}

function contentBytes({ contentType, content }: ContentInfo): Uint8Array {
  if (contentType !== dataType)
    throw new SigningError("SIGNING_IDENTITY_UNSUPPORTED", `content of type ${contentType} is not supported`);
  return structure(() => new Uint8Array((content as { getValue(): ArrayBuffer }).getValue()));
}

/** The key's certificate, its issuer, that one's issuer, …, then the rest. */
function chain(key: KeyObject, certificates: readonly Uint8Array[]): readonly Uint8Array[] {
  const rest = certificates.map((der) => ({ der, parsed: structure(() => new X509Certificate(der)) }));
  const ordered: typeof rest = [];
  for (let next = rest.findIndex(({ parsed }) => parsed.checkPrivateKey(key)); next >= 0; ) {
    const [link] = rest.splice(next, 1);
    ordered.push(link!);
    next = rest.findIndex(({ parsed }) => link!.parsed.checkIssued(parsed));
  }
  if (ordered.length === 0) throw incomplete("it has no certificate for its private key");
  return [...ordered, ...rest].map(({ der }) => der);
}

/** Runs a parser; whatever it throws, the file is not right. */
function structure<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw malformedIdentity("its structure is wrong", error);
  }
}

function malformedIdentity(reason: string, cause?: unknown): SigningError {
  return new SigningError("SIGNING_IDENTITY_MALFORMED", `this is no PKCS #12 file: ${reason}`, { cause });
}

function incomplete(reason: string): SigningError {
  return new SigningError("SIGNING_IDENTITY_INCOMPLETE", `the PKCS #12 file cannot sign: ${reason}`);
}
