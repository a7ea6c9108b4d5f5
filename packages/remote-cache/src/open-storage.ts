import { fileURLToPath } from "node:url";
import { exitCodes, type RemoteOptions, SbpError } from "@sbp/core";
import { FolderStorage } from "./folder-storage.ts";
import { HttpStorage } from "./http-storage.ts";

/** The environment variables that say where results are shared; see docs/remote-cache.md. */
export interface StorageEnvironment {
  readonly SBP_REMOTE_CACHE?: string | undefined;
  readonly SBP_REMOTE_CACHE_TOKEN?: string | undefined;
  readonly SBP_REMOTE_CACHE_READ_ONLY?: string | undefined;
  readonly SBP_REMOTE_CACHE_SECRET?: string | undefined;
}

/** The storage that an environment names; undefined for none. @throws SbpError SBP_REMOTE_CACHE_URL */
export function openStorage(environment: StorageEnvironment): RemoteOptions | undefined {
  const {
    SBP_REMOTE_CACHE: url,
    SBP_REMOTE_CACHE_TOKEN: token,
    SBP_REMOTE_CACHE_READ_ONLY: only,
    SBP_REMOTE_CACHE_SECRET: secret,
  } = environment;
  if (!url) return undefined;
  const readOnly = only !== undefined && !["", "0", "false"].includes(only);
  return { storage: storageAt(url, token || undefined, readOnly), secret: secret || undefined };
}

function storageAt(url: string, token: string | undefined, readOnly: boolean) {
  const { protocol } = URL.canParse(url) ? new URL(url) : { protocol: "" };
  switch (protocol) {
    case "http:":
    case "https:":
      return new HttpStorage(url, { token, readOnly });
    case "file:":
      return new FolderStorage(fileURLToPath(url), { readOnly });
    default:
      // Not shown: it may hold a password.
      throw new SbpError("SBP_REMOTE_CACHE_URL", "SBP_REMOTE_CACHE is no address of a cache", {
        hint: "Give https://…, http://… or file:///….",
        exitCode: exitCodes.badUsage,
      });
  }
}
