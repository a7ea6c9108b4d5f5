/**
 * Reads an embedded code signature: XNU's osfmk/kern/cs_blobs.h (`CS_SuperBlob`, `CS_CodeDirectory`) and TN3126
 * "Inside Code Signing: Hashes". Everything in it is big-endian.
 */

import { type ByteRange, isInside } from "../byte-source.ts";
import { view } from "../elf/fields.ts";
import { malformed, unsupported } from "../error.ts";
import type { MachoFile } from "./macho-file.ts";

/** What a file's signature says; nothing of it is verified. */
export interface MachoSignature {
  /** The first is for kernels of today; more are alternatives with other hashes. */
  readonly codeDirectories: readonly CodeDirectory[];
  /** The blobs by slot number: 0 code directory, 2 requirements, 5 entitlements, 7 the same in DER, 0x10000 CMS. */
  readonly blobs: readonly SignatureBlob[];
  /** The entitlements as a property list. */
  readonly entitlements: string | undefined;
  /** Whether somebody signed it: an ad hoc signature has no CMS, or an empty one. */
  readonly hasCms: boolean;
}

/** A blob of the signature, with the place of all of it in the file. */
export interface SignatureBlob extends ByteRange {
  readonly slot: number;
  readonly magic: number;
}

/** The fields of a code directory. */
export interface CodeDirectory {
  /** 0x20400 and the like: the fields that are there. */
  readonly version: number;
  /** CS_…: 0x2 ad hoc, 0x10000 hardened runtime, 0x20000 signed by the linker. */
  readonly flags: number;
  readonly identifier: string;
  readonly teamIdentifier: string | undefined;
  /** 1 SHA-1, 2 SHA-256, … */
  readonly hashType: number;
  /** In bytes. */
  readonly pageSize: number;
  /** How much of the file it covers. */
  readonly codeLimit: number;
  readonly codeSlots: number;
  /** In hex by slot: 1 Info.plist, 2 requirements, 3 resources, 5 entitlements, 7 entitlements in DER; undefined for zeros. */
  readonly specialSlots: readonly (string | undefined)[];
  readonly executableSegment: (ByteRange & { readonly flags: number }) | undefined;
  /** The hardened runtime's version, as of the SDK: 0xf0500 is 15.5. */
  readonly runtimeVersion: number | undefined;
}

export const magics = {
  superBlob: 0xfade0cc0,
  codeDirectory: 0xfade0c02,
  requirements: 0xfade0c01,
  entitlements: 0xfade7171,
  entitlementsDer: 0xfade7172,
  wrapper: 0xfade0b01,
} as const;
export const slots = {
  codeDirectory: 0,
  infoPlist: 1,
  requirements: 2,
  entitlements: 5,
  entitlementsDer: 7,
  cms: 0x10000,
} as const;
export const signatureFlags = { adHoc: 0x2, runtime: 0x10000 } as const;

const blobHeaderSize = 8;
const maxBlobs = 32;
const maxEntitlementsSize = 64 * 1024;
const maxNameSize = 1024;
const maxSpecialSlots = 32;
const alternateDirectories = [0x1000, 0x1001, 0x1002, 0x1003, 0x1004];

/**
 * Reads the code signature of a file, except for the hashes of its pages; undefined for a file without one.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export async function readMachoSignature(macho: MachoFile): Promise<MachoSignature | undefined> {
  const blobs = await readBlobs(macho);
  if (!blobs) return undefined;
  const directories = blobs.filter(
    ({ slot }) => slot === slots.codeDirectory || alternateDirectories.includes(slot),
  );
  if (directories.length === 0) throw malformed("the code signature has no code directory");
  const codeDirectories: CodeDirectory[] = [];
  for (const blob of directories) codeDirectories.push(await readCodeDirectory(macho, blob));
  const entitlements = await readBlob(macho, blobs, slots.entitlements);
  const cms = blobs.find(({ slot }) => slot === slots.cms);
  return {
    codeDirectories,
    blobs,
    entitlements: entitlements && Buffer.from(entitlements.subarray(blobHeaderSize)).toString("utf8"),
    hasCms: cms !== undefined && cms.size > blobHeaderSize,
  };
}

/** The whole blob of a slot, its header included; undefined when there is none. At most 64 KB. */
export async function readBlob(
  { source }: MachoFile,
  blobs: readonly SignatureBlob[],
  slot: number,
): Promise<Uint8Array | undefined> {
  const blob = blobs.find((candidate) => candidate.slot === slot);
  if (!blob) return undefined;
  if (blob.size > maxEntitlementsSize) throw unsupported(`a blob of ${blob.size} bytes`, blob.offset);
  return source.read(blob.offset, blob.size);
}

async function readBlobs({ source, linkeditParts }: MachoFile): Promise<SignatureBlob[] | undefined> {
  const signature = linkeditParts.find(({ kind }) => kind === "signature");
  if (!signature) return undefined;
  const { offset: start, size: available } = signature;
  if (available < 12) throw malformed("the code signature is cut short", start);
  const head = view(await source.read(start, 12));
  if (head.getUint32(0) !== magics.superBlob) throw malformed("the code signature is none", start);
  const [size, count] = [head.getUint32(4), head.getUint32(8)];
  if (count > maxBlobs) throw unsupported(`a code signature of ${count} blobs`, start + 8);
  if (size > available || 12 + count * 8 > size)
    throw malformed("the code signature is cut short", start + 4);
  const index = view(await source.read(start + 12, count * 8));
  const blobs: SignatureBlob[] = [];
  for (let at = 0; at < count * 8; at += 8) {
    const offset = index.getUint32(at + 4);
    if (!isInside(size, offset, blobHeaderSize))
      throw malformed("a blob is outside the code signature", start + 12 + at);
    const blob = view(await source.read(start + offset, blobHeaderSize));
    const blobSize = blob.getUint32(4);
    if (blobSize < blobHeaderSize || !isInside(size, offset, blobSize))
      throw malformed("a blob is outside the code signature", start + offset);
    blobs.push({
      slot: index.getUint32(at),
      magic: blob.getUint32(0),
      offset: start + offset,
      size: blobSize,
    });
  }
  return blobs;
}

async function readCodeDirectory({ source }: MachoFile, blob: SignatureBlob): Promise<CodeDirectory> {
  // Up to version 0x20100; the rest is there when the version says so.
  if (blob.magic !== magics.codeDirectory || blob.size < 44)
    throw malformed("the code directory is none", blob.offset);
  const data = view(await source.read(blob.offset, Math.min(blob.size, 96)));
  const version = data.getUint32(8);
  const has = (since: number, end: number) => {
    if (version < since) return false;
    if (data.byteLength < end) throw malformed("the code directory is cut short", blob.offset);
    return true;
  };
  const hashesOffset = data.getUint32(16);
  const hashSize = data.getUint8(36);
  const specialCount = data.getUint32(24);
  const codeSlots = data.getUint32(28);
  if (specialCount > maxSpecialSlots)
    throw unsupported(`${specialCount} special slots in the code directory`, blob.offset + 24);
  const specialSize = specialCount * hashSize;
  if (!isInside(blob.size, hashesOffset - specialSize, specialSize + codeSlots * hashSize))
    throw malformed("the hashes are outside the code directory", blob.offset + 16);
  const pageBits = data.getUint8(39);
  if (pageBits > 24) throw malformed(`pages of 2^${pageBits} bytes in the code directory`, blob.offset + 39);
  const codeLimit64 = has(0x20300, 64) ? data.getBigUint64(56) : 0n;
  const teamOffset = has(0x20200, 52) ? data.getUint32(48) : 0;
  const special = await source.read(blob.offset + hashesOffset - specialSize, specialSize);
  return {
    version,
    flags: data.getUint32(12),
    identifier: await readText(source, blob, data.getUint32(20)),
    teamIdentifier: teamOffset === 0 ? undefined : await readText(source, blob, teamOffset),
    hashType: data.getUint8(37),
    pageSize: pageBits === 0 ? 0 : 2 ** pageBits,
    codeLimit: codeLimit64 === 0n ? data.getUint32(32) : Number(codeLimit64),
    codeSlots,
    specialSlots: Array.from({ length: specialCount + 1 }, (_, slot) => {
      const hash = special.subarray((specialCount - slot) * hashSize, (specialCount - slot + 1) * hashSize);
      return slot === 0 || hash.every((byte) => byte === 0) ? undefined : Buffer.from(hash).toString("hex");
    }),
    executableSegment: has(0x20400, 88)
      ? {
          offset: Number(data.getBigUint64(64)),
          size: Number(data.getBigUint64(72)),
          flags: Number(data.getBigUint64(80)),
        }
      : undefined,
    runtimeVersion: has(0x20500, 96) ? data.getUint32(88) : undefined,
  };
}

async function readText(source: MachoFile["source"], blob: SignatureBlob, offset: number): Promise<string> {
  if (!isInside(blob.size, offset, 1)) throw malformed("a name is outside the code directory", blob.offset);
  const bytes = await source.read(blob.offset + offset, Math.min(maxNameSize, blob.size - offset));
  const end = bytes.indexOf(0);
  if (end < 0) throw malformed("a name in the code directory does not end", blob.offset + offset);
  return Buffer.from(bytes.subarray(0, end)).toString("utf8");
}
