import { sampleMacho } from "./macho-sample.ts";
import { samplePe } from "./pe-sample.ts";
import { sample } from "./sample.ts";

/** A small library for a system and a processor, with texts in it as symbols' names would be. */
export function nativeSample(target: string, ...texts: readonly string[]): Buffer {
  const [system, processor] = target.split("-");
  const isArm = processor === "arm64";
  const bytes =
    system === "linux"
      ? Buffer.from(sample({ type: 3, machine: isArm ? 183 : 62 }))
      : system === "win32"
        ? samplePe({ machine: isArm ? 0xaa64 : 0x8664, flags: 0x2022 })
        : sampleMacho({ type: 6, cpu: isArm ? 0x0100000c : 0x01000007, subtype: 0 }).bytes;
  return Buffer.concat([bytes, Buffer.from(texts.map((text) => `\0${text}\0`).join(""))]);
}
