/*
 * What an image consists of: its layers are read once, from the lowest up. Executables in it are put aside, one after the other, and
 * looked at like others.
 */
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isSbpError } from "@sbp/core";
import { digestHex, type Image, readConfig, readLayer } from "@sbp/oci";
import { checkFiles, checkUser, type ImageFile } from "../checks/image.ts";
import type { TextFile } from "../checks/secrets.ts";
import type { Check } from "../finding.ts";
import type { Component, Inventory } from "./inventory.ts";
import { isText, type ScannedExecutable, scanExecutable } from "./of-executable.ts";
import { told } from "./open-image.ts";

/** Bytes of a text that is searched for secrets. */
const largestText = 1 << 20;
/** Bytes of all texts together. */
const allTexts = 64 << 20;
/** Smaller programs hold no app. */
const smallestExecutable = 1 << 20;
const mostExecutables = 50;
/** Bytes of all layers when unpacked. */
const largestImage = 16 * 2 ** 30;

export interface ImageScanOptions {
  /** Keep texts for the search for secrets. */
  readonly texts: boolean;
  /** Look into executables. */
  readonly executables: boolean;
}

/** @param name as the user named it */
export async function scanImage(
  image: Image,
  name: string,
  options: ImageScanOptions,
): Promise<ScannedExecutable> {
  const folder = await mkdtemp(join(tmpdir(), "sbp-scan-"));
  try {
    return await told(name, () => scanLayers(image, name, folder, options));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function scanLayers(
  image: Image,
  name: string,
  folder: string,
  options: ImageScanOptions,
): Promise<ScannedExecutable> {
  const files = new Map<string, ImageFile>();
  const texts = new Map<string, TextFile>();
  const executables = new Map<string, ScannedExecutable>();
  const skipped: string[] = [];
  let unpacked = 0;
  let kept = 0;
  const forget = (path: string, inside: boolean) => {
    for (const map of [files, texts, executables] as Map<string, unknown>[])
      for (const key of map.keys())
        if ((!inside && key === path) || key.startsWith(path === "" ? "" : `${path}/`)) map.delete(key);
  };
  for (const layer of image.layers)
    for await (const member of readLayer(layer)) {
      unpacked += member.size;
      if (unpacked > largestImage) throw new RangeError("the image is too large");
      const { path, type, mode, size } = member;
      const at = path.lastIndexOf("/") + 1;
      const base = path.slice(at);
      // image-spec, "Whiteouts": a lower layer's file is taken away, or all that it has in a folder.
      if (base === ".wh..wh..opq") forget(path.slice(0, Math.max(0, at - 1)), true);
      else if (base.startsWith(".wh.")) forget(`${path.slice(0, at)}${base.slice(4)}`, false);
      else {
        // A folder over a folder leaves what is in it.
        const earlier = files.get(path);
        if (earlier && !(earlier.type === "directory" && type === "directory")) forget(path, false);
        files.set(path, { path, type, mode });
        if (type !== "file") continue;
        if ((mode & 0o111) !== 0 && size >= smallestExecutable) {
          if (!options.executables) continue;
          if (executables.size >= mostExecutables) skipped.push(path);
          else {
            const file = join(folder, "executable");
            await pipeline(Readable.from(member.content()), createWriteStream(file));
            const scanned = await scanWithin(file, path, {
              emptyRoot: !hasLoader(files),
              texts: options.texts,
            });
            if (scanned) executables.set(path, scanned);
            await rm(file);
          }
        } else if (options.texts && size <= largestText && kept + size <= allTexts) {
          const chunks: Uint8Array[] = [];
          for await (const chunk of member.content()) chunks.push(chunk);
          const bytes = Buffer.concat(chunks);
          if (isText(bytes)) {
            texts.set(path, { path, text: bytes.toString("utf8") });
            kept += size;
          }
        }
      }
    }
  return joined(image, name, { files, texts, executables, skipped });
}

/** Undefined for what is no executable; what is damaged is told of. */
async function scanWithin(
  file: string,
  name: string,
  options: { readonly emptyRoot: boolean; readonly texts: boolean },
): Promise<ScannedExecutable | undefined> {
  try {
    return await scanExecutable(file, { name, ...options });
  } catch (error) {
    if (!isSbpError(error) || !error.code.startsWith("SBP_SCAN_")) throw error;
    if (error.code === "SBP_SCAN_FILE") return undefined;
    const subject = {
      kind: "executable",
      name,
      version: "",
      target: undefined,
      path: name,
      maker: "sbp",
    } as const;
    return {
      inventory: { subject, components: [], unknown: [`${error.message} (${name})`] },
      checks: [],
      texts: [],
    };
  }
}

function hasLoader(files: ReadonlyMap<string, unknown>): boolean {
  return [...files.keys()].some((path) => /(^|\/)ld-(linux|musl)[^/]*\.so/.test(path));
}

async function joined(
  image: Image,
  name: string,
  found: {
    readonly files: ReadonlyMap<string, ImageFile>;
    readonly texts: ReadonlyMap<string, TextFile>;
    readonly executables: ReadonlyMap<string, ScannedExecutable>;
    readonly skipped: readonly string[];
  },
): Promise<ScannedExecutable> {
  const { settings } = await readConfig(image);
  const scanned = [...found.executables.values()].filter(
    ({ inventory }) => inventory.components.length > 0 || inventory.subject.maker !== undefined,
  );
  const [app] = scanned;
  const { os = "", architecture = "" } = image.platform ?? {};
  const target = `${os}-${architecture === "amd64" ? "x64" : architecture}`;
  const inventory: Inventory = {
    subject: {
      kind: "image",
      name: imageName(name, app),
      version: app?.inventory.subject.version ?? "",
      target,
      sha256: digestHex(image.digest),
      path: name,
      ...(app?.inventory.subject.maker && { maker: app.inventory.subject.maker }),
      ...(app?.inventory.subject.source && { source: app.inventory.subject.source }),
    },
    ...joinedComponents(scanned.map((one) => one.inventory)),
    unknown: [
      ...(scanned.length === 0 ? ["No executable in it tells what it consists of."] : []),
      ...scanned.flatMap((one) => one.inventory.unknown),
      ...(found.skipped.length > 0 ? [`${found.skipped.length} more executables were not looked at.`] : []),
      ...packageDatabases(found.files),
    ],
  };
  const own = [...found.executables].flatMap(([path, { checks }]): Check[] =>
    checks.map((check) => ({ ...check, place: check.place ?? path })),
  );
  return {
    inventory,
    checks: [...checkUser(settings["User"]), ...checkFiles(found.files.values()), ...own],
    texts: [...found.texts.values(), ...scanned.flatMap(({ texts }) => texts)],
  };
}

function imageName(name: string, app: ScannedExecutable | undefined): string {
  return app?.inventory.subject.name ?? name.replace(/[:@].*$/, "").replace(/^.*[\\/]/, "");
}

function joinedComponents(inventories: readonly Inventory[]): Pick<Inventory, "components" | "direct"> {
  const components: Component[] = [];
  const direct: number[] = [];
  for (const inventory of inventories) {
    const start = components.length;
    components.push(
      ...inventory.components.map((component) => ({
        ...component,
        ...(component.dependencies && { dependencies: component.dependencies.map((index) => index + start) }),
      })),
    );
    direct.push(
      ...(inventory.direct ?? inventory.components.map((_, index) => index)).map((index) => index + start),
    );
  }
  return { components, direct };
}

/** The packages of a distribution are not ours to judge; that there are some is. */
function packageDatabases(files: ReadonlyMap<string, unknown>): string[] {
  const known = {
    "var/lib/dpkg/status": "Debian",
    "lib/apk/db/installed": "Alpine",
    "var/lib/rpm/rpmdb.sqlite": "RPM",
  };
  return Object.entries(known).flatMap(([path, what]) =>
    files.has(path) ? [`It has packages of ${what}: scan those with a scanner of distributions.`] : [],
  );
}
