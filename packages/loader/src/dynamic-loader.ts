import type { ElfMachine } from "@sbp/executable";
import { findCallSites } from "./call-sites.ts";
import type { Closure } from "./closure.ts";
import { LoaderError } from "./error.ts";
import { stubs } from "./generated/stubs.ts";
import { type LibrarySegment, librarySegments, openLibrary } from "./library.ts";
import { thunkFor } from "./thunk.ts";

/** ld.so with its system calls led to the hook, and the code that they lead to. */
export interface HookedLoader {
  /** Relative to its base. */
  readonly entry: number;
  readonly segments: readonly LibrarySegment[];
  /** The stub, with a thunk for each of the system calls. */
  readonly stub: Uint8Array;
}

const executable = 1;
/** Thunks are instructions: on AArch64 these are at multiples of 4. */
const thunkAlignment = 16;

/**
 * Patches ld.so for an address.
 *
 * @param places addresses of the stub and of ld.so, at most 128 MiB from each other
 * @throws LoaderError as `openLibrary`, `librarySegments` and `findCallSites`.
 */
export async function hookLoader(
  closure: Closure,
  places: { readonly stub: number; readonly loader: number },
): Promise<HookedLoader> {
  const { machine, loader } = closure;
  const elf = await openLibrary(closure, loader);
  const segments = await librarySegments(elf, loader, { whole: true });
  const code = segments.filter(({ flags }) => (flags & executable) !== 0);
  if (code.length !== 1)
    throw new LoaderError("LOADER_CLOSURE_UNSUPPORTED", `ld.so has ${code.length} segments of code`);
  const [{ address, bytes }] = code as [LibrarySegment];

  const { code: stubCode, hook } = stubs[machine];
  const parts = [Buffer.from(stubCode, "base64")];
  let size = parts[0]!.length;
  for (const site of findCallSites(machine, bytes)) {
    const padding = (thunkAlignment - (size % thunkAlignment)) % thunkAlignment;
    const thunk = thunkFor(machine, site, {
      address: places.loader + address + site.offset,
      place: places.stub + size + padding,
      hook: places.stub + hook,
    });
    bytes.set(thunk.jump, site.offset);
    parts.push(Buffer.alloc(padding), Buffer.from(thunk.code));
    size += padding + thunk.code.length;
  }
  checkSize(machine, size);
  return { entry: elf.header.entry, segments, stub: Buffer.concat(parts) };
}

function checkSize(machine: ElfMachine, size: number): void {
  if (size > stubs[machine].tables)
    throw new LoaderError(
      "LOADER_CLOSURE_UNSUPPORTED",
      "ld.so has more system calls than the stub has room for",
    );
}
