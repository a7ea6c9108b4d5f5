import { closeSync, openSync, readSync } from "node:fs";
import { crc32, inflateRawSync } from "node:zlib";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { databaseError } from "./error.ts";
import { freeBytes, highestRatio, largestDatabase, largestRecord, mostFiles } from "./limits.ts";

/**
 * Gives the .json files of a zip, in the order of its directory. yauzl reads the directory and checks names and sizes against each
 * other; the contents are inflated here, in one piece and never beyond the size that the directory tells. Throws SBP_SCAN_DATABASE.
 */
export async function* readZip(file: string): AsyncGenerator<{ name: string; bytes: Buffer }> {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false }).catch((error: Error) => {
    throw databaseError(file, error.message, error);
  });
  const handle = openSync(file, "r");
  const most = Math.min(largestDatabase, freeBytes + highestRatio * zip.fileSize);
  let total = 0;
  try {
    if (zip.entryCount > mostFiles) throw new RangeError(`it has ${zip.entryCount} entries`);
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith(".json")) continue;
      total += entry.uncompressedSize;
      if (entry.uncompressedSize > largestRecord || total > most)
        throw new RangeError(`${entry.fileName} would be too large when unpacked`);
      yield { name: entry.fileName, bytes: await readEntry(zip, handle, entry) };
    }
  } catch (error) {
    throw databaseError(file, (error as Error).message, error);
  } finally {
    closeSync(handle);
    zip.close();
  }
}

async function readEntry(zip: ZipFile, handle: number, entry: Entry): Promise<Buffer> {
  if (entry.isEncrypted()) throw new RangeError(`${entry.fileName} is encrypted`);
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  if (entry.compressedSize > zip.fileSize) throw new RangeError(`${entry.fileName} is cut short`);
  const packed = Buffer.allocUnsafe(entry.compressedSize);
  if (readSync(handle, packed, 0, packed.length, fileDataStart) !== packed.length)
    throw new RangeError(`${entry.fileName} is cut short`);
  const bytes = unpacked(entry, packed);
  if (bytes.length !== entry.uncompressedSize || crc32(bytes) !== entry.crc32)
    throw new RangeError(`${entry.fileName} is damaged`);
  return bytes;
}

function unpacked(entry: Entry, packed: Buffer): Buffer {
  if (entry.compressionMethod === 0) return packed;
  if (entry.compressionMethod !== 8) throw new RangeError(`${entry.fileName} is packed in an unknown way`);
  // zlib takes no limit of 0.
  return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.uncompressedSize) });
}
