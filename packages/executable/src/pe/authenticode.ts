/**
 * Authenticode signatures (Microsoft's "Windows Authenticode Portable Executable Signature Format"): a hash of the
 * file without the checksum, the certificate table and its directory entry; that hash in a CMS SignedData; that in the
 * certificate table, behind everything else.
 */

import { createHash } from "node:crypto";
import type { ByteSource } from "../byte-source.ts";
import type { Edit, Patch } from "../edit.ts";
import { alignUp } from "../elf/fields.ts";
import { type CmsAttribute, der, makeSignedData, type SigningIdentity } from "../sign/index.ts";
import { certificateAlignment, certificateTable } from "./certificate.ts";
import { checksumOf, chunkSize, wordSum } from "./checksum.ts";
import { editedSource } from "./edited-source.ts";
import { directoryField, directoryIndex, headerFields, numberPatch } from "./header.ts";
import { type PeFile, readPe } from "./pe-file.ts";
import { type PeTail, peEdit } from "./tail.ts";
import type { PeTemplate } from "./template.ts";

export interface PeSignatureOptions {
  /** What Windows calls the program when it asks whether to run it. */
  readonly description?: string;
  /** Where to read more about it. */
  readonly url?: string;
}

const type = {
  indirectData: "1.3.6.1.4.1.311.2.1.4",
  statementType: "1.3.6.1.4.1.311.2.1.11",
  opusInformation: "1.3.6.1.4.1.311.2.1.12",
  imageData: "1.3.6.1.4.1.311.2.1.15",
  individualCodeSigning: "1.3.6.1.4.1.311.2.1.21",
  sha256: "2.16.840.1.101.3.4.2.1",
} as const;

/**
 * Plans the signature of a finished file, in place of the one that it has. Reads the whole file once. There is no
 * time stamp in it: the signature is valid as long as the certificate is, and the same for the same file and RSA key.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED; SigningError for keys that cannot sign.
 */
export async function planPeSignature(
  pe: PeFile,
  identity: SigningIdentity,
  options: PeSignatureOptions = {},
): Promise<Edit> {
  const { keep, size, patches, table } = await makeSignature(pe, identity, options);
  return { keep, size: size + table.length, patches: [...patches, { offset: size, bytes: table }] };
}

/**
 * Signs an executable before it exists: `tail` follows the template whose file `templateSource` is. Reads the whole
 * template once, since what is signed starts with header fields that depend on the tail.
 *
 * @throws as `planPeSignature` does.
 */
export async function signPeTail(
  templateSource: ByteSource,
  template: PeTemplate,
  { patches, tail }: PeTail,
  identity: SigningIdentity,
  options: PeSignatureOptions = {},
): Promise<PeTail> {
  const pe = await readPe(editedSource(templateSource, peEdit(template, { patches, tail })));
  const signature = await makeSignature(pe, identity, options);
  // A tail ends at a multiple of the file alignment, so that there is no padding before the table.
  return { patches: [...patches, ...signature.patches], tail: [...tail, signature.table] };
}

/** The Authenticode digest of a file (SHA-256), whatever its signature is. */
export async function peDigest(pe: PeFile): Promise<Uint8Array> {
  return (await readSigned(pe)).digest;
}

interface Signature {
  /** How much of the file stays. */
  readonly keep: number;
  /** With padding, but without the certificate table. */
  readonly size: number;
  /** Header fields. */
  readonly patches: readonly Patch[];
  readonly table: Uint8Array;
}

async function makeSignature(
  pe: PeFile,
  identity: SigningIdentity,
  options: PeSignatureOptions,
): Promise<Signature> {
  const { keep, size, digest, sum } = await readSigned(pe);
  const content = indirectData(digest);
  const signedData = await makeSignedData(identity, {
    contentType: type.indirectData,
    content,
    // Of the content's own bytes, as PKCS #7 has it: without a tag and a length of one byte each.
    digest: createHash("sha256").update(content.subarray(2)).digest(),
    attributes: signedAttributes(options),
  });
  const table = certificateTable(signedData);
  const field = pe.header.offset + directoryField(directoryIndex.certificates);
  const directory = numberPatch(field, [size, table.length]);
  const checksum = checksumOf(
    sum + wordSum(directory.bytes, field) + wordSum(table, size),
    size + table.length,
  );
  const patches = [numberPatch(pe.header.offset + headerFields.checksum, [checksum]), directory];
  return { keep, size, patches, table };
}

/** Reads what a signature covers, once, for the digest and for the checksum. */
async function readSigned({ source, header }: PeFile) {
  const certificates = header.directories[directoryIndex.certificates]!;
  // The certificate table is the last thing of a file.
  const keep = certificates.size > 0 ? certificates.address : source.size;
  const size = alignUp(keep, certificateAlignment);
  const signed = editedSource(source, { keep, size, patches: [] });
  const checksum = header.offset + headerFields.checksum;
  const directory = header.offset + directoryField(directoryIndex.certificates);
  const hash = createHash("sha256");
  let sum = 0;
  for (const [from, to] of [
    [0, checksum],
    [checksum + 4, directory],
    [directory + 8, size],
  ] as const) {
    for (let at = from; at < to; at += chunkSize) {
      const bytes = await signed.read(at, Math.min(chunkSize, to - at));
      hash.update(bytes);
      sum += wordSum(bytes, at);
    }
  }
  return { keep, size, digest: hash.digest(), sum };
}

/** SpcIndirectDataContent: what is signed is a PE image, here is its digest. */
function indirectData(digest: Uint8Array): Uint8Array {
  const { element, nullValue, objectIdentifier, octetString, sequence, tagged } = der;
  // SpcPeImageData: no flags, and a file name that nobody reads, in BMP letters, as every signer writes it.
  const fileName = element(0x80, bigEndianUtf16("<<<Obsolete>>>"));
  const image = sequence(element(0x03, Uint8Array.of(0)), tagged(0, tagged(2, fileName)));
  return sequence(
    sequence(objectIdentifier(type.imageData), image),
    sequence(sequence(objectIdentifier(type.sha256), nullValue()), octetString(digest)),
  );
}

function signedAttributes({ description, url }: PeSignatureOptions): readonly CmsAttribute[] {
  // SpcSpOpusInfo: [0] program name as SpcString, [1] more information as SpcLink.
  const opus = der.sequence(
    ...(description === undefined ? [] : [der.tagged(0, der.element(0x80, bigEndianUtf16(description)))]),
    ...(url === undefined ? [] : [der.tagged(1, der.element(0x80, Buffer.from(url, "ascii")))]),
  );
  const statement = der.sequence(der.objectIdentifier(type.individualCodeSigning));
  return [
    { type: type.opusInformation, values: [opus] },
    { type: type.statementType, values: [statement] },
  ];
}

function bigEndianUtf16(text: string): Uint8Array {
  return Buffer.from(text, "utf16le").swap16();
}
