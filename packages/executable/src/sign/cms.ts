import { createHash, sign } from "node:crypto";
import { integer, nullValue, objectIdentifier, octetString, sequence, setOf, tagged } from "./der.ts";
import { SigningError } from "./error.ts";
import type { SigningIdentity } from "./pkcs12.ts";

/** An attribute of a signature (RFC 5652, section 5.3). */
export interface CmsAttribute {
  /** Object identifier, dotted. */
  readonly type: string;
  /** Each in DER. */
  readonly values: readonly Uint8Array[];
}

export interface SignedDataOptions {
  /** Object identifier of what is signed; `contentType.data` for a detached signature over a file. */
  readonly contentType: string;
  /** The encapsulated content's own DER, which goes into `[0] EXPLICIT` as it is; none for a detached signature. */
  readonly content?: Uint8Array;
  /** SHA-256 of what is signed: for Authenticode, of the content without its tag and length. */
  readonly digest: Uint8Array;
  /** Signed with it, in addition to content type and message digest. */
  readonly attributes?: readonly CmsAttribute[];
}

export const contentType = { data: "1.2.840.113549.1.7.1", signedData: "1.2.840.113549.1.7.2" } as const;

const attributeType = { contentType: "1.2.840.113549.1.9.3", messageDigest: "1.2.840.113549.1.9.4" } as const;
const algorithm = {
  sha256: () => sequence(objectIdentifier("2.16.840.1.101.3.4.2.1"), nullValue()),
  rsa: () => sequence(objectIdentifier("1.2.840.113549.1.1.1"), nullValue()),
  ecdsaWithSha256: () => sequence(objectIdentifier("1.2.840.10045.4.3.2")),
} as const;

/**
 * A CMS SignedData of one signer (RFC 5652) with SHA-256, in DER, inside its ContentInfo: what both Apple's code
 * signatures and Authenticode carry. It has no time of its own; with an RSA key, the same input gives the same bytes
 * (ECDSA takes a random number). The structure's version is 1, that of PKCS #7, as both platforms write it.
 *
 * @throws SigningError SIGNING_IDENTITY_UNSUPPORTED for a key that is neither RSA nor EC.
 */
export async function makeSignedData(
  identity: SigningIdentity,
  { contentType: type, content, digest, attributes = [] }: SignedDataOptions,
): Promise<Uint8Array> {
  const signed = [
    { type: attributeType.contentType, values: [objectIdentifier(type)] },
    { type: attributeType.messageDigest, values: [octetString(digest)] },
    ...attributes,
  ].map(encodeAttribute);
  // The signature is over the attributes as a SET OF; the structure holds the same bytes under another tag.
  const set = setOf(signed);
  const implicit = Buffer.from(set);
  implicit[0] = 0xa0;
  const signerInfo = sequence(
    integer(1),
    await issuerAndSerialNumber(identity.certificates[0]!),
    algorithm.sha256(),
    implicit,
    signatureAlgorithm(identity),
    octetString(sign("sha256", set, identity.key)),
  );
  const signedData = sequence(
    integer(1),
    setOf([algorithm.sha256()]),
    sequence(objectIdentifier(type), ...(content ? [tagged(0, content)] : [])),
    // The signer's certificate first, not in DER's order of a SET OF: CMS does not ask for DER here.
    tagged(0, ...identity.certificates),
    setOf([signerInfo]),
  );
  return sequence(objectIdentifier(contentType.signedData), tagged(0, signedData));
}

/** A detached signature over `bytes`. */
export function signDetached(
  identity: SigningIdentity,
  bytes: Uint8Array,
  attributes: readonly CmsAttribute[] = [],
): Promise<Uint8Array> {
  const digest = createHash("sha256").update(bytes).digest();
  return makeSignedData(identity, { contentType: contentType.data, digest, attributes });
}

function encodeAttribute({ type, values }: CmsAttribute): Uint8Array {
  return sequence(objectIdentifier(type), setOf(values));
}

function signatureAlgorithm({ key }: SigningIdentity): Uint8Array {
  if (key.asymmetricKeyType === "rsa") return algorithm.rsa();
  if (key.asymmetricKeyType === "ec") return algorithm.ecdsaWithSha256();
  throw new SigningError(
    "SIGNING_IDENTITY_UNSUPPORTED",
    `keys of type ${key.asymmetricKeyType} cannot sign executables, only RSA and EC keys can`,
  );
}

/** The certificate's own bytes of both: an encoding anew might differ. */
async function issuerAndSerialNumber(certificate: Uint8Array): Promise<Uint8Array> {
  const { Certificate } = await import("pkijs");
  const { issuer, serialNumber } = Certificate.fromBER(certificate);
  return sequence(new Uint8Array(issuer.valueBeforeDecode), new Uint8Array(serialNumber.toBER()));
}
