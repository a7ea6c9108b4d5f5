import { open } from "node:fs/promises";
import { SbpError, type Target } from "@sbp/core";

/** Bytes: the headers looked at lie within. */
const headLength = 4096;

/**
 * Checks by its first bytes that a file is an executable of the target's system and processor.
 * Throws SBP_RUNTIME_MALFORMED; `name` is what the error calls the file.
 */
export async function assertExecutableFormat(path: string, target: Target, name: string): Promise<void> {
  const file = await open(path, "r");
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    const found = executableFormat(buffer.subarray(0, bytesRead));
    if (found === target) return;
    const what = found ? `an executable for ${found}` : "no executable that sbp knows";
    throw new SbpError(
      "SBP_RUNTIME_MALFORMED",
      `${name} is not a Node.js runtime for ${target}: it is ${what}`,
      {
        hint:
          found === universal
            ? `Take the part of the one processor out of it: \`lipo -thin ${target === "darwin-x64" ? "x86_64" : "arm64"}\`.`
            : "Nothing of it was kept. Check where the runtime comes from.",
      },
    );
  } finally {
    await file.close();
  }
}

const universal = "several macOS processors at once";

/** The target whose executable starts with these bytes; undefined for anything else. */
function executableFormat(head: Buffer): Target | typeof universal | undefined {
  if (head.length < 64) return undefined;
  if (head.readUInt32BE(0) === 0x7f454c46) return elfTarget(head);
  if (head.readUInt32LE(0) === 0xfeedfacf) return machOTarget(head);
  if (head.readUInt32BE(0) === 0xcafebabe) return universal;
  if (head.readUInt16LE(0) === 0x5a4d) return peTarget(head);
  return undefined;
}

/** ELF (gABI, chapter 4): 64 bits, little endian, ET_EXEC or ET_DYN. */
function elfTarget(head: Buffer): Target | undefined {
  const type = head.readUInt16LE(16);
  if (head[4] !== 2 || head[5] !== 1 || (type !== 2 && type !== 3)) return undefined;
  const machine = head.readUInt16LE(18);
  return machine === 62 ? "linux-x64" : machine === 183 ? "linux-arm64" : undefined;
}

/** Mach-O (mach-o/loader.h): 64 bits, MH_EXECUTE. */
function machOTarget(head: Buffer): Target | undefined {
  if (head.readUInt32LE(12) !== 2) return undefined;
  const processor = head.readUInt32LE(4);
  return processor === 0x01000007 ? "darwin-x64" : processor === 0x0100000c ? "darwin-arm64" : undefined;
}

/** PE (PE format, "File headers"): the machine of the COFF header. */
function peTarget(head: Buffer): Target | undefined {
  const coff = head.readUInt32LE(0x3c);
  if (coff > head.length - 6 || head.readUInt32BE(coff) !== 0x50450000) return undefined;
  const machine = head.readUInt16LE(coff + 4);
  return machine === 0x8664 ? "win32-x64" : machine === 0xaa64 ? "win32-arm64" : undefined;
}
