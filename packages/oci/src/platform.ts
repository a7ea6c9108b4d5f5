import { record } from "./descriptor.ts";
import { malformed } from "./error.ts";

/** Operating system and processor in Go's words: image-spec, "Image Index". */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** Of the processor: `v8` for arm64, `v7` for arm. */
  readonly variant?: string | undefined;
}

/** @throws OciError OCI_MALFORMED */
export function parsePlatform(value: unknown): Platform {
  const { os, architecture, variant } = record(value, "a platform");
  if (typeof os !== "string" || typeof architecture !== "string")
    throw malformed("a platform names no operating system or no processor");
  if (variant !== undefined && typeof variant !== "string")
    throw malformed("a platform has a variant that is no text");
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** `linux/arm64/v8`. */
export function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join("/");
}

/** Whether what runs on `offered` runs on `wanted`. Only where both name a variant, the two must be the same. */
export function platformFits(offered: Platform, wanted: Platform): boolean {
  const usual = (platform: Platform) =>
    platform.variant ?? (platform.architecture === "arm64" ? "v8" : undefined);
  const [one, other] = [usual(offered), usual(wanted)];
  return (
    offered.os === wanted.os &&
    offered.architecture === wanted.architecture &&
    (one === undefined || other === undefined || one === other)
  );
}
