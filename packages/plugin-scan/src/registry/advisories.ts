/*
 * npm's own service: `POST /-/npm/v1/security/advisories/bulk` of the registry that npm is configured for, as `npm audit` asks it.
 * A registry may not have it; then the offline database is all there is, and the scan says so.
 */
import { gzipSync } from "node:zlib";
import type { Database } from "../database/database.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Advisory } from "../osv/advisory.ts";
import { readBulkAnswer } from "./bulk-answer.ts";

export interface RegistryAnswer {
  /** What the registry knows; undefined where it does not tell. */
  readonly database: Database | undefined;
  /** Why it does not tell, in one sentence; undefined where it does. */
  readonly refusal: string | undefined;
}

/** Bytes. */
const largestAnswer = 64 << 20;
const timeout = 60_000;

/** @param options what npm-registry-fetch takes: npm's own configuration */
export async function askRegistryAdvisories(
  { components }: Inventory,
  options: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  const asked: Record<string, string[]> = {};
  for (const { kind, name, version } of components) {
    if (kind !== "npm") continue;
    asked[name] ??= [];
    if (!asked[name].includes(version)) asked[name].push(version);
  }
  const { default: fetch } = await import("npm-registry-fetch");
  try {
    const response = await fetch("/-/npm/v1/security/advisories/bulk", {
      ...options,
      cache: undefined,
      retry: { retries: 0 },
      method: "POST",
      gzip: false,
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
      body: gzipSync(JSON.stringify(asked)),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    } as Parameters<typeof fetch>[1]);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > largestAnswer) return refused("its answer is too large");
      chunks.push(chunk);
    }
    const advisories = readBulkAnswer(JSON.parse(Buffer.concat(chunks).toString()), asked);
    return { database: databaseOf(advisories), refusal: undefined };
  } catch (error) {
    signal.throwIfAborted();
    const { statusCode, code, name } = error as { statusCode?: number; code?: string; name?: string };
    if (statusCode === 404 || statusCode === 405 || statusCode === 501)
      return refused(`it has no such service (${statusCode})`);
    if (statusCode === 401 || statusCode === 403)
      return refused(`it does not let you (${statusCode}): log in with \`npm login\``);
    if (statusCode !== undefined) return refused(`it answers ${statusCode}`);
    // Messages may hold credentials of the address.
    return refused(
      name === "SyntaxError" || name === "RangeError"
        ? "its answer makes no sense"
        : `it cannot be reached (${code ?? name})`,
    );
  }
}

function refused(why: string): RegistryAnswer {
  return {
    database: undefined,
    refusal: `The registry of npm's configuration was asked for advisories, but ${why}: only the database was looked at.`,
  };
}

function databaseOf(advisories: readonly Advisory[]): Database {
  return {
    source: "the registry",
    date: undefined,
    records: advisories.length,
    core: undefined,
    ecosystems: ["npm"],
    advisoriesOf: (name) => advisories.filter(({ affected }) => affected.some((one) => one.package === name)),
    close() {},
  };
}

/** Both asked as one. Aliases are told apart where findings are made. */
export function joinedDatabase(a: Database | undefined, b: Database): Database {
  if (!a) return b;
  return {
    ...a,
    advisoriesOf: (name) => [...a.advisoriesOf(name), ...b.advisoriesOf(name)],
    close: () => a.close(),
  };
}
