import { gzipSync } from "node:zlib";
import type { Target } from "@sbp/core";
import { Header } from "tar";

export interface TarEntry {
  readonly path: string;
  readonly content?: Buffer;
  readonly type?: "File" | "SymbolicLink" | "Link" | "Directory";
  readonly linkpath?: string;
  /** Declared, where it is to differ from the content's. */
  readonly size?: number;
}

/** A gzipped tar archive with these entries, whatever sense they make. */
export function makeTarball(entries: readonly TarEntry[]): Buffer {
  return gzipSync(makeTar(entries), { level: 1 });
}

export function makeTar(entries: readonly TarEntry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, content = Buffer.alloc(0), type = "File", linkpath, size = content.length } of entries) {
    const block = Buffer.alloc(512);
    new Header({ path, type, size, mode: 0o755, ...(linkpath ? { linkpath } : {}) }).encode(block);
    blocks.push(block, content, Buffer.alloc(-content.length & 511));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The package of a runtime as the real ones look, with something that starts like an executable in it. */
export function runtimeTarball(target: Target, content = fakeExecutable(target)): Buffer {
  const name = target.startsWith("win32-") ? "node.exe" : "node";
  return makeTarball([
    { path: "package/package.json", content: Buffer.from("{}") },
    { path: `package/bin/${name}`, content },
    { path: "package/README.md", content: Buffer.from("#") },
  ]);
}

/** Bytes with the first headers of an executable for the target, the rest of it pseudorandom. */
export function fakeExecutable(target: Target, size = 100_000): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 512, state = 1; at < size; at++) {
    state = (state * 16807) % 2147483647;
    bytes[at] = state;
  }
  const arm = target.endsWith("arm64");
  if (target.startsWith("linux-")) {
    bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    bytes.writeUInt16LE(2, 16);
    bytes.writeUInt16LE(arm ? 183 : 62, 18);
  } else if (target.startsWith("darwin-")) {
    bytes.writeUInt32LE(0xfeedfacf, 0);
    bytes.writeUInt32LE(arm ? 0x0100000c : 0x01000007, 4);
    bytes.writeUInt32LE(2, 12);
  } else {
    bytes.write("MZ");
    bytes.writeUInt32LE(128, 0x3c);
    bytes.write("PE\0\0", 128);
    bytes.writeUInt16LE(arm ? 0xaa64 : 0x8664, 132);
  }
  return bytes;
}
