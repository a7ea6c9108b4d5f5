import { resolve } from "node:path";
import { findProject } from "@sbp/core";
import type { Database, Format, Inventory, Policy, ScanResult } from "@sbp/plugin-scan";
import type { ScanOptions } from "./commands/scan.ts";
import { openProject } from "./project.ts";
import { usageError } from "./usage-error.ts";

type Scanning = Awaited<ReturnType<typeof import("@sbp/plugin-scan")["scanning"]>>;

export interface ScanCommandRequest {
  readonly cwd: string;
  readonly configFile: string | undefined;
  /** What the user named. */
  readonly subject: string;
  readonly options: ScanOptions;
  readonly format: Format | undefined;
  readonly signal: AbortSignal;
}

interface Configured {
  readonly failOn?: Policy["failOn"];
  readonly ignore?: Policy["ignore"];
  readonly database?: string;
  readonly licenses?: readonly string[];
  readonly secrets?: boolean;
  readonly dir?: string;
}

/**
 * Scans what the user named by the policy of the project's step scan, which options of the command replace. Throws SBP_SCAN_*, SBP_USAGE,
 * and what is wrong with the config.
 */
export async function scanCommand(request: ScanCommandRequest): Promise<ScanResult> {
  // Not needed at other commands' starts.
  const scanning = await (await import("@sbp/plugin-scan")).scanning();
  const configured = await configuredScan(request);
  return scanOne(request.subject, request, configured, scanning);
}

/** The same twice: what was, and what is. */
export async function scanAgainst(
  request: ScanCommandRequest & { readonly against: string },
): Promise<{ readonly before: ScanResult; readonly after: ScanResult }> {
  const scanning = await (await import("@sbp/plugin-scan")).scanning();
  const configured = await configuredScan(request);
  const before = await scanOne(request.against, request, configured, scanning);
  return { before, after: await scanOne(request.subject, request, configured, scanning) };
}

async function scanOne(
  subject: string,
  { cwd, options, format, signal }: ScanCommandRequest,
  configured: Configured,
  scanning: Scanning,
): Promise<ScanResult> {
  const at = scanTime();
  const wantsSecrets = !options["no-secrets"] && configured.secrets !== false;
  const scanned = await scanning.scanSubject(subject, {
    cwd,
    target: options.target,
    plainHttp: options["plain-http"],
    texts: wantsSecrets,
    digest: format !== undefined && scanning.formatsWithDigest.includes(format),
    signal,
  });
  const lockfile = options.lockfile && (await scanning.readLockFile(resolve(cwd, options.lockfile)));
  const inventory = lockfile ? scanning.withLockFile(scanned.inventory, lockfile) : scanned.inventory;
  const [database, undetermined] = await databases(inventory, { cwd, options, configured, signal }, scanning);
  try {
    return scanning.conclude({
      inventory,
      checks: [
        ...scanned.checks,
        ...(wantsSecrets ? await scanning.findSecrets(scanned.texts) : []),
        ...(await scanning.checkLicenses(inventory, configured.licenses)),
      ],
      database,
      policy: {
        failOn: failOnOf(options["fail-on"]) ?? configured.failOn ?? "high",
        ignore: configured.ignore ?? [],
      },
      at,
      undetermined,
    });
  } finally {
    database?.close();
  }
}

/** The database of option, config or `--update-db`, and the registry's answer where it is asked for. */
async function databases(
  inventory: Inventory,
  request: Pick<ScanCommandRequest, "cwd" | "options" | "signal"> & { readonly configured: Configured },
  scanning: Scanning,
): Promise<readonly [Database | undefined, readonly string[]]> {
  const { cwd, options, configured, signal } = request;
  const path = options.db
    ? resolve(cwd, options.db)
    : configured.database
      ? resolve(configured.dir ?? cwd, configured.database)
      : await scanning.defaultDatabase();
  const database =
    path === undefined ? undefined : await scanning.openDatabase(path, scanning.compactFolder());
  if (!options.online) return [database, []];
  const { npmConfiguration } = await import("@sbp/plugin-cross-target");
  const npm = await (await npmConfiguration()).loadNpmOptions(configured.dir ?? cwd);
  const answer = await scanning.askRegistryAdvisories(inventory, npm, signal);
  if (!answer.database) return [database, answer.refusal === undefined ? [] : [answer.refusal]];
  return [scanning.joinedDatabase(database, answer.database), []];
}

/** The options of the project's step scan; none outside of a project. */
async function configuredScan({ cwd, configFile }: ScanCommandRequest): Promise<Configured> {
  const found = findProject(cwd, configFile);
  if (found.configFile === undefined) return {};
  const project = await openProject({ cwd, configFile: found.configFile });
  const step = project.steps.find(({ plugin }) => plugin.name === "scan");
  return { ...(step?.options as Configured | undefined), dir: project.dir };
}

/** By SOURCE_DATE_EPOCH, else now. */
function scanTime(): string {
  const epoch = process.env["SOURCE_DATE_EPOCH"];
  if (!epoch) return new Date().toISOString();
  if (/^\d{1,11}$/.test(epoch)) return new Date(Number(epoch) * 1000).toISOString();
  throw usageError(
    "SOURCE_DATE_EPOCH is no number of seconds",
    "Unset it, or set it to seconds since 1970, such as $(git log -1 --format=%ct).",
  );
}

const failOns = ["low", "medium", "high", "critical", "never"] as const;

function failOnOf(word: string | undefined): Policy["failOn"] | undefined {
  if (word === undefined) return undefined;
  const found = failOns.find((one) => one === word);
  if (found) return found;
  throw usageError(`--fail-on ${word}: no such severity`, `One of ${failOns.join(", ")}.`);
}
