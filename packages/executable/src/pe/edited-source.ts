import { type ByteSource, isInside } from "../byte-source.ts";
import type { Edit } from "../edit.ts";
import { malformed } from "../error.ts";

/** The bytes of the file that `applyEdit` would make of `source`, without making it. */
export function editedSource(source: ByteSource, edit: Edit): ByteSource {
  return {
    size: edit.size,
    async read(offset, length) {
      if (!isInside(edit.size, offset, length))
        throw malformed(`the file has ${edit.size} bytes, too few for ${length} more`, offset);
      const end = offset + length;
      const bytes = new Uint8Array(length);
      const kept = Math.min(end, edit.keep) - offset;
      if (kept > 0) bytes.set(await source.read(offset, kept));
      for (const patch of edit.patches) {
        const from = Math.max(offset, patch.offset);
        const to = Math.min(end, patch.offset + patch.bytes.length);
        if (from < to) bytes.set(patch.bytes.subarray(from - patch.offset, to - patch.offset), from - offset);
      }
      return bytes;
    },
  };
}
