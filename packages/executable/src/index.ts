export { type ByteRange, type ByteSource, fromBytes, fromFile } from "./byte-source.ts";
export { appendEdit, applyEdit, type Edit, joinEdits, type Patch } from "./edit.ts";
export { describeElf, type ElfDescription } from "./elf/describe.ts";
export { type ElfFile, loadedRanges, loadedSegments, mappedRange, readElf } from "./elf/elf-file.ts";
export type { ElfHeader, ElfMachine, ElfType } from "./elf/header.ts";
export { planElfHole } from "./elf/hole.ts";
export { type ElfInterpreter, elfInterpreter, elfProgram, elfTailDescription } from "./elf/interpreter.ts";
export type { ElfNote } from "./elf/note.ts";
export { type ElfProgramHeader, programHeaderBytes, segmentType } from "./elf/program-header.ts";
export { type ElfRebuild, planElfRebuild } from "./elf/rebuild.ts";
export type { ElfSection } from "./elf/section.ts";
export { planElfStringOrder } from "./elf/string-order.ts";
export { type ElfStrip, planElfStrip } from "./elf/strip.ts";
export { elfDescriptionAddress, elfTail } from "./elf/tail.ts";
export { type ElfTemplate, type ElfTemplateOptions, planElfTemplate } from "./elf/template.ts";
export { parseElfTemplate } from "./elf/template-json.ts";
export { ExecutableError, type ExecutableErrorCode } from "./error.ts";
export { findUnique } from "./find.ts";
export { encodingNames } from "./icu/converters.ts";
export { findIcuData, type IcuData } from "./icu/data.ts";
export { icuLocales } from "./icu/locales.ts";
export type { IcuItem } from "./icu/package.ts";
export { type IcuReduction, icuDataPatch, type ReducedIcuData, reduceIcuData } from "./icu/reduce.ts";
export type { CodeDirectory, MachoSignature, SignatureBlob } from "./macho/code-signature.ts";
export { describeMacho, type MachoDescription } from "./macho/describe.ts";
export { type Entitlements, entitlementsXml, v8Entitlements } from "./macho/entitlements.ts";
export type { MachoArchitecture, MachoHeader, MachoType } from "./macho/header.ts";
export type { LinkeditKind, LinkeditPart } from "./macho/linkedit.ts";
export type { MachoCommand } from "./macho/load-command.ts";
export { type MachoFile, machoLoadedRanges, readMacho } from "./macho/macho-file.ts";
export type { MachoSection, MachoSegment } from "./macho/segment.ts";
export { type MachoTail, type MachoTailOptions, machoEdit, machoTail } from "./macho/tail.ts";
export {
  type MachoTemplate,
  type MachoTemplateOptions,
  type MachoTemplatePlan,
  planMachoTemplate,
} from "./macho/template.ts";
export { parseMachoTemplate } from "./macho/template-json.ts";
export { readUniversal, type UniversalSlice, universalSlice } from "./macho/universal.ts";
export { addonAbi, describeNative, type NativeFacts, type NativeFile, nativeFacts } from "./native.ts";
export { type PeSignatureOptions, peDigest, planPeSignature, signPeTail } from "./pe/authenticode.ts";
export type { PeCertificate } from "./pe/certificate.ts";
export { computePeChecksum } from "./pe/checksum.ts";
export type { PeDebugLink } from "./pe/debug.ts";
export { describePe, type PeDescription } from "./pe/describe.ts";
export { editedSource } from "./pe/edited-source.ts";
export type { PeDirectory, PeHeader, PeMachine, PeSubsystem, PeType } from "./pe/header.ts";
export { readPeIcon } from "./pe/icon.ts";
export { type PeFile, readPe } from "./pe/pe-file.ts";
export {
  type PeResource,
  type PeResourceId,
  type PeResourceKey,
  resourceType as peResourceType,
} from "./pe/resource.ts";
export { type PeSection, sectionRanges as peSectionRanges } from "./pe/section.ts";
export { type PePart, type PeStrip, planPeStrip } from "./pe/strip.ts";
export { type PeTail, type PeTailOptions, peEdit, peTail } from "./pe/tail.ts";
export {
  type PeTemplate,
  type PeTemplateOptions,
  type PeTemplateResource,
  planPeTemplate,
} from "./pe/template.ts";
export { parsePeTemplate } from "./pe/template-json.ts";
export type { PeVersion, PeVersionInformation } from "./pe/version.ts";
export { SigningError, type SigningErrorCode } from "./sign/error.ts";
export { readPkcs12, type SigningIdentity } from "./sign/pkcs12.ts";
