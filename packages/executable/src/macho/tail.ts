import { appendEdit, type Edit, type Patch } from "../edit.ts";
import { alignUp, readWord, view, writeWord } from "../elf/fields.ts";
import { ExecutableError } from "../error.ts";
import type { SigningIdentity } from "../sign/pkcs12.ts";
import { magics } from "./code-signature.ts";
import { type Entitlements, entitlementsDer, entitlementsXml } from "./entitlements.ts";
import { segmentAlignment } from "./header.ts";
import { hashSize, PageHasher, pageSize } from "./page-hash.ts";
import { sectionFields, segmentCommandSize, segmentFields } from "./segment.ts";
import { makeBlob, makeSignature, type SignatureContent, signatureSize } from "./signature.ts";
import { type MachoTemplate, templateOutline } from "./template.ts";

export interface MachoTailOptions {
  /** What `planMachoTemplate` gave with the template. */
  readonly linkedit: Uint8Array;
  readonly pageHashes: Uint8Array;
  /** The program's name in its signature, such as "com.example.health": 1 to 255 printable ASCII characters. */
  readonly identifier: string;
  /** Who signs. Without it the signature is ad hoc: the program runs, but nobody vouches for it. */
  readonly signing?: { readonly identity: SigningIdentity; readonly signedAt?: Date };
  /**
   * Whether the system shall enforce the hardened runtime, which Apple's notary service asks for. True with an
   * identity and false without one, unless given.
   */
  readonly hardenedRuntime?: boolean;
  /** Those of the runtime's own signature, unless given; see `v8Entitlements`. */
  readonly entitlements?: Entitlements;
}

/** What makes an executable of a template: changes to its bytes, then bytes after it. */
export interface MachoTail {
  readonly patches: readonly Patch[];
  readonly tail: readonly Uint8Array[];
}

// Offsets of sections, of what is in __LINKEDIT and of the signature have 32 bits.
const maxFileSize = 2 ** 32;

/**
 * What makes a signed executable of a template and a payload. The payload is given in any number of parts, which come
 * back as they are, without a copy. Costs a SHA-256 of the payload and __LINKEDIT, not of the template.
 *
 * @throws ExecutableError EXECUTABLE_PAYLOAD_TOO_LARGE when the file would have 2^32 bytes or more;
 *   EXECUTABLE_TEMPLATE_INVALID when linkedit or hashes are not the template's. SigningError for an unusable key.
 */
export async function machoTail(
  template: MachoTemplate,
  payload: readonly Uint8Array[],
  options: MachoTailOptions,
): Promise<MachoTail> {
  const { linkedit, pageHashes, identifier } = options;
  if (!/^[\x21-\x7e]{1,255}$/.test(identifier))
    throw new RangeError(`not an identifier: ${JSON.stringify(identifier)}`);
  if (
    linkedit.length !== template.linkeditSize ||
    pageHashes.length !== (template.size / pageSize) * hashSize
  )
    throw new ExecutableError(
      "EXECUTABLE_TEMPLATE_INVALID",
      "the __LINKEDIT or the page hashes are not those of this template",
    );
  const payloadSize = payload.reduce((sum, part) => sum + part.length, 0);
  // A segment of no bytes would be none.
  const segmentSize = alignUp(Math.max(payloadSize, 1), segmentAlignment(template.architecture));
  const signatureOffset = template.size + segmentSize + linkedit.length;
  const content = signatureContent(template, options, signatureOffset);
  const size = signatureOffset + signatureSize(content);
  if (size >= maxFileSize)
    throw new ExecutableError(
      "EXECUTABLE_PAYLOAD_TOO_LARGE",
      `the executable would have ${size} bytes; a Mach-O file has less than ${maxFileSize}`,
    );
  const header = finalHeader(template, { payloadSize, segmentSize, signatureOffset, size });
  const padding = new Uint8Array(segmentSize - payloadSize);
  const hasher = new PageHasher();
  for (const part of [...payload, padding, linkedit]) hasher.update(part);
  const hashes = Buffer.concat([
    new PageHasher().update(header).finish(),
    pageHashes.subarray((header.length / pageSize) * hashSize),
    hasher.finish(),
  ]);
  const signature = await makeSignature(content, hashes);
  return {
    patches: [{ offset: 0, bytes: header }],
    tail: [...payload, padding, linkedit, signature],
  };
}

/** The edit that makes the executable of the template's file. */
export function machoEdit(template: MachoTemplate, { patches, tail }: MachoTail): Edit {
  const edit = appendEdit(template.size, tail);
  return { ...edit, patches: [...patches, ...edit.patches] };
}

interface Sizes {
  readonly payloadSize: number;
  readonly segmentSize: number;
  readonly signatureOffset: number;
  readonly size: number;
}

/** The header's pages with the sizes and places of what comes with the payload. */
function finalHeader(template: MachoTemplate, sizes: Sizes): Uint8Array {
  const { bytes, segments, linkeditParts, header } = templateOutline(template);
  const [payload, linkedit] = segments.slice(-2) as [(typeof segments)[0], (typeof segments)[0]];
  const fields = view(payload.command.bytes);
  writeWord(fields, segmentFields.memorySize, sizes.segmentSize);
  writeWord(fields, segmentFields.fileSize, sizes.segmentSize);
  writeWord(fields, segmentCommandSize + sectionFields.size, sizes.payloadSize);

  const offset = template.size + sizes.segmentSize;
  const fileSize = sizes.size - offset;
  const linkeditFields = view(linkedit.command.bytes);
  const address = readWord(linkeditFields, segmentFields.address, "an address", linkedit.command.offset);
  writeWord(linkeditFields, segmentFields.address, address + sizes.segmentSize);
  writeWord(
    linkeditFields,
    segmentFields.memorySize,
    alignUp(fileSize, segmentAlignment(header.architecture)),
  );
  writeWord(linkeditFields, segmentFields.offset, offset);
  writeWord(linkeditFields, segmentFields.fileSize, fileSize);
  for (const part of linkeditParts) {
    const data = view(part.command.bytes);
    if (part.kind === "signature") {
      data.setUint32(part.offsetField, sizes.signatureOffset, true);
      data.setUint32(part.sizeField, sizes.size - sizes.signatureOffset, true);
    } else if (part.offset !== 0) data.setUint32(part.offsetField, part.offset + sizes.segmentSize, true);
  }
  return bytes;
}

function signatureContent(
  template: MachoTemplate,
  { identifier, signing, hardenedRuntime = signing !== undefined, entitlements }: MachoTailOptions,
  codeLimit: number,
): SignatureContent {
  const text = templateOutline(template).segments.find(({ name }) => name === "__TEXT");
  return {
    identifier,
    codeLimit,
    textSize: text?.fileSize ?? 0,
    isExecutable: true,
    runtimeVersion: hardenedRuntime ? template.sdk : undefined,
    entitlements: entitlements ? entitlementBlobs(entitlements) : keptEntitlements(template),
    infoPlistHash: template.infoPlistHash === null ? undefined : Buffer.from(template.infoPlistHash, "hex"),
    identity: signing?.identity,
    signedAt: signing?.signedAt,
  };
}

function entitlementBlobs(entitlements: Entitlements): SignatureContent["entitlements"] {
  if (Object.keys(entitlements).length === 0) return undefined;
  return {
    xml: makeBlob(magics.entitlements, entitlementsXml(entitlements)),
    der: makeBlob(magics.entitlementsDer, entitlementsDer(entitlements)),
  };
}

function keptEntitlements({ entitlements }: MachoTemplate): SignatureContent["entitlements"] {
  if (!entitlements) return undefined;
  return { xml: Buffer.from(entitlements.xml, "base64"), der: Buffer.from(entitlements.der, "base64") };
}
