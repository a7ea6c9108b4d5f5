import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { DecoderStream, decode, Encoder, EncoderStream, encode } from "cbor-x";

console.log(decode(encode({ list: [1, 2.5, null], map: new Map([["a", 1n]]), when: new Date(0) })));
const structured = new Encoder({ structures: [] });
console.log(structured.decode(structured.encode({ name: "Ada", text: "x".repeat(50) })));
const folder = await mkdtemp(join(tmpdir(), "cbor-"));
const output = new EncoderStream();
const written = pipeline(output, createWriteStream(join(folder, "data.cbor")));
output.write({ line: 1 });
output.end({ line: 2 });
await written;
for await (const line of createReadStream(join(folder, "data.cbor")).pipe(new DecoderStream()))
  console.log(line);
await rm(folder, { recursive: true });
