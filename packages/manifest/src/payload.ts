import {
  type ByteRange,
  type ByteSource,
  describeMacho,
  peResourceType,
  readElf,
  readMacho,
  readPe,
  readPeIcon,
} from "@sbp/executable";

/** What Node calls its payload in each format. */
export const payloadNames = {
  /** The name of a note. */
  elf: "NODE_SEA_BLOB",
  macho: { segment: "NODE_SEA", section: "__NODE_SEA_BLOB" },
  /** The name of a resource. */
  pe: "NODE_SEA_BLOB",
} as const;

/** An executable, looked at for its payload. */
export interface LocatedPayload {
  /** `linux-x64`, as Node names platforms and architectures. */
  readonly target: string;
  /** Where the payload is in the file; undefined for an executable without one. */
  readonly payload: ByteRange | undefined;
  /** Somebody vouches for it with a certificate. */
  readonly signed: boolean;
  /** Reads its icon, as an .ico file; undefined for formats that know none, and for a file without. Throws ExecutableError. */
  readonly icon?: () => Promise<Uint8Array | undefined>;
}

/**
 * Finds the payload of an executable where Node looks for it; undefined for a file that is no executable for Linux, macOS
 * or Windows. Reads some KB. Throws ExecutableError.
 */
export async function locatePayload(source: ByteSource): Promise<LocatedPayload | undefined> {
  const first = Buffer.from(await source.read(0, Math.min(4, source.size))).toString("latin1");
  if (first === "\x7fELF") return locateInElf(source);
  if (first === "\xcf\xfa\xed\xfe") return locateInMacho(source);
  return first.startsWith("MZ") ? locateInPe(source) : undefined;
}

async function locateInElf(source: ByteSource): Promise<LocatedPayload> {
  const { header, notes } = await readElf(source);
  return {
    target: header.machine === "x86-64" ? "linux-x64" : "linux-arm64",
    payload: notes.find(({ name }) => name === payloadNames.elf)?.description,
    signed: false,
  };
}

async function locateInMacho(source: ByteSource): Promise<LocatedPayload> {
  const file = await readMacho(source);
  const { signature } = await describeMacho(file);
  return {
    target: file.header.architecture === "x86-64" ? "darwin-x64" : "darwin-arm64",
    payload: file.segments
      .find(({ name }) => name === payloadNames.macho.segment)
      ?.sections.find(({ name }) => name === payloadNames.macho.section),
    signed: signature?.hasCms ?? false,
  };
}

async function locateInPe(source: ByteSource): Promise<LocatedPayload> {
  const file = await readPe(source);
  const { header, resources, certificates } = file;
  return {
    target: header.machine === "x86-64" ? "win32-x64" : "win32-arm64",
    payload: resources.find(({ type, name }) => type === peResourceType.data && name === payloadNames.pe)
      ?.content,
    signed: certificates.length > 0,
    icon: () => readPeIcon(file),
  };
}
