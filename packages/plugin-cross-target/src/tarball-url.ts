import { SbpError } from "@sbp/core";
import type { NpmOptions } from "./npm-options.ts";

/**
 * Where to fetch a tarball: the registry's own word, or its path on the configured registry where npm's
 * `replace-registry-host` says so (by default for the registry that npm takes for granted, whose addresses
 * mirrors pass on unchanged). The value may be "never", "always", "npmjs", a host name or a whole address.
 */
export function tarballUrl(tarball: string, npmOptions: NpmOptions): string {
  const url = URL.canParse(tarball) ? new URL(tarball) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw new SbpError("SBP_REGISTRY_ANSWER", "The registry gives no address for the tarball", {
      hint: "Check npm's `registry` setting (`npm config get registry`).",
    });
  }
  const registry = new URL(String(npmOptions["registry"]));
  const rule = String(npmOptions["replaceRegistryHost"] ?? "npmjs");
  const prefix = rule === "npmjs" ? new URL("/", npmOptions.defaultRegistry) : replaced(rule);
  if (rule === "never") return url.href;
  if (rule !== "always" && prefix?.hostname !== url.hostname) return url.href;
  const from = prefix?.pathname.replace(/\/$/, "") ?? "";
  if (!isBelow(url.pathname, from)) return url.href;
  const to = registry.pathname.replace(/\/$/, "");
  const path = url.pathname.slice(from.length);
  url.protocol = registry.protocol;
  url.host = registry.host;
  url.port = registry.port;
  url.username = registry.username;
  url.password = registry.password;
  url.pathname = from === "" && isBelow(path, to) ? path : to + path;
  return url.href;
}

function replaced(rule: string): URL | undefined {
  if (URL.canParse(rule) && rule.includes("//")) return new URL(rule);
  return URL.canParse(`https://${rule}/`) ? new URL(`https://${rule}/`) : undefined;
}

function isBelow(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}
