import { SbpError } from "@sbp/core";
import type { NpmOptions } from "./npm-options.ts";

/**
 * What npm-registry-fetch or the connection threw, reduced to what may be shown: its messages and fields can
 * hold credentials of the address, and what a registry answers is not to be trusted.
 */
export class RegistryFailure extends Error {
  override readonly name = "RegistryFailure";
  readonly status: number | undefined;
  readonly code: string;

  constructor(thrown: unknown) {
    super("the registry failed");
    const { statusCode, code, type } = (thrown ?? {}) as Record<string, unknown>;
    this.status = typeof statusCode === "number" ? statusCode : undefined;
    const known = [code, type].find((text) => typeof text === "string" && /^[\w-]{1,60}$/.test(text));
    this.code = (known as string | undefined) ?? "unknown error";
  }
}

const transientCodes = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ECONNECTIONTIMEOUT",
  "EIDLETIMEOUT",
  "ERESPONSETIMEOUT",
  "ETRANSFERTIMEOUT",
  "request-timeout",
]);

/** True where the same request may do better a little later. */
export function isTransient({ status, code }: RegistryFailure): boolean {
  if (status !== undefined) return status === 408 || status === 420 || status === 429 || status >= 500;
  return transientCodes.has(code);
}

/** What Node and OpenSSL call certificates that nobody trusts. */
const certificateCodes = /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)_|CERT_UNTRUSTED|^CERT_SIGNATURE_FAILURE$/;

interface Asked {
  readonly url: string;
  readonly subject: string;
  readonly npmOptions: NpmOptions;
}

/** The failure for people: what was asked for, of whom, what came of it, and what to do. */
export function registryError(failure: RegistryFailure, asked: Asked, attempts: number): SbpError {
  const { status, code } = failure;
  const { subject } = asked;
  const registry = shownRegistry(asked);
  if (code === "ENOTCACHED") {
    return new SbpError("SBP_OFFLINE", `${subject} is needed, but npm's configuration says "offline"`, {
      hint: "Set npm's `offline` to false, or build once where the network may be used.",
    });
  }
  if (status === 401 || status === 403) {
    return new SbpError("SBP_REGISTRY_REFUSED", `The registry ${registry} refuses ${subject} (${status})`, {
      hint: `Log in with \`npm login --registry=${registry}\`, or ask for the right to read that package there.`,
    });
  }
  if (status === 404 || status === 410) {
    return new SbpError("SBP_RUNTIME_NOT_FOUND", `The registry ${registry} has no ${subject} (${status})`, {
      hint: "Check npm's `registry` setting; a mirror may have to be told to carry that package.",
    });
  }
  if (status !== undefined && !isTransient(failure)) {
    return new SbpError("SBP_REGISTRY_ANSWER", `The registry ${registry} answers ${status} for ${subject}`, {
      hint: "Check npm's `registry` and proxy settings (`npm config list`).",
    });
  }
  const what =
    status !== undefined ? `it answers ${status}` : code === "FETCH_ABORTED" ? "it never ends" : code;
  const tries = attempts > 1 ? `, ${attempts} attempts` : "";
  return new SbpError(
    "SBP_REGISTRY_UNREACHABLE",
    `The registry ${registry} cannot be reached for ${subject} (${what}${tries})`,
    {
      hint: certificateCodes.test(code)
        ? "Nobody whom Node.js trusts has signed its certificate. Name the authority that has, of your company or proxy: `cafile=/path/to/ca.pem` in .npmrc, or NODE_EXTRA_CA_CERTS=/path/to/ca.pem."
        : "Check the network and npm's `registry`, `proxy` and `cafile` settings (`npm config list`), or build with --offline where sbp.lock.json and the store already have the runtimes.",
    },
  );
}

/** The registry that was asked, without credentials and query. */
function shownRegistry({ url, npmOptions }: Asked): string {
  try {
    const registry = new URL(String(npmOptions["registry"]));
    const asked = URL.canParse(url) ? new URL(url) : registry;
    return shownUrl(asked.host === registry.host ? registry : new URL("/", asked));
  } catch {
    return "of npm's configuration";
  }
}

/** An address without user, password, query and fragment. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
