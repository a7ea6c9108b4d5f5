import { type Digest, parseDigest } from "./digest.ts";
import { malformed, tooLarge } from "./error.ts";
import { type Platform, parsePlatform } from "./platform.ts";

/** What names a blob or manifest: image-spec, "OCI Content Descriptors". */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  readonly platform?: Platform | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** What kind of artifact a manifest is, in a list of referrers. */
  readonly artifactType?: string | undefined;
}

/** The most bytes of a manifest, an index or a config. Registries accept manifests up to this size. */
export const longestDocument = 4 * 1024 * 1024;

/** @throws OciError OCI_MALFORMED, OCI_TOO_LARGE */
export function parseJson(bytes: Uint8Array, what: string): Readonly<Record<string, unknown>> {
  if (bytes.length > longestDocument)
    throw tooLarge(`${what} has ${bytes.length} bytes, more than ${longestDocument}`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed(`${what} is no JSON`);
  }
  return record(value, what);
}

export function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed(`${what} is no object`);
  return value as Record<string, unknown>;
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(`${what} is no list`);
  return value;
}

/** Texts by name, or undefined where there are none. */
export function parseTexts(value: unknown, what: string): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = Object.entries(record(value, what));
  if (entries.some(([, text]) => typeof text !== "string"))
    throw malformed(`${what} has a value that is no text`);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** @throws OciError OCI_MALFORMED, OCI_UNSUPPORTED */
export function parseDescriptor(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size, platform, annotations, artifactType } = record(value, what);
  if (typeof mediaType !== "string" || mediaType === "") throw malformed(`${what} has no media type`);
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw malformed(`${what} has no size`);
  if (artifactType !== undefined && typeof artifactType !== "string")
    throw malformed(`${what} has an artifact type that is no text`);
  return {
    mediaType,
    digest: parseDigest(digest),
    size: size as number,
    platform: platform === undefined ? undefined : parsePlatform(platform),
    annotations: parseTexts(annotations, `${what}: annotations`),
    artifactType,
  };
}
