import { basename, dirname, join, resolve } from "node:path";
import { type Diagnostic, exitCodes, type RunContext, SbpError } from "@sbp/core";
import { type BlobSource, type Descriptor, digestHex, fileContent, imagesOf, readManifest } from "@sbp/oci";
import { checkLicenses } from "./checks/licenses.ts";
import { findSecrets } from "./checks/secrets.ts";
import { databaseSource } from "./database/collect.ts";
import type { Database } from "./database/database.ts";
import { compactFolder, defaultDatabase, fetchedDatabase } from "./database/default.ts";
import { openDatabase } from "./database/open.ts";
import { titleOf } from "./inventory/inventory.ts";
import type { ScannedExecutable } from "./inventory/of-executable.ts";
import { scanImage } from "./inventory/of-image.ts";
import { lockFileNames, readLockFile } from "./inventory/of-lockfile.ts";
import { scanLane } from "./lane-executables.ts";
import type { ScanStepOptions } from "./options.ts";
import { extensions, type Format, formatted } from "./outputs.ts";
import type { IgnoreNote } from "./policy.ts";
import type { ScanResult } from "./result.ts";
import { conclude, withLockFile } from "./scan.ts";

type Context = RunContext<ScanStepOptions>;

/**
 * Scans the executables of a lane, and the image's own checks where there is one. Judged is as of the database: a build must not depend
 * on the clock, so a line of Node has ended, and an entry of `ignore` has expired, when a record of the database is newer.
 */
export async function runScan(context: Context): Promise<void> {
  const { artifacts, options, write, report } = context;
  const database = await databaseOf(context);
  try {
    const scans = await scanLane(context, {
      emptyRoot: artifacts["image"] !== undefined,
      texts: options.secrets,
    });
    const images = await scannedImages(context);
    const locked = await lockedPackages(context);
    const results: ScanResult[] = [];
    for (const [index, scanned] of scans.entries()) {
      const inventory = locked ? withLockFile(scanned.inventory, locked) : scanned.inventory;
      // What is of the image itself is told once.
      const places = index === 0 ? [scanned, ...images] : [scanned];
      const checks = [
        ...places.flatMap((place) => place.checks),
        ...(options.secrets ? await findSecrets(places.flatMap((place) => place.texts)) : []),
        ...(await checkLicenses(inventory, options.licenses)),
      ];
      const result = conclude({
        inventory,
        checks,
        database,
        databaseName: options.database ?? "sbp scan --update-db",
        policy: { failOn: options.failOn, ignore: options.ignore ?? [] },
        at: judgedAt(context, database),
      });
      for (const sentence of result.undetermined) context.log.debug(sentence);
      results.push(result);
    }
    tell(results, report);
    if (results.some(({ refused }) => refused)) throw refusal(results);
    await writeAll("sbom", options.sbom, results, write);
    await writeAll("report", options.reports, results, write);
  } finally {
    database?.close();
  }
}

async function databaseOf({ options, projectDir, dependOn, report }: Context): Promise<Database | undefined> {
  const given = options.database === undefined ? undefined : resolve(projectDir, options.database);
  dependOn({ env: "SBP_CACHE_DIR" });
  const path = given ?? (await defaultDatabase());
  if (path === undefined) {
    dependOn({ directory: fetchedDatabase() });
    report({
      severity: "warning",
      code: "SBP_SCAN_NO_DATABASE",
      message: "There is no database of vulnerabilities: nothing was looked up",
      hint: 'Fetch one with `sbp scan --update-db`, or name one in "database" of the step scan.',
    });
    return undefined;
  }
  const database = await openDatabase(path, compactFolder());
  // Of folders the names as well: a record that is added says something new.
  const { files, folders } = databaseSource(path);
  dependOn(...files.map((file) => ({ file: file.path })), ...folders.map((directory) => ({ directory })));
  return database;
}

/** What the project's lock file has beyond the executable: for saying that it is not in there. */
async function lockedPackages({ projectDir, dependOn }: Context) {
  for (const name of lockFileNames) {
    const file = join(projectDir, name);
    dependOn({ file });
    const locked = await readLockFile(file).catch((error: { cause?: { code?: string } }) => {
      if (error.cause?.code !== "ENOENT") throw error;
      return undefined;
    });
    if (locked) return locked;
  }
  return undefined;
}

/** Of the image itself; what is in its executable is told already. */
async function scannedImages({ artifacts, options }: Context): Promise<readonly ScannedExecutable[]> {
  const artifact = artifacts["image"];
  const index = artifact?.files.find(({ path }) => basename(path) === "index.json");
  if (!artifact || !index) return [];
  const folder = dirname(index.path);
  const { manifests } = JSON.parse((await artifact.read(index.path)).toString()) as {
    manifests: Descriptor[];
  };
  // The store keeps each blob by itself.
  const source: BlobSource = {
    blob: async ({ digest, size }) =>
      fileContent(await artifact.path(`${folder}/blobs/sha256/${digestHex(digest)}`), { size }),
  };
  const manifest = await readManifest(source, manifests[0]!);
  return Promise.all(
    imagesOf(manifest).map((image) =>
      scanImage(image, folder, { texts: options.secrets, executables: false }),
    ),
  );
}

/** SOURCE_DATE_EPOCH, else the time of the database's newest record. */
function judgedAt({ dependOn }: Context, database: Database | undefined): string | undefined {
  dependOn({ env: "SOURCE_DATE_EPOCH" });
  const epoch = process.env["SOURCE_DATE_EPOCH"];
  if (epoch && /^\d{1,11}$/.test(epoch)) return new Date(Number(epoch) * 1000).toISOString();
  return database?.date;
}

/** An entry of `ignore` that one executable needs is needed. */
function tell(results: readonly ScanResult[], report: Context["report"]): void {
  const [{ notes = [] } = {}, ...others] = results;
  const isNote = ({ entry }: IgnoreNote) =>
    others.every((other) => other.notes.some((note) => note.entry === entry));
  for (const { kind, entry } of notes.filter(isNote))
    report({
      severity: "warning",
      code: kind === "expired" ? "SBP_SCAN_IGNORE_EXPIRED" : "SBP_SCAN_IGNORE_UNUSED",
      message:
        kind === "expired"
          ? `The entry of "ignore" for ${entry.id} has expired (${entry.expires})`
          : `The entry of "ignore" for ${entry.id} is not needed: nothing of that name is found`,
      hint: kind === "expired" ? "Mend what it was for, or give it a new date and reason." : "Remove it.",
    });
}

/** What the policy refuses, each by itself. */
function refusal(results: readonly ScanResult[]): SbpError {
  const diagnostics = results.flatMap((result) => refusedOf(result, results.length > 1));
  const files = results.flatMap(({ refused, inventory }) => (refused ? [inventory.subject.path] : []));
  const message = `The policy refuses ${files.join(", ")}: ${diagnostics.length} findings`;
  return new SbpError("SBP_SCAN_REFUSED", message, {
    hint: 'Mend them; what is accepted goes into "ignore" of the step scan, with its reason.',
    diagnostics,
    exitCode: exitCodes.policy,
  });
}

/** @param named say in which file, where there are several */
function refusedOf({ findings, checks, inventory }: ScanResult, named: boolean): Diagnostic[] {
  const file = named ? `${inventory.subject.path}: ` : "";
  return [
    ...findings
      .filter(({ refused }) => refused)
      .map(({ id, severity, component, summary, command, fixedIn }) => ({
        severity: "error" as const,
        code: id,
        message: `${file}${titleOf(component)}: ${summary} (${severity})`,
        ...((command ?? fixedIn) && { hint: command ?? `Upgrade to ${fixedIn}.` }),
      })),
    ...checks
      .filter(({ refused }) => refused)
      .map(({ rule, message, place, hint }) => ({
        severity: "error" as const,
        code: rule,
        message: file + (place === undefined ? message : `${place}: ${message}`),
        hint,
      })),
  ];
}

async function writeAll(
  kind: "sbom" | "report",
  wanted: readonly Format[],
  results: readonly ScanResult[],
  write: Context["write"],
): Promise<void> {
  const documents: (readonly [path: string, text: string])[] = [];
  for (const result of results) {
    const { path } = result.inventory.subject;
    // With several, `tool` may be beside `tool.exe`.
    const stem = results.length > 1 ? path : path.replace(/\.exe$/, "");
    for (const format of wanted) {
      const text = await formatted(result, format);
      if (text !== undefined) documents.push([`${stem}.${extensions[format]}`, text]);
    }
  }
  await write(kind, {}, async (out) => {
    for (const [path, text] of documents) await out.file(path, text);
  });
}
