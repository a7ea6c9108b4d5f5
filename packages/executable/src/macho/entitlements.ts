/** What a program may do under the hardened runtime, in the two forms that a signature carries. */

import { booleanValue, element, integer, sequence, utf8String } from "../sign/der.ts";

export type Entitlements = Readonly<Record<string, boolean | string | readonly string[]>>;

/**
 * What V8 and native addons need under the hardened runtime: what the official Node binaries have, except for
 * get-task-allow, with which Apple's notary service refuses a program.
 */
export const v8Entitlements: Entitlements = {
  "com.apple.security.cs.allow-jit": true,
  "com.apple.security.cs.allow-unsigned-executable-memory": true,
  "com.apple.security.cs.disable-executable-page-protection": true,
  "com.apple.security.cs.allow-dyld-environment-variables": true,
  "com.apple.security.cs.disable-library-validation": true,
};

/** As an XML property list, keys in the order of their bytes. */
export function entitlementsXml(entitlements: Entitlements): Uint8Array {
  const lines = ordered(entitlements).map(
    ([key, value]) => `\t<key>${escapeXml(key)}</key>\n\t${xmlValue(value)}\n`,
  );
  return Buffer.from(propertyList(`<dict>\n${lines.join("")}</dict>`));
}

/** The file around the contents of an XML property list. */
export function propertyList(content: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n' +
    `<plist version="1.0">\n${content}\n</plist>\n`
  );
}

/**
 * In DER, which the kernel reads since macOS 12: [APPLICATION 16] { version 1, [CONTEXT 16] { (key, value), … } },
 * keys in the order of their bytes.
 */
export function entitlementsDer(entitlements: Entitlements): Uint8Array {
  const entries = ordered(entitlements).map(([key, value]) => sequence(utf8String(key), derValue(value)));
  return element(0x70, integer(1), element(0xb0, ...entries));
}

function ordered(entitlements: Entitlements) {
  return Object.entries(entitlements).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function xmlValue(value: boolean | string | readonly string[]): string {
  if (typeof value === "boolean") return `<${value}/>`;
  if (typeof value === "string") return `<string>${escapeXml(value)}</string>`;
  return `<array>${value.map((item) => `<string>${escapeXml(item)}</string>`).join("")}</array>`;
}

function derValue(value: boolean | string | readonly string[]): Uint8Array {
  if (typeof value === "boolean") return booleanValue(value);
  if (typeof value === "string") return utf8String(value);
  return sequence(...value.map(utf8String));
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
