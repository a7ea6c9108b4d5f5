import type { JsonObject, Target } from "@sbp/core";
import type { Entitlements } from "@sbp/executable";
import { macosOptions } from "./macos-options.ts";
import type { PlatformOptions, PlatformProperties } from "./platform-properties.ts";
import { windowsOptions } from "./windows-options.ts";
import { isWindowsVersion } from "./windows-version.ts";

/** What the options of the target's platform said. A certificate is not among it: who signs is said anew each time. */
export type PlatformFacts = {
  readonly windows?: WindowsFacts;
  readonly macos?: MacosFacts;
};

/** The options of the same names. */
export type WindowsFacts = {
  /** There was one; it is among the executable's resources. */
  readonly icon?: true;
  readonly productName?: string;
  readonly fileDescription?: string;
  readonly companyName?: string;
  readonly legalCopyright?: string;
  readonly fileVersion?: string;
  readonly productVersion?: string;
  readonly subsystem?: "console" | "gui";
  readonly url?: string;
};

/** The options of the same names. */
export type MacosFacts = {
  readonly identifier?: string;
  /** What the file said: the signature, which holds it too, may be replaced by another program's. */
  readonly entitlements?: Entitlements;
  readonly hardenedRuntime?: boolean;
};

const windowsTexts = [
  "productName",
  "fileDescription",
  "companyName",
  "legalCopyright",
  "fileVersion",
  "productVersion",
  "url",
] as const;
const mostEntitlements = 10_000;
const longestEntitlement = 64 * 1024;

/** The facts of a build; nothing where the options said nothing. */
export function platformFacts(
  target: Target,
  { windows, macos }: PlatformOptions,
  properties: PlatformProperties,
): PlatformFacts {
  if (target.startsWith("win32-") && windows) {
    const { icon, certificate: _, passwordEnv: __, ...said } = windows;
    const facts = defined({ ...said, icon: icon === undefined ? undefined : true });
    return facts ? { windows: facts } : {};
  }
  if (target.startsWith("darwin-") && macos) {
    const { entitlements, certificate: _, passwordEnv: __, ...said } = macos;
    const given = entitlements === undefined ? undefined : properties.macos?.entitlements;
    const facts = defined({ ...said, entitlements: given });
    return facts ? { macos: facts } : {};
  }
  return {};
}

/** Without what is undefined, which JSON does not know. */
function defined(facts: Readonly<Record<string, unknown>>): Record<string, never> | undefined {
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as Record<string, never>) : undefined;
}

/** Checks facts that anybody may have written, by the rules of the options. Undefined where they are broken. */
export function readWindowsFacts(facts: JsonObject): WindowsFacts | undefined {
  const { icon, subsystem, ...others } = facts;
  if (icon !== undefined && icon !== true) return undefined;
  if (subsystem !== undefined && subsystem !== "console" && subsystem !== "gui") return undefined;
  for (const [key, value] of Object.entries(others)) {
    const name = windowsTexts.find((text) => text === key);
    if (!name || typeof value !== "string") return undefined;
    if (!new RegExp(windowsOptions.properties[name].pattern, "u").test(value)) return undefined;
    if (name.endsWith("Version") && !isWindowsVersion(value)) return undefined;
  }
  return facts as WindowsFacts;
}

/** The same for macOS. */
export function readMacosFacts(facts: JsonObject): MacosFacts | undefined {
  const { identifier, entitlements, hardenedRuntime, ...more } = facts;
  if (Object.keys(more).length > 0) return undefined;
  if (identifier !== undefined) {
    const pattern = new RegExp(macosOptions.properties.identifier.pattern, "u");
    if (typeof identifier !== "string" || !pattern.test(identifier)) return undefined;
  }
  if (hardenedRuntime !== undefined && typeof hardenedRuntime !== "boolean") return undefined;
  if (entitlements !== undefined && !isEntitlements(entitlements)) return undefined;
  return facts as MacosFacts;
}

function isEntitlements(value: unknown): value is Entitlements {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  const isText = (text: unknown) => typeof text === "string" && text.length <= longestEntitlement;
  return (
    entries.length <= mostEntitlements &&
    entries.every(
      ([key, entry]) =>
        isText(key) &&
        (typeof entry === "boolean" ||
          isText(entry) ||
          (Array.isArray(entry) && entry.length <= mostEntitlements && entry.every(isText))),
    )
  );
}
