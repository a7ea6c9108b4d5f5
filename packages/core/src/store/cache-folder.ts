import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where the store lives: SBP_CACHE_DIR, else the folder that the platform has for caches. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env.SBP_CACHE_DIR) return resolve(env.SBP_CACHE_DIR);
  if (platform === "win32")
    return join(env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "sbp", "Cache");
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "sbp");
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sbp");
}
