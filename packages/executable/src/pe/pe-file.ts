import type { ByteSource } from "../byte-source.ts";
import { type PeCertificate, readCertificates } from "./certificate.ts";
import { directoryIndex, type PeHeader, readHeader } from "./header.ts";
import { type PeResource, readResources } from "./resource.ts";
import { type PeSection, readSections, sectionsEnd } from "./section.ts";

/** The outline of a PE file. */
export interface PeFile {
  readonly source: ByteSource;
  readonly header: PeHeader;
  readonly sections: readonly PeSection[];
  readonly resources: readonly PeResource[];
  /** What the file is signed with; none for an unsigned file. */
  readonly certificates: readonly PeCertificate[];
}

/**
 * Reads the outline of a PE file: PE32+, x86-64 or ARM64, a program or a library. Reads a few KB, however large the
 * file is and whatever it says.
 *
 * @throws ExecutableError EXECUTABLE_UNRECOGNIZED, EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export async function readPe(source: ByteSource): Promise<PeFile> {
  const header = await readHeader(source);
  const sections = await readSections(source, header);
  const certificates = await readCertificates(
    source,
    sectionsEnd(header, sections),
    header.directories[directoryIndex.certificates]!,
  );
  const resources = await readResources(source, header, sections);
  return { source, header, sections, resources, certificates };
}
