import type { JsonObject, Target } from "@sbp/core";
import type { ByteSource, Edit, Patch } from "@sbp/executable";
import type { ManifestLibraries } from "@sbp/manifest";
import type { PlatformProperties } from "../platform-properties.ts";
import { elf } from "./elf.ts";
import { macho } from "./macho.ts";
import { pe } from "./pe.ts";

/** How a template is to be made. */
export interface PlanOptions {
  /** Linux: with the libraries that the runtime needs in the template's file. */
  readonly selfContained: boolean;
}

/** A runtime made ready to take payloads. */
export interface PlannedTemplate {
  /** Makes the template's file of the runtime's. */
  readonly edit: Edit;
  /** What the format must know of it to add a payload. */
  readonly template: JsonObject;
  /** Constants that are kept beside it, by name. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Those that it carries. */
  readonly libraries?: ManifestLibraries;
}

/** What makes an executable of a template: bytes to replace in it, and bytes to follow it. */
export interface TemplateTail {
  readonly patches: readonly Patch[];
  readonly tail: readonly Uint8Array[];
}

/** What an app brings along besides its payload. */
export interface TailOptions {
  /** Name and version for other tools, as JSON; where the format has a place for it. */
  readonly metadata: string;
  /** Those of the format's platform are there. */
  readonly properties: PlatformProperties;
  /** The template's own file. */
  readonly templatePath: () => Promise<string>;
  /** Reads what `plan` kept beside the template. */
  readonly file: (name: string) => Promise<Uint8Array>;
}

/** How the executables of an operating system carry a payload where Node looks for it. */
export interface ExecutableFormat {
  /**
   * Plans the template of a runtime, with Node's fuse flipped. Throws ExecutableError; LoaderError; SBP_RUNTIME_MISMATCH
   * for a runtime of another processor.
   */
  plan(source: ByteSource, target: Target, options: PlanOptions): Promise<PlannedTemplate>;
  /** An address that is congruent with that of the payload's first byte modulo 8. Throws ExecutableError. */
  payloadAddress(template: unknown): number;
  /** Throws ExecutableError. */
  tail(template: unknown, payload: readonly Uint8Array[], options: TailOptions): Promise<TemplateTail>;
}

/** The format of a target's executables. */
export function formatOf(target: Target): ExecutableFormat {
  if (target.startsWith("linux-")) return elf;
  return target.startsWith("darwin-") ? macho : pe;
}
