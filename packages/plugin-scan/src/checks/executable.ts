/* Whether a file is hardened: what its own headers say. It is read, never run. */
import {
  type ByteSource,
  describeElf,
  describeMacho,
  describePe,
  ExecutableError,
  readElf,
  readMacho,
  readPe,
} from "@sbp/executable";
import type { Check } from "../finding.ts";

/**
 * @param emptyRoot what it runs in has nothing else: an image from scratch
 * @returns none for what is no executable of Linux, macOS or Windows
 */
export async function checkExecutable(source: ByteSource, emptyRoot: boolean): Promise<Check[]> {
  if (source.size < 64) return [];
  const head = Buffer.from(await source.read(0, 4));
  try {
    if (head.readUInt32BE(0) === 0x7f454c46) return await checkElf(source, emptyRoot);
    if (head.readUInt32LE(0) === 0xfeedfacf) return await checkMacho(source);
    if (head.readUInt16LE(0) === 0x5a4d) return await checkPe(source);
    return [];
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    return [
      check("malformed", "medium", `its headers contradict each other: ${error.message}`, "Build it again."),
    ];
  }
}

const elfFlags = { execute: 1, write: 2 } as const;

async function checkElf(source: ByteSource, emptyRoot: boolean): Promise<Check[]> {
  const elf = await readElf(source);
  const { interpreter, needed } = await describeElf(elf);
  const checks: Check[] = [];
  const outside = [...(interpreter ? [interpreter] : []), ...needed];
  // A program without an interpreter brings its libraries along, or has none.
  if (interpreter !== undefined)
    checks.push(
      check(
        "dynamic-dependencies",
        emptyRoot ? "high" : "low",
        `it needs what an empty root lacks: ${outside.join(", ")}`,
        'Build it with "selfContained" of the step embed-runtime, or put these files into the image.',
      ),
    );
  const both = elfFlags.execute | elfFlags.write;
  if (elf.programHeaders.some(({ type, flags }) => type === 1 && (flags & both) === both))
    checks.push(writableCode());
  const debug = elf.sections?.filter(({ name }) => isElfDebug(name)) ?? [];
  if (debug.length > 0) checks.push(debugInformation(debug.map(({ name }) => name)));
  return checks;
}

/** Ours has an empty section of that kind, which keeps strip(1) from the rest. */
function isElfDebug(name: string): boolean {
  return name === ".symtab" || (name.startsWith(".debug_") && name !== ".debug_do_not_strip");
}

async function checkMacho(source: ByteSource): Promise<Check[]> {
  const macho = await readMacho(source);
  const { signature } = await describeMacho(macho);
  const checks: Check[] = [];
  if (!signature) checks.push(unsigned("macOS does not start it on Apple silicon"));
  else if (!signature.hasCms)
    checks.push(unsigned("it is signed ad hoc: macOS asks users whether to trust it"));
  if (macho.segments.some(({ initialProtection }) => (initialProtection & 6) === 6))
    checks.push(writableCode());
  const debug = macho.segments.filter(({ name }) => name === "__DWARF");
  if (debug.length > 0) checks.push(debugInformation(["__DWARF"]));
  return checks;
}

const peFlags = { execute: 0x2000_0000, write: 0x8000_0000 } as const;

async function checkPe(source: ByteSource): Promise<Check[]> {
  const pe = await readPe(source);
  const { signed } = await describePe(pe);
  const checks: Check[] = [];
  if (!signed) checks.push(unsigned("Windows warns who starts it"));
  if (pe.sections.some(({ flags }) => (flags & peFlags.execute) !== 0 && (flags & peFlags.write) !== 0))
    checks.push(writableCode());
  const debug = pe.sections.filter(({ name }) => name.startsWith(".debug_") || /^\/\d+$/.test(name));
  if (debug.length > 0) checks.push(debugInformation(debug.map(({ name }) => name)));
  return checks;
}

function check(rule: string, severity: Check["severity"], message: string, hint: string): Check {
  return { rule: `hardening/${rule}`, severity, message, place: undefined, hint };
}

function unsigned(consequence: string): Check {
  return check(
    "no-signature",
    "low",
    `it has no signature of a certificate: ${consequence}`,
    'Set "certificate" of the step embed-runtime, or sign the file.',
  );
}

function writableCode(): Check {
  return check(
    "writable-code",
    "medium",
    "a segment is writable and executable at once: an overflow there becomes code",
    "Use an official runtime; of native code, look at how it was linked.",
  );
}

function debugInformation(sections: readonly string[]): Check {
  const shown = sections.length > 3 ? `${sections.slice(0, 3).join(", ")}, …` : sections.join(", ");
  return check(
    "debug-information",
    "low",
    `debug information is left in it (${shown})`,
    'Add the step "strip" before embed-runtime.',
  );
}
