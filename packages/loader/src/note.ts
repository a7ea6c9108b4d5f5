import type { Closure, ClosurePackage } from "./closure.ts";

/** The note of an executable that tells what it carries. */
export const noteName = "sbp-libraries";

/** What the note says, as JSON. */
export interface CarriedLibraries {
  readonly distribution: string;
  readonly packages: readonly ClosurePackage[];
}

/** The note of a closure (System V gABI, chapter 5 "Note Section"), a multiple of 4 bytes long. */
export function librariesNote({ distribution, packages }: Closure): Uint8Array {
  const said: CarriedLibraries = { distribution, packages };
  const name = Buffer.from(`${noteName}\0`);
  const description = Buffer.from(JSON.stringify(said));
  const header = Buffer.alloc(12);
  header.writeUInt32LE(name.length, 0);
  header.writeUInt32LE(description.length, 4);
  header.writeUInt32LE(1, 8);
  const padding = (bytes: Uint8Array) => Buffer.alloc((4 - (bytes.length % 4)) % 4);
  return Buffer.concat([header, name, padding(name), description, padding(description)]);
}
