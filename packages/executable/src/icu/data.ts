import type { ByteRange, ByteSource } from "../byte-source.ts";
import { malformed } from "../error.ts";
import { findUnique } from "../find.ts";
import { type IcuItem, type IcuPackage, magicOffset, packageMagic, readPackage } from "./package.ts";

/** The ICU data inside an executable, in ICU's words a common-data package. */
export interface IcuData extends IcuPackage {
  readonly source: ByteSource;
  /** Of the package in the file. */
  readonly offset: number;
}

/**
 * Finds the ICU data that an executable of any format embeds, by its header, in `ranges` of the file (the whole file
 * unless given). Reads the ranges once, a megabyte at a time.
 *
 * @throws ExecutableError EXECUTABLE_PATTERN_MISSING, EXECUTABLE_PATTERN_REPEATED, EXECUTABLE_MALFORMED or
 *   EXECUTABLE_UNSUPPORTED.
 */
export async function findIcuData(source: ByteSource, ranges?: readonly ByteRange[]): Promise<IcuData> {
  const magic = await findUnique(source, packageMagic, ranges);
  if (magic < magicOffset) throw malformed("an ICU package lacks its first bytes", magic);
  const offset = magic - magicOffset;
  return { source, offset, ...(await readPackage(source, offset)) };
}

/** The bytes of an item. */
export function readItem({ source, offset }: IcuData, item: IcuItem): Promise<Uint8Array> {
  return source.read(offset + item.offset, item.size);
}
