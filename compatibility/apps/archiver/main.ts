import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inflateRawSync } from "node:zlib";
import { ZipArchive } from "archiver";

const folder = mkdtempSync(path.join(tmpdir(), "archiver-"));
const file = path.join(folder, "all.zip");
const output = createWriteStream(file);
const archive = new ZipArchive({ zlib: { level: 9 } });
archive.on("warning", (warning: Error) => console.log(warning.message));
archive.pipe(output);
archive.directory(path.join(import.meta.dirname, "data"), "data");
archive.append("text ".repeat(100), { name: "text.txt" });
await Promise.all([archive.finalize(), once(output, "close")]);

// The central directory, entry by entry.
const zip = readFileSync(file);
const end = zip.lastIndexOf("PK\x05\x06");
let at = zip.readUInt32LE(end + 16);
const found: string[] = [];
for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
  const [size, nameLength] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
  const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
  const local = zip.readUInt32LE(at + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const content = size > 0 ? inflateRawSync(zip.subarray(start, start + size)).toString() : "";
  found.push(`${name} ${content.length} ${content.trim().slice(0, 9)}`);
  at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
}
console.log(found.sort().join("\n"));
rmSync(folder, { recursive: true });
