import { type JsonObject, type Resolution, type ResolveContext, SbpError, type Target } from "@sbp/core";
import { unknownHost } from "./lanes.ts";
import { type Lock, type LockedRuntime, readLock, writeLock } from "./lock.ts";
import type { Need } from "./need.ts";
import type { Options } from "./options.ts";
import { inspectPathRuntime, type PathRuntime } from "./path-runtime.ts";
import type { PackagePin, PathPin, Pins } from "./pins.ts";
import { packageOfTarget } from "./runtime-package.ts";
import {
  exactKey,
  mentionedKeys,
  type PathRequest,
  type RuntimeRequest,
  runtimeRequest,
} from "./runtime-request.ts";
import { isInRange } from "./version-range.ts";

/**
 * Pins the runtimes of the lanes: from the lock alone where it answers, else from the registry.
 * Throws SBP_RUNTIME_UNKNOWN, SBP_RUNTIME_VERSION, SBP_RUNTIME_PATH_*, SBP_LOCK_INVALID, SBP_OFFLINE,
 * SBP_REGISTRY_*, SBP_NPM_CONFIG, SBP_TARGET_UNKNOWN.
 */
export async function resolveRuntimes(context: ResolveContext<Options>): Promise<Resolution> {
  const host = context.host ?? unknownHost();
  const option = context.options.runtime;
  const requests = new Map<Target, RuntimeRequest>();
  for (const target of context.targets) requests.set(target, await runtimeRequest(option, target));
  const locked = readLock(context.locked);
  const paths = await inspectPaths(requests, { ...context, host });
  const needs = needsOf(requests, paths, host);

  const open: OpenNeed[] = [];
  for (const need of needs) {
    const why = await missingFrom(locked.get(need.key), need);
    if (why !== undefined) open.push({ ...need, why });
  }
  if (open.length > 0 && context.offline) throw offlineError(open);
  const chosen: Lock =
    open.length > 0
      ? await (await import("./network.ts")).chooseVersions(open, { ...context, host })
      : new Map();

  const kept = new Set([...(await mentionedKeys(option)), ...needs.map(({ key }) => key)]);
  const lock = new Map([...locked, ...chosen].filter(([key]) => kept.has(key)));
  const pins: Partial<Record<Target, JsonObject>> = {};
  for (const [target, request] of requests)
    pins[target] = pinsOf(target, request, paths.get(target), lock, host);
  return { pins, lock: writeLock(lock), changes: changesOf(locked, lock, open) };
}

async function inspectPaths(
  requests: ReadonlyMap<Target, RuntimeRequest>,
  context: { readonly projectDir: string; readonly host: Target; readonly signal: AbortSignal },
): Promise<ReadonlyMap<Target, PathRuntime>> {
  const paths = new Map<Target, PathRuntime>();
  for (const [target, request] of requests) {
    if (request.kind === "path") paths.set(target, await inspectPathRuntime(request, target, context));
  }
  return paths;
}

function needsOf(
  requests: ReadonlyMap<Target, RuntimeRequest>,
  paths: ReadonlyMap<Target, PathRuntime>,
  host: Target,
): readonly Need[] {
  const needs = new Map<string, { key: string; range: string; targets: Set<Target> }>();
  const needFor = (key: string, range: string) => {
    const need = needs.get(key) ?? { key, range, targets: new Set([host]) };
    needs.set(key, need);
    return need;
  };
  for (const [target, request] of requests) {
    if (request.kind === "range") needFor(request.key, request.range).targets.add(target);
    const own = paths.get(target);
    // A runtime that does not run here is embedded as it is; the official one of its version prepares the payload.
    if (own && !own.runsHere) needFor(exactKey(own.version), own.version);
  }
  return [...needs.values()];
}

/** A need that the lock does not answer, and why, for people. */
interface OpenNeed extends Need {
  readonly why: string;
}

/** What keeps the lock from answering; undefined where it answers. */
async function missingFrom(locked: LockedRuntime | undefined, need: Need): Promise<string | undefined> {
  if (!locked) return "not pinned";
  if (!(await isInRange(locked.version, need.range))) return `${locked.version} does not satisfy it`;
  const absent = [...need.targets].filter((target) => !locked.packages.has(packageOfTarget(target)));
  return absent.length > 0 ? `${locked.version} is not pinned for ${absent.join(", ")}` : undefined;
}

function pinsOf(
  target: Target,
  request: RuntimeRequest,
  own: PathRuntime | undefined,
  lock: Lock,
  host: Target,
): Pins {
  if (own) {
    const { path } = request as PathRequest;
    const runtime: PathPin = { target, version: own.version, path };
    return { runtime, host: own.runsHere ? runtime : packagePin(lock, exactKey(own.version), host) };
  }
  const { key } = request as RuntimeRequest & { kind: "range" };
  return { runtime: packagePin(lock, key, target), host: packagePin(lock, key, host) };
}

function packagePin(lock: Lock, key: string, target: Target): PackagePin {
  const { version, packages } = lock.get(key)!;
  const name = packageOfTarget(target);
  return { target, version, package: name, integrity: packages.get(name)! };
}

function changesOf(before: Lock, after: Lock, open: readonly OpenNeed[]): readonly string[] {
  const changes: string[] = [];
  for (const need of open) {
    const old = before.get(need.key);
    const { version } = after.get(need.key)!;
    if (!old) changes.push(`${need.key}: ${version}`);
    else changes.push(`${need.key}: ${old.version} -> ${version} (${need.why})`);
  }
  for (const key of before.keys()) if (!after.has(key)) changes.push(`${key}: removed, no longer used`);
  return changes;
}

function offlineError(open: readonly OpenNeed[]): SbpError {
  const missing = open.map(({ key, targets, why }) => `${key} for ${[...targets].join(", ")} (${why})`);
  return new SbpError(
    "SBP_OFFLINE",
    `sbp.lock.json does not pin ${missing.join("; ")}, and the network may not be used`,
    { hint: "Build once without --offline where npm's registry can be reached, and commit sbp.lock.json." },
  );
}
