import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  canonicalJson,
  exitCodes,
  isSbpError,
  type Json,
  type JsonObject,
  type Plugin,
  SbpError,
  type Store,
} from "@sbp/core";
import type { PackedApp } from "@sbp/plugin-embed-runtime";
import type { RebaseRuntime } from "./rebase-runtime.ts";

/*
 * A project's lock keeps its runtime until somebody wants another; who rebases wants another. So ranges are resolved
 * anew each time. What came out is kept in the store all the same: for --offline, and because a version that was
 * named exactly may never change its digest.
 */

const exactVersion = /^node@\d+\.\d+\.\d+$/;

export interface RebaseLockOptions {
  readonly app: PackedApp;
  readonly runtime: RebaseRuntime;
  readonly store: Store;
}

/** The plugin that pins runtimes, with what earlier rebases pinned in place of a lock file. */
export function resolveAnew(crossTarget: Plugin, { app, runtime, store }: RebaseLockOptions): Plugin {
  const file = join(store.dir, "rebase-lock.json");
  const { target, node } = app.build;
  return {
    ...crossTarget,
    async resolve(context) {
      const key = canonicalJson(runtime.option);
      const kept = await readKept(file);
      const isExact = typeof runtime.option === "string" && exactVersion.test(runtime.option);
      const locked = (context.offline || isExact) && Object.hasOwn(kept, key) ? kept[key] : undefined;
      const resolution = await crossTarget.resolve!({ ...context, locked }).catch((error) => {
        throw context.offline && isSbpError(error) && error.code === "SBP_OFFLINE"
          ? unknownOffline(key)
          : error;
      });
      const { isOlder } = await (await import("@sbp/plugin-embed-runtime")).packedApps();
      const version = (resolution.pins[target]?.["runtime"] as JsonObject | undefined)?.["version"];
      if (!runtime.named && typeof version === "string" && isOlder(version, node.version))
        throw onlyOlder(version, node.version);
      if (canonicalJson(kept[key]) !== canonicalJson(resolution.lock))
        await keep(file, { ...kept, [key]: resolution.lock });
      return resolution;
    },
  };
}

/** What cannot be read is made anew. */
async function readKept(file: string): Promise<Readonly<Record<string, Json>>> {
  try {
    const kept = JSON.parse(await readFile(file, "utf8"));
    return typeof kept === "object" && kept !== null && !Array.isArray(kept) ? kept : {};
  } catch {
    return {};
  }
}

/** A failure only makes --offline know less. */
async function keep(file: string, kept: JsonObject): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, canonicalJson(kept))
    .then(() => rename(temporary, file))
    .catch(() => rm(temporary, { force: true }));
}

function unknownOffline(key: string): SbpError {
  return new SbpError(
    "SBP_OFFLINE",
    `No earlier rebase has found out which version ${key} is, and the network may not be used`,
    { hint: "Rebase once without --offline with the same --runtime." },
  );
}

function onlyOlder(found: string, before: string): SbpError {
  return new SbpError(
    "SBP_REBASE_RUNTIME",
    `The newest version of this line that can be had is ${found}; the executable has ${before} already`,
    {
      hint: `Check npm's \`registry\` setting, or name the version: --runtime node@${found}.`,
      exitCode: exitCodes.badUsage,
    },
  );
}
