import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * The folder of sbp's caches: the same as that of core's store, which cannot be asked before the compile cache
 * is on.
 */
export function cacheFolder(): string {
  const { env, platform } = process;
  if (env["SBP_CACHE_DIR"]) return resolve(env["SBP_CACHE_DIR"]);
  if (platform === "win32")
    return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "sbp", "Cache");
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "sbp");
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "sbp");
}
