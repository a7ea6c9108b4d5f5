import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import type { ElfMachine } from "@sbp/executable";
import { LoaderError } from "./error.ts";

/** The libraries that a program needs to run without those of the machine: ld.so, the C library and what belongs to it. */
export interface Closure {
  readonly machine: ElfMachine;
  /** The name of the dynamic loader among the libraries. */
  readonly loader: string;
  /** By the names that programs need them by. */
  readonly libraries: ReadonlyMap<string, Uint8Array>;
  /** Where they come from. */
  readonly packages: readonly ClosurePackage[];
  readonly distribution: string;
}

/** A package of a distribution. */
export interface ClosurePackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The source package. */
  readonly source: string;
  /** An SPDX expression. */
  readonly licence: string;
  readonly sha256: string;
}

interface Library {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
}

// The largest of them, the C++ library, has 2 MB.
const maxLibrarySize = 64 * 1024 * 1024;
const maxLibraries = 100;

/** The file that describes the closure which comes with this package. */
export function closureFile(target: "linux-x64" | "linux-arm64"): string {
  return createRequire(import.meta.url).resolve(`@sbp/libs-${target}/closure.json`);
}

/**
 * Reads a closure: a JSON file, and beside its folder, in `libs/`, one file per library, compressed with Brotli.
 *
 * @throws LoaderError LOADER_CLOSURE_INVALID; the file system's own errors.
 */
export async function readClosure(file: string): Promise<Closure> {
  const { libraries, ...description } = parse(await readFile(file, "utf8"));
  const folder = join(dirname(file), "../libs");
  const contents = await Promise.all(libraries.map((library) => readLibrary(folder, library)));
  return {
    ...description,
    libraries: new Map(libraries.map(({ name }, index) => [name, contents[index]!])),
  };
}

async function readLibrary(folder: string, { name, size, sha256 }: Library): Promise<Uint8Array> {
  const compressed = await readFile(join(folder, `${name}.br`));
  let bytes: Uint8Array;
  try {
    bytes = await promisify(brotliDecompress)(compressed, { maxOutputLength: size });
  } catch (cause) {
    throw invalid(`${name} cannot be decompressed`, cause);
  }
  if (bytes.length !== size || createHash("sha256").update(bytes).digest("hex") !== sha256)
    throw invalid(`${name} is not the file that was put in`);
  return bytes;
}

function parse(text: string): Omit<Closure, "libraries"> & { readonly libraries: readonly Library[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid("the description is no JSON", cause);
  }
  const { format, machine, loader, libraries, packages, distribution } = record(value);
  if (format !== 1) throw invalid("the description has another format");
  if (machine !== "x86-64" && machine !== "aarch64") throw invalid("the machine is unknown");
  if (!Array.isArray(libraries) || libraries.length > maxLibraries || !libraries.every(isLibrary))
    throw invalid("a library is not described");
  if (!libraries.some(({ name }) => name === loader)) throw invalid("there is no loader");
  if (!Array.isArray(packages) || !packages.every(isPackage)) throw invalid("a package is not described");
  if (typeof distribution !== "string") throw invalid("the distribution is missing");
  return { machine, loader: loader as string, libraries, packages, distribution };
}

function isLibrary(value: unknown): value is Library {
  const { name, size, sha256 } = record(value);
  return (
    // A name, not a path.
    typeof name === "string" &&
    /^[\w+-][\w.+-]{0,63}$/.test(name) &&
    Number.isInteger(size) &&
    (size as number) > 0 &&
    (size as number) <= maxLibrarySize &&
    typeof sha256 === "string"
  );
}

function isPackage(value: unknown): value is ClosurePackage {
  const entry = record(value);
  return ["name", "version", "architecture", "source", "licence", "sha256"].every(
    (key) => typeof entry[key] === "string",
  );
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function invalid(reason: string, cause?: unknown): LoaderError {
  return new LoaderError("LOADER_CLOSURE_INVALID", `the libraries to carry are damaged: ${reason}`, {
    cause,
  });
}
