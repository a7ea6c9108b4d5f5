import type { ByteRange, ByteSource } from "../byte-source.ts";
import { alignUp, view } from "../elf/fields.ts";
import { malformed, unsupported } from "../error.ts";
import type { PeDirectory } from "./header.ts";

/** An entry of the attribute certificate table ("PE Format", "The Attribute Certificate Table"). */
export interface PeCertificate {
  readonly revision: number;
  /** 2 for Authenticode's PKCS #7 SignedData. */
  readonly type: number;
  /** Where its content is in the file. */
  readonly content: ByteRange;
}

export const certificateAlignment = 8;
const entryHeaderSize = 8;
const signedDataType = 2;
const revision2 = 0x200;
// Signed files have one; one more per hash algorithm where a file is signed twice.
const maxCertificates = 16;

/** The certificates, without reading them. They are the last thing of a file, and in none of its sections. */
export async function readCertificates(
  source: ByteSource,
  sectionsEnd: number,
  { address: start, size }: PeDirectory,
): Promise<readonly PeCertificate[]> {
  if (size === 0) return [];
  const end = start + size;
  if (start % certificateAlignment !== 0 || start < sectionsEnd || end > source.size)
    throw malformed("the certificate table is where no certificate table can be", start);
  if (end !== source.size) throw unsupported("bytes follow the certificate table", end);
  const certificates: PeCertificate[] = [];
  for (let at = start; at < end; ) {
    if (certificates.length === maxCertificates)
      throw unsupported(`the file has more than ${maxCertificates} certificates`, at);
    if (end - at < entryHeaderSize) throw malformed("the certificate table is cut short", at);
    const data = view(await source.read(at, entryHeaderSize));
    const length = data.getUint32(0, true);
    if (length < entryHeaderSize || length > end - at)
      throw malformed(`a certificate cannot have ${length} bytes`, at);
    certificates.push({
      revision: data.getUint16(4, true),
      type: data.getUint16(6, true),
      content: { offset: at + entryHeaderSize, size: length - entryHeaderSize },
    });
    at += alignUp(length, certificateAlignment);
  }
  return certificates;
}

/** A certificate table of one entry. */
export function certificateTable(signedData: Uint8Array): Uint8Array {
  const length = alignUp(entryHeaderSize + signedData.length, certificateAlignment);
  const bytes = new Uint8Array(length);
  const data = view(bytes);
  data.setUint32(0, length, true);
  data.setUint16(4, revision2, true);
  data.setUint16(6, signedDataType, true);
  bytes.set(signedData, entryHeaderSize);
  return bytes;
}
