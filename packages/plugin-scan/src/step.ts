import { basename, dirname, join, resolve } from "node:path";
import { exitCodes, type RunContext, SbpError } from "@sbp/core";
import { type BlobSource, type Descriptor, digestHex, fileContent, imagesOf, readManifest } from "@sbp/oci";
import { checkLicenses } from "./checks/licenses.ts";
import { findSecrets } from "./checks/secrets.ts";
import { databaseSource } from "./database/collect.ts";
import type { Database } from "./database/database.ts";
import { compactFolder, defaultDatabase, fetchedDatabase } from "./database/default.ts";
import { openDatabase } from "./database/open.ts";
import { titleOf } from "./inventory/inventory.ts";
import { type ScannedExecutable, scanExecutable } from "./inventory/of-executable.ts";
import { scanImage } from "./inventory/of-image.ts";
import { lockFileNames, readLockFile } from "./inventory/of-lockfile.ts";
import { laneExecutable } from "./lane-executable.ts";
import type { ScanStepOptions } from "./options.ts";
import { extensions, type Format, formatted } from "./outputs.ts";
import type { ScanResult } from "./result.ts";
import { conclude, withLockFile } from "./scan.ts";

type Context = RunContext<ScanStepOptions>;

/**
 * Scans the executable of a lane, and the image's own checks where there is one. Judged is as of the database: a build must not depend
 * on the clock, so a line of Node has ended, and an entry of `ignore` has expired, when a record of the database is newer.
 */
export async function runScan(context: Context): Promise<void> {
  const { artifacts, options, write, report } = context;
  const { executable, file } = laneExecutable(context);
  const database = await databaseOf(context);
  try {
    const scanned = await scanExecutable(await executable.path(file.path), {
      name: file.path,
      sha256: file.sha256,
      emptyRoot: artifacts["image"] !== undefined,
      texts: options.secrets,
    });
    const inventory = await lockedToo(scanned.inventory, context);
    const images = await scannedImages(context);
    const texts = [...scanned.texts, ...images.flatMap((image) => image.texts)];
    const checks = [
      ...scanned.checks,
      ...images.flatMap((image) => image.checks),
      ...(options.secrets ? await findSecrets(texts) : []),
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
    tell(result, report);
    if (result.refused) throw refusal(result, file.path);
    await writeAll("sbom", options.sbom, result, file.path, write);
    await writeAll("report", options.reports, result, file.path, write);
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
async function lockedToo(inventory: Parameters<typeof withLockFile>[0], { projectDir, dependOn }: Context) {
  for (const name of lockFileNames) {
    const file = join(projectDir, name);
    dependOn({ file });
    const locked = await readLockFile(file).catch((error: { cause?: { code?: string } }) => {
      if (error.cause?.code !== "ENOENT") throw error;
      return undefined;
    });
    if (locked) return withLockFile(inventory, locked);
  }
  return inventory;
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

function tell(result: ScanResult, report: Context["report"]): void {
  for (const { kind, entry } of result.notes)
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
function refusal({ findings, checks }: ScanResult, file: string): SbpError {
  const diagnostics = [
    ...findings
      .filter(({ refused }) => refused)
      .map(({ id, severity, component, summary, command, fixedIn }) => ({
        severity: "error" as const,
        code: id,
        message: `${titleOf(component)}: ${summary} (${severity})`,
        ...((command ?? fixedIn) && { hint: command ?? `Upgrade to ${fixedIn}.` }),
      })),
    ...checks
      .filter(({ refused }) => refused)
      .map(({ rule, message, place, hint }) => ({
        severity: "error" as const,
        code: rule,
        message: place === undefined ? message : `${place}: ${message}`,
        hint,
      })),
  ];
  return new SbpError("SBP_SCAN_REFUSED", `The policy refuses ${file}: ${diagnostics.length} findings`, {
    hint: 'Mend them; what is accepted goes into "ignore" of the step scan, with its reason.',
    diagnostics,
    exitCode: exitCodes.policy,
  });
}

async function writeAll(
  kind: "sbom" | "report",
  wanted: readonly Format[],
  result: ScanResult,
  file: string,
  write: Context["write"],
): Promise<void> {
  const documents = await Promise.all(
    wanted.map(async (format) => [format, await formatted(result, format)] as const),
  );
  const stem = file.replace(/\.exe$/, "");
  await write(kind, {}, async (out) => {
    for (const [format, text] of documents)
      if (text !== undefined) await out.file(`${stem}.${extensions[format]}`, text);
  });
}
