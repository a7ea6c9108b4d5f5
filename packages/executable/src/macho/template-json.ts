import { ExecutableError } from "../error.ts";
import { magics } from "./code-signature.ts";
import { isMachoName } from "./segment.ts";
import { type MachoTemplate, templateProblem } from "./template.ts";

// The load commands' limit, with the rest of the last page.
const maxHeaderSize = 128 * 1024;

/**
 * Checks a template description that was kept as JSON, by the same rules as those that made it.
 *
 * @throws ExecutableError EXECUTABLE_TEMPLATE_INVALID.
 */
export function parseMachoTemplate(value: unknown): MachoTemplate {
  if (!isRecord(value) || value["format"] !== "macho") throw invalid("it is not one of format macho");
  const { architecture, size, segment, section, header, linkeditSize, sdk, infoPlistHash } = value;
  if (architecture !== "x86-64" && architecture !== "arm64") throw invalid("the architecture is missing");
  if (!isSize(size) || !isSize(linkeditSize) || !isSize(sdk)) throw invalid("a size is missing");
  if (!isName(segment) || !isName(section)) throw invalid("a name is missing");
  if (!isBase64(header) || header.length > maxHeaderSize) throw invalid("the header is missing");
  if (infoPlistHash !== null && !(typeof infoPlistHash === "string" && /^[0-9a-f]{64}$/.test(infoPlistHash)))
    throw invalid("a hash is missing");
  const entitlements = parseEntitlements(value["entitlements"]);
  const template: MachoTemplate = {
    format: "macho",
    ...{ architecture, size, segment, section, header, linkeditSize, sdk, entitlements, infoPlistHash },
  };
  let problem: string | undefined;
  try {
    problem = templateProblem(template);
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    problem = error.message;
  }
  if (problem !== undefined) throw invalid(problem);
  return template;
}

function parseEntitlements(value: unknown): MachoTemplate["entitlements"] {
  if (value === null) return null;
  if (!isRecord(value)) throw invalid("the entitlements are missing");
  const { xml, der } = value;
  if (!isBlob(xml, magics.entitlements) || !isBlob(der, magics.entitlementsDer))
    throw invalid("the entitlements are damaged");
  return { xml, der };
}

function isBlob(value: unknown, magic: number): value is string {
  if (!isBase64(value)) return false;
  const bytes = Buffer.from(value, "base64");
  return bytes.length >= 8 && bytes.readUInt32BE(0) === magic && bytes.readUInt32BE(4) === bytes.length;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && isMachoName(value);
}

function isBase64(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

function invalid(reason: string): ExecutableError {
  return new ExecutableError(
    "EXECUTABLE_TEMPLATE_INVALID",
    `this is no description of a template: ${reason}`,
  );
}
