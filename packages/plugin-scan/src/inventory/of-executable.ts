/* What an executable is and consists of. It is read, never run. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { exitCodes, SbpError } from "@sbp/core";
import { type ByteSource, fromFile } from "@sbp/executable";
import { ManifestError, type OpenedPack, openPack, readPackedFiles, readPackManifest } from "@sbp/manifest";
import { checkExecutable } from "../checks/executable.ts";
import { largestText, type TextFile } from "../checks/secrets.ts";
import type { Check } from "../finding.ts";
import type { Inventory, Subject } from "./inventory.ts";
import { inventoryOfForeign } from "./of-foreign.ts";
import { inventoryOfManifest } from "./of-manifest.ts";

export interface ScannedExecutable {
  readonly inventory: Inventory;
  readonly checks: readonly Check[];
  /** The texts that it carries, for the search for secrets; empty unless asked for. */
  readonly texts: readonly TextFile[];
}

export interface ExecutableOptions {
  /** As the user named it; the path that is opened unless given. */
  readonly name?: string;
  /** It runs where there is nothing else: checks of what it needs are strict. */
  readonly emptyRoot?: boolean;
  readonly texts?: boolean;
  /** Of the file where it is known; `compute` reads all of the file for it. */
  readonly sha256?: string | "compute";
}

/** Throws SBP_SCAN_FILE, SBP_SCAN_MANIFEST. */
export async function scanExecutable(
  path: string,
  options: ExecutableOptions = {},
): Promise<ScannedExecutable> {
  const file = await open(path).catch((error: Error) => {
    throw fileError(path, error.message, error);
  });
  try {
    if (!(await file.stat()).isFile()) throw fileError(path, "it is no file");
    const source = await fromFile(file);
    const { inventory, pack } = await inventoryOf(source, path, options);
    return {
      inventory,
      checks: await checkExecutable(source, options.emptyRoot ?? false),
      texts: options.texts && pack ? await packedTexts(pack) : [],
    };
  } finally {
    await file.close();
  }
}

async function inventoryOf(
  source: ByteSource,
  path: string,
  options: ExecutableOptions,
): Promise<{ readonly inventory: Inventory; readonly pack?: OpenedPack }> {
  const { name = path } = options;
  const sha256 = options.sha256 === "compute" ? await sha256Of(source) : options.sha256;
  const facts = { kind: "executable", path: name, size: source.size, ...(sha256 && { sha256 }) } as const;
  const foreign = async () => {
    const inventory = await inventoryOfForeign(source, { ...facts, name: basename(name) });
    if (!inventory) throw fileError(path, "it is no executable for Linux, macOS or Windows");
    return inventory;
  };
  try {
    const pack = await openPack(source);
    if (!pack?.layout.manifest) return { inventory: await foreign() };
    const [manifest, files] = await Promise.all([
      readPackManifest(pack, { details: true }),
      readPackedFiles(pack),
    ]);
    const subject: Subject = {
      ...facts,
      name: manifest.app.name,
      version: manifest.app.version,
      target: manifest.target,
      maker: "sbp",
      ...(manifest.source && { source: manifest.source }),
    };
    return {
      inventory: inventoryOfManifest(
        manifest,
        subject,
        files.map((file) => file.path),
      ),
      pack,
    };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    if (error.code === "MANIFEST_MISSING") return { inventory: await foreign() };
    throw new SbpError("SBP_SCAN_MANIFEST", `What is in ${basename(name)} cannot be told: ${error.message}`, {
      location: { file: path },
      hint: "Take the file from where it was built, or scan it with a newer sbp.",
      cause: error,
    });
  }
}

/** Scripts and other texts of the app. */
async function packedTexts(pack: OpenedPack): Promise<TextFile[]> {
  const texts: TextFile[] = [];
  for (const { path, content } of await readPackedFiles(pack)) {
    if (content.size > largestText) continue;
    const bytes = Buffer.from(await pack.source.read(content.offset, content.size));
    if (isText(bytes)) texts.push({ path, text: bytes.toString("utf8") });
  }
  return texts;
}

/** As git tells texts: without a zero byte near its start. */
export function isText(bytes: Uint8Array): boolean {
  return !bytes.subarray(0, 8000).includes(0);
}

async function sha256Of(source: ByteSource): Promise<string> {
  const hash = createHash("sha256");
  const room = new Uint8Array(1 << 20);
  for (let at = 0; at < source.size; at += room.length)
    hash.update(await source.read(at, Math.min(room.length, source.size - at), room));
  return hash.digest("hex");
}

export function fileError(path: string, message: string, cause?: unknown): SbpError {
  return new SbpError("SBP_SCAN_FILE", `${path} cannot be read: ${message}`, {
    location: { file: path },
    hint: "Name an executable, a project's folder, an image's layout or tar, or an image of a registry.",
    exitCode: exitCodes.badUsage,
    cause,
  });
}
