import { type ByteRange, type ByteSource, isInside } from "../byte-source.ts";
import { readWord, view } from "../elf/fields.ts";
import { ExecutableError, malformed, unsupported } from "../error.ts";
import { machoArchitecture } from "./header.ts";

/** One architecture's file inside a universal file (mach-o/fat.h, `struct fat_arch`). */
export interface UniversalSlice extends ByteRange {
  /** "x86-64", "arm64", "arm64e", …, or the CPU type's number. */
  readonly architecture: string;
}

const magic = { universal: 0xcafebabe, universal64: 0xcafebabf } as const;
// Java class files start with the same four bytes; what follows is their version, from 45 on.
const maxSlices = 32;

/**
 * The slices of a universal ("fat") Mach-O file; none when the file is not one.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export async function readUniversal(source: ByteSource): Promise<readonly UniversalSlice[]> {
  if (source.size < 8) return [];
  const head = view(await source.read(0, 8));
  const wide = head.getUint32(0) === magic.universal64;
  if (!wide && head.getUint32(0) !== magic.universal) return [];
  const count = head.getUint32(4);
  if (count > maxSlices) throw unsupported(`a universal file with ${count} slices, or a Java class file`, 4);
  const entrySize = wide ? 32 : 20;
  const headEnd = 8 + count * entrySize;
  const data = view(await source.read(8, count * entrySize));
  const slices: UniversalSlice[] = [];
  for (let at = 0; at < count * entrySize; at += entrySize) {
    const offset = wide ? bigEndianWord(data, at + 8) : data.getUint32(at + 8);
    const size = wide ? bigEndianWord(data, at + 16) : data.getUint32(at + 12);
    if (offset < headEnd || !isInside(source.size, offset, size))
      throw malformed(`slice ${slices.length} is outside the file`, 8 + at);
    const overlapped = slices.some(
      (slice) => slice.offset < offset + size && offset < slice.offset + slice.size,
    );
    if (overlapped) throw malformed(`slice ${slices.length} overlaps another`, 8 + at);
    slices.push({
      architecture: machoArchitecture(data.getUint32(at), data.getUint32(at + 4)),
      offset,
      size,
    });
  }
  return slices;
}

/**
 * The file of one architecture inside a universal file, without a copy; a file for one architecture comes back as it is.
 *
 * @throws ExecutableError EXECUTABLE_UNSUPPORTED when there is no such slice; EXECUTABLE_MALFORMED.
 */
export async function universalSlice(source: ByteSource, architecture: string): Promise<ByteSource> {
  const slices = await readUniversal(source);
  if (slices.length === 0) return source;
  const slice = slices.find((candidate) => candidate.architecture === architecture);
  if (!slice)
    throw new ExecutableError(
      "EXECUTABLE_UNSUPPORTED",
      `the universal file has no slice for ${architecture}, only for ${slices.map((one) => one.architecture).join(", ")}`,
    );
  return {
    size: slice.size,
    async read(offset, length) {
      if (!isInside(slice.size, offset, length))
        throw malformed(`the slice has ${slice.size} bytes, too few for ${length} more`, offset);
      return source.read(slice.offset + offset, length);
    },
  };
}

function bigEndianWord(data: DataView, at: number): number {
  const swapped = new DataView(new ArrayBuffer(8));
  swapped.setBigUint64(0, data.getBigUint64(at), true);
  return readWord(swapped, 0, "a slice's place", 8 + at);
}
