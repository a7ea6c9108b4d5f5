/**
 * Makes an embedded code signature (XNU's osfmk/kern/cs_blobs.h; TN2206, TN3126): a super blob with the code directory,
 * an empty set of requirements, the entitlements in both forms and the CMS signature, which is empty when ad hoc.
 */

import { X509Certificate } from "node:crypto";
import { alignUp, view } from "../elf/fields.ts";
import { type CmsAttribute, signDetached } from "../sign/cms.ts";
import { objectIdentifier, octetString, sequence, utcTime } from "../sign/der.ts";
import type { SigningIdentity } from "../sign/pkcs12.ts";
import { magics, signatureFlags, slots } from "./code-signature.ts";
import { propertyList } from "./entitlements.ts";
import { hashSize, pageSize, sha256 } from "./page-hash.ts";

/** What a signature says, all but the hashes of the pages. */
export interface SignatureContent {
  readonly identifier: string;
  /** Where the signature comes, which is how much of the file it covers. In bytes, below 2^32. */
  readonly codeLimit: number;
  /** The file range of __TEXT, from 0 on, in bytes. */
  readonly textSize: number;
  /** An executable's main segment, not a library's. */
  readonly isExecutable: boolean;
  /** The hardened runtime's version (the SDK's), or undefined to do without it. */
  readonly runtimeVersion: number | undefined;
  /** The two blobs with their headers. */
  readonly entitlements: { readonly xml: Uint8Array; readonly der: Uint8Array } | undefined;
  /** SHA-256 of an Info.plist in the file. */
  readonly infoPlistHash: Uint8Array | undefined;
  /** Who signs; undefined for an ad hoc signature. */
  readonly identity: SigningIdentity | undefined;
  /** Put into a signature with an identity. Without it, the same input gives the same bytes. */
  readonly signedAt: Date | undefined;
}

const adHoc = signatureFlags.adHoc;
const mainBinary = 1;
// The fields up to and including executable segment (0x20400) or hardened runtime (0x20500).
const directorySize = { 132096: 88, 132352: 96 } as const;
const blobHeaderSize = 8;
const cdHashSize = 20;
// Room in the CMS for all that is not certificates: attributes (about 600 bytes), a signature of up to 16384 bits.
const cmsReserve = 4096;
const appleAttribute = { hashesPlist: "1.2.840.113635.100.9.1", hashes: "1.2.840.113635.100.9.2" } as const;
const signingTime = "1.2.840.113549.1.9.5";
const sha256Type = "2.16.840.1.101.3.4.2.1";
// 1.2.840.113635.100.6.1 in DER: what Apple's certificates for code signing are marked with.
const appleMark = Buffer.from("2a864886f763640601", "hex");

/** How many bytes `makeSignature` gives for it; a multiple of 16. */
export function signatureSize(content: SignatureContent): number {
  const blobs = otherBlobs(content);
  const size = blobs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const directory = directoryLayout(content).size;
  return alignUp(superBlobHeader(blobs.length + 2) + directory + size + cmsSize(content.identity), 16);
}

/** The signature over a file with these page hashes, padded with zeros to `signatureSize`. */
export async function makeSignature(content: SignatureContent, pageHashes: Uint8Array): Promise<Uint8Array> {
  const directory = codeDirectory(content, pageHashes);
  const cms = content.identity ? await signDirectory(directory, content.identity, content.signedAt) : [];
  const blobs = [
    { slot: slots.codeDirectory, bytes: directory },
    ...otherBlobs(content),
    { slot: slots.cms, bytes: makeBlob(magics.wrapper, ...cms) },
  ];
  const result = new Uint8Array(signatureSize(content));
  const data = view(result);
  let at = superBlobHeader(blobs.length);
  for (const [index, { slot, bytes }] of blobs.entries()) {
    data.setUint32(12 + 8 * index, slot);
    data.setUint32(16 + 8 * index, at);
    result.set(bytes, at);
    at += bytes.length;
  }
  data.setUint32(0, magics.superBlob);
  data.setUint32(4, at);
  data.setUint32(8, blobs.length);
  return result;
}

/** A blob: magic, size, contents. */
export function makeBlob(magic: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.alloc(blobHeaderSize);
  head.writeUInt32BE(magic, 0);
  head.writeUInt32BE(
    contents.reduce((sum, { length }) => sum + length, blobHeaderSize),
    4,
  );
  return Buffer.concat([head, ...contents]);
}

function codeDirectory(content: SignatureContent, pageHashes: Uint8Array): Uint8Array {
  const { version, special, team, identifierOffset, teamOffset, hashesOffset, size } =
    directoryLayout(content);
  const result = new Uint8Array(size);
  const data = view(result);
  const { codeLimit, runtimeVersion } = content;
  const flags = (content.identity ? 0 : adHoc) | (runtimeVersion === undefined ? 0 : signatureFlags.runtime);
  data.setUint32(0, magics.codeDirectory);
  data.setUint32(4, size);
  data.setUint32(8, version);
  data.setUint32(12, flags);
  data.setUint32(16, hashesOffset);
  data.setUint32(20, identifierOffset);
  data.setUint32(24, special.length);
  data.setUint32(28, Math.ceil(codeLimit / pageSize));
  data.setUint32(32, codeLimit);
  data.setUint8(36, hashSize);
  data.setUint8(37, 2); // CS_HASHTYPE_SHA256
  data.setUint8(39, Math.log2(pageSize));
  data.setUint32(48, teamOffset);
  data.setBigUint64(72, BigInt(content.textSize));
  data.setBigUint64(80, BigInt(content.isExecutable ? mainBinary : 0));
  if (runtimeVersion !== undefined) data.setUint32(88, runtimeVersion);
  result.set(Buffer.from(content.identifier), identifierOffset);
  if (team !== undefined) result.set(Buffer.from(team), teamOffset);
  // Slot -1 is the last before the pages' hashes.
  for (const [index, hash] of special.entries())
    if (hash) result.set(hash, hashesOffset - (index + 1) * hashSize);
  result.set(pageHashes, hashesOffset);
  return result;
}

function directoryLayout(content: SignatureContent) {
  const special = specialHashes(content);
  const version = content.runtimeVersion === undefined ? 0x20400 : 0x20500;
  const team = content.identity && teamIdentifier(content.identity);
  const identifierOffset = directorySize[version];
  const teamStart = identifierOffset + Buffer.byteLength(content.identifier) + 1;
  const teamEnd = team === undefined ? teamStart : teamStart + Buffer.byteLength(team) + 1;
  const hashesOffset = teamEnd + special.length * hashSize;
  const size = hashesOffset + Math.ceil(content.codeLimit / pageSize) * hashSize;
  const teamOffset = team === undefined ? 0 : teamStart;
  return { version, special, team, identifierOffset, teamOffset, hashesOffset, size };
}

/** Of slot 1 and on; undefined for slots that are zeros. */
function specialHashes(content: SignatureContent): (Uint8Array | undefined)[] {
  const blobs = otherBlobs(content);
  const last = Math.max(...blobs.map(({ slot }) => slot));
  return Array.from({ length: last }, (_, index) => {
    if (index + 1 === slots.infoPlist) return content.infoPlistHash;
    const blob = blobs.find(({ slot }) => slot === index + 1);
    return blob && sha256(blob.bytes);
  });
}

/** What is neither code directory nor CMS, by slot. */
function otherBlobs({ entitlements }: SignatureContent) {
  const none = Buffer.alloc(4);
  const blobs = [{ slot: slots.requirements as number, bytes: makeBlob(magics.requirements, none) }];
  if (entitlements) {
    blobs.push({ slot: slots.entitlements, bytes: entitlements.xml });
    blobs.push({ slot: slots.entitlementsDer, bytes: entitlements.der });
  }
  return blobs;
}

/** The CMS over the code directory, with its hash again in Apple's two attributes. */
async function signDirectory(
  directory: Uint8Array,
  identity: SigningIdentity,
  signedAt: Date | undefined,
): Promise<[Uint8Array]> {
  const digest = sha256(directory);
  const hash = Buffer.from(digest.subarray(0, cdHashSize)).toString("base64");
  const plist = propertyList(
    `<dict>\n\t<key>cdhashes</key>\n\t<array>\n\t\t<data>\n\t\t${hash}\n\t\t</data>\n\t</array>\n</dict>`,
  );
  const attributes: CmsAttribute[] = [
    { type: appleAttribute.hashesPlist, values: [octetString(Buffer.from(plist))] },
    { type: appleAttribute.hashes, values: [sequence(objectIdentifier(sha256Type), octetString(digest))] },
  ];
  if (signedAt) attributes.push({ type: signingTime, values: [utcTime(signedAt)] });
  return [await signDetached(identity, directory, attributes)];
}

/** Most that the CMS blob can need: its size is part of what is signed, before there is a signature. */
function cmsSize(identity: SigningIdentity | undefined): number {
  if (!identity) return blobHeaderSize;
  const certificates = identity.certificates.reduce((sum, { length }) => sum + length, 0);
  // The signer's issuer is named once more.
  return blobHeaderSize + certificates + identity.certificates[0]!.length + cmsReserve;
}

/** Apple's name for the developer, which is the certificate's organizational unit; other certificates have none. */
function teamIdentifier({ certificates }: SigningIdentity): string | undefined {
  const certificate = Buffer.from(certificates[0]!);
  if (!certificate.includes(appleMark)) return undefined;
  const unit: unknown = new X509Certificate(certificate).toLegacyObject().subject.OU;
  return typeof unit === "string" ? unit : undefined;
}

function superBlobHeader(blobs: number): number {
  return 12 + 8 * blobs;
}
