import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { exitCodes, type RemoteOptions, type RemoteStorage, SbpError } from "@sbp/core";
import { FolderStorage } from "./folder-storage.ts";
import { HttpStorage } from "./http-storage.ts";
import { S3Storage } from "./s3-storage.ts";

/** The environment variables that say where results are shared; see docs/remote-cache.md. */
export interface StorageEnvironment {
  readonly SBP_REMOTE_CACHE?: string | undefined;
  readonly SBP_REMOTE_CACHE_TOKEN?: string | undefined;
  readonly SBP_REMOTE_CACHE_READ_ONLY?: string | undefined;
  readonly SBP_REMOTE_CACHE_SECRET?: string | undefined;
  readonly AWS_ENDPOINT_URL?: string | undefined;
  readonly AWS_ENDPOINT_URL_S3?: string | undefined;
}

/**
 * The storage that an environment names; undefined for none.
 * @throws SbpError SBP_REMOTE_CACHE_URL, SBP_REMOTE_CACHE_CLIENT
 */
export function openStorage(environment: StorageEnvironment): RemoteOptions | undefined {
  const { SBP_REMOTE_CACHE: url, SBP_REMOTE_CACHE_SECRET: secret } = environment;
  if (!url) return undefined;
  return { storage: storageAt(url, environment), secret: secret || undefined };
}

function storageAt(address: string, environment: StorageEnvironment): RemoteStorage {
  const { SBP_REMOTE_CACHE_TOKEN: token, SBP_REMOTE_CACHE_READ_ONLY: only } = environment;
  const readOnly = only !== undefined && !["", "0", "false"].includes(only);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  switch (url?.protocol) {
    case "http:":
    case "https:":
      return new HttpStorage(address, { token: token || undefined, readOnly });
    case "file:":
      return new FolderStorage(fileURLToPath(address), { readOnly });
    case "s3:":
      return bucketAt(url, environment, readOnly);
    default:
      throw noAddress("Give https://…, http://…, s3://BUCKET/PREFIX or file:///….");
  }
}

function bucketAt(url: URL, environment: StorageEnvironment, readOnly: boolean): S3Storage {
  const { hostname: bucket, pathname, username, password, port, search, hash } = url;
  if (!bucket || username || password || port || search || hash)
    throw noAddress(
      "Give a bucket and, if you like, a prefix: s3://BUCKET/PREFIX. All else comes from the AWS_… variables.",
    );
  const require = createRequire(import.meta.url);
  try {
    require.resolve("@aws-sdk/client-s3");
  } catch {
    throw new SbpError(
      "SBP_REMOTE_CACHE_CLIENT",
      "SBP_REMOTE_CACHE names an S3 bucket, and @aws-sdk/client-s3 is not installed",
      {
        hint: "Install it beside sbp: npm install --save-dev @aws-sdk/client-s3",
        exitCode: exitCodes.badUsage,
      },
    );
  }
  return new S3Storage({
    bucket,
    prefix: decodeURIComponent(pathname).replace(/^\/+|\/+$/g, ""),
    endpoint: environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL || undefined,
    readOnly,
  });
}

/** The address is not shown: it may hold a password. */
function noAddress(hint: string): SbpError {
  return new SbpError("SBP_REMOTE_CACHE_URL", "SBP_REMOTE_CACHE is no address of a cache", {
    hint,
    exitCode: exitCodes.badUsage,
  });
}
