/*
 * What is not the same for every target: native files in carried packages, told by their headers, and the packages for
 * single platforms. They leave what all targets share. Which of them a lane takes, cross-target decides: of what is installed
 * here, and of what the project's lock file names besides.
 *
 *   carried files ─┬─► the same everywhere ─────────────────► bundle
 *                  └─► native, or of a package with os/cpu ─► platform-packages ◄─ the lock file's alternatives
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { PlatformAlternative, PlatformFile, PlatformPackage } from "@sbp/core";
import type { NativeFacts } from "@sbp/executable";
import type { CarriedFile } from "./carried-files.ts";
import type { CarriedPackage } from "./carried-packages.ts";
import { readPackageJson, slashes } from "./entry.ts";
import { hasPlatforms, isBuiltWhenInstalled, isPlatformName } from "./native.ts";
import { packageFolder } from "./packages.ts";
import type { Places } from "./places.ts";
import { lockFiles, type ProjectLock, readProjectLock, textsOf } from "./project-lock.ts";
import { upwards } from "./workspace.ts";

export interface PlatformRequest {
  readonly places: Places;
  readonly packages: readonly CarriedPackage[];
  /** All that is carried, with their places in the artifact. */
  readonly files: readonly CarriedFile[];
  /** Absolute: files that the user has named, which every target gets. */
  readonly given: ReadonlySet<string>;
  /** Absolute folders of all packages in the bundle. */
  readonly bundled: readonly string[];
  /** Whether the user leaves a file out; absolute, there or not. */
  readonly isExcluded: (file: string) => boolean;
}

export interface PlatformFiles {
  readonly packages: readonly PlatformPackage[];
  /** The files of the artifact. */
  readonly files: readonly CarriedFile[];
  /** Those that are the same for every target. */
  readonly others: readonly CarriedFile[];
  /** Absolute: what was looked at, there or not. */
  readonly lockFiles: readonly string[];
}

/** What may be native, by name; programs of packages often have no extension. */
const mayBeNative = /\.(?:node|bare|so(?:\.\d+)*|dylib|dll|exe)$|[\\/][^.\\/]+$/;

type Manifest = Readonly<Record<string, unknown>>;

/** Takes what depends on the target out of what is carried. Throws SBP_BUNDLE_LOCK. */
export async function platformPackages(request: PlatformRequest): Promise<PlatformFiles> {
  return await new Search(request).run();
}

class Search {
  readonly #request: PlatformRequest;
  readonly #taken = new Set<CarriedFile>();
  readonly #files: CarriedFile[] = [];
  readonly #lockFiles = new Set<string>();
  readonly #bySource: ReadonlyMap<string, CarriedFile>;
  readonly #locks = new Map<string, Promise<ProjectLock | undefined>>();
  readonly #required: (name: string) => boolean;

  constructor(request: PlatformRequest) {
    this.#request = request;
    this.#bySource = new Map(
      request.files.flatMap((file) =>
        "copyOf" in file.content ? [[file.content.copyOf, file] as const] : [],
      ),
    );
    let needs: ReturnType<typeof needsOf> | undefined;
    this.#required = (name) => {
      needs ??= needsOf(request);
      return needs.required.has(name) || !needs.optional.has(name);
    };
  }

  async run(): Promise<PlatformFiles> {
    const { packages, places } = this.#request;
    const manifests = new Map(
      packages.map((one) => [one, readPackageJson(path.resolve(places.projectDir, one.folder)) ?? {}]),
    );
    const isLeft = ({ files }: CarriedPackage) => !files.some((file) => this.#bySource.has(file));
    const platforms = packages.filter((one) => hasPlatforms(manifests.get(one)!) && !isLeft(one));
    const others = packages.filter((one) => !hasPlatforms(manifests.get(one)!));
    const found: PlatformPackage[] = [];
    const taken = new Set<CarriedPackage>();
    for (const one of others) {
      const manifest = manifests.get(one)!;
      const binaries = await this.#binaries(one.files);
      const alternatives = await this.#alternatives(one, manifest, platforms, taken);
      if (binaries.length > 0 || alternatives.length > 0)
        found.push(this.#found(one, manifest, binaries, alternatives));
    }
    for (const one of platforms.filter((platform) => !taken.has(platform))) {
      const manifest = manifests.get(one)!;
      found.push(this.#found(one, manifest, [], [await this.#installed(one, manifest)]));
    }
    for (const [name, files] of this.#ownAddons()) {
      const binaries = await this.#binaries(files);
      if (binaries.length > 0) found.push({ name, version: "", required: true, binaries, alternatives: [] });
    }
    return {
      packages: found,
      files: this.#files.sort((a, b) => (a.path < b.path ? -1 : 1)),
      others: this.#request.files.filter((file) => !this.#taken.has(file)),
      lockFiles: [...this.#lockFiles],
    };
  }

  #found(
    { name, folder, files }: CarriedPackage,
    manifest: Manifest,
    binaries: readonly PlatformFile[],
    alternatives: readonly PlatformAlternative[],
  ): PlatformPackage {
    const required = this.#required(name) && !files.some(hasStandIn);
    const shipped =
      alternatives.length === 0 &&
      !binaries.some(({ file }) => file.endsWith(".node")) &&
      !isBuiltWhenInstalled(path.resolve(this.#request.places.projectDir, folder));
    const version = versionOf(manifest);
    return { name, version, required, ...(shipped && { shipped }), binaries, alternatives };
  }

  /** The native ones among files, which are taken. */
  async #binaries(files: readonly string[]): Promise<PlatformFile[]> {
    const binaries: PlatformFile[] = [];
    for (const source of files) {
      const file = this.#bySource.get(source);
      if (!file || this.#request.given.has(source)) continue;
      const native = await nativeFacts(source);
      if (!native) continue;
      binaries.push(this.#take(file, file.path, native));
    }
    return binaries;
  }

  /** What no target can load is only told of. */
  #take(file: CarriedFile, place: string, native: NativeFacts | undefined): PlatformFile {
    this.#taken.add(file);
    if (native?.targets.length !== 0) this.#files.push({ ...file, path: place });
    return { file: place, ...native };
  }

  async #alternatives(
    parent: CarriedPackage,
    manifest: Manifest,
    platforms: readonly CarriedPackage[],
    taken: Set<CarriedPackage>,
  ): Promise<PlatformAlternative[]> {
    const { places, isExcluded } = this.#request;
    const folder = path.resolve(places.projectDir, parent.folder);
    const alternatives: PlatformAlternative[] = [];
    for (const [name, range] of Object.entries(optionalDependencies(manifest)).sort()) {
      if (isExcluded(path.join(path.dirname(modulesOf(folder)), "node_modules", name, "package.json")))
        continue;
      const real = places.packageFrom(folder, name);
      const installed = real && platforms.find((one) => path.resolve(places.projectDir, one.folder) === real);
      if (installed) {
        taken.add(installed);
        alternatives.push(await this.#installed(installed, readPackageJson(real) ?? {}, folder));
        continue;
      }
      // Installed, and none for single platforms, or excluded.
      if (real) continue;
      const lock = await this.#lock(folder);
      const asking = { folder, name: parent.name, version: versionOf(manifest), range };
      const inLock = lock?.find(name, asking);
      const exact = /^\d+\.\d+\.\d+[\w.+-]*$/.test(range) ? range : undefined;
      // An install that is older than the lock file: what the package asks for counts.
      const locked = exact !== undefined && inLock?.version !== exact ? undefined : inLock;
      const isForSome = locked?.os ?? locked?.cpu;
      if (!isForSome && !isPlatformName(name)) continue;
      const integrity = locked?.integrity?.split(/\s+/).find((hash) => hash.startsWith("sha512-"));
      const version = locked?.version ?? exact;
      alternatives.push({
        name,
        place: this.#placeIn(parent, name),
        ...(version && { version }),
        ...(locked && isForSome && limits(locked)),
        ...(integrity && { integrity }),
      });
    }
    return alternatives;
  }

  async #installed(
    { folder, name, files }: CarriedPackage,
    manifest: Manifest,
    parent?: string,
  ): Promise<PlatformAlternative> {
    const { places } = this.#request;
    const absolute = path.resolve(places.projectDir, folder);
    const carried = files.flatMap((source) => {
      const file = this.#bySource.get(source);
      return file ? [{ source, file }] : [];
    });
    const first = carried[0];
    const own = first
      ? first.file.path.slice(0, -slashes(path.relative(absolute, first.source)).length - 1)
      : folder;
    // Where links lead to it, the package that asks for it would not find it at its real place.
    const isFound = parent === undefined || isOnWay(absolute, parent, name);
    const place = isFound ? own : this.#placeIn({ folder: path.relative(places.projectDir, parent) }, name);
    const listed: PlatformFile[] = [];
    for (const { source, file } of carried) {
      const moved = path.posix.join(place, slashes(path.relative(absolute, source)));
      listed.push(this.#take(file, moved, await nativeFacts(source)));
    }
    return { name, place, version: versionOf(manifest), ...limits(manifest), files: listed };
  }

  /** Beside nothing else, whatever other packages get under that name. */
  #placeIn({ folder }: Pick<CarriedPackage, "folder">, name: string): string {
    const absolute = path.resolve(this.#request.places.projectDir, folder);
    const file = [...this.#bySource].find(([source]) => source.startsWith(absolute + path.sep));
    const inside = file && slashes(path.relative(absolute, file[0]));
    const place = file ? file[1].path.slice(0, -inside!.length - 1) : slashes(folder);
    return path.posix.join(place, "node_modules", name);
  }

  #lock(folder: string): Promise<ProjectLock | undefined> {
    const top = modulesOf(folder);
    if (!this.#locks.has(top)) {
      for (const file of lockFiles(folder)) this.#lockFiles.add(file);
      this.#locks.set(top, readProjectLock(folder));
    }
    return this.#locks.get(top)!;
  }

  /** The app's own addons, together with those that stand in for them on other platforms. */
  #ownAddons(): ReadonlyMap<string, string[]> {
    const { places } = this.#request;
    const groups = new Map<string, string[]>();
    for (const source of this.#bySource.keys()) {
      if (!source.endsWith(".node")) continue;
      const relative = slashes(path.relative(places.projectDir, source));
      if (packageFolder(relative) !== undefined) continue;
      const name = relative.replace(/\/prebuilds\/.*|(?<=[^/])[.-](?:linux|darwin|win32)[^/]*$/, "");
      groups.set(name, [...(groups.get(name) ?? []), source]);
    }
    return groups;
  }
}

/** For whom a native file is; undefined for others. */
async function nativeFacts(file: string): Promise<NativeFacts | undefined> {
  if (!mayBeNative.test(file)) return undefined;
  const { nativeFacts: read } = await import("@sbp/executable");
  const native = await read(file, file.endsWith(".node"));
  // Names tell what headers may not: systems that share a format.
  return native && /[.-]musl\b|\/(?:android|ios)-/.test(slashes(file)) ? { targets: [] } : native;
}

/** Whether a script loads JavaScript where its addon cannot be loaded: `try { require(…) } catch { require("./fallback") }`. */
function hasStandIn(file: string): boolean {
  if (!/\.[cm]?js$/.test(file)) return false;
  const text = readFileSync(file, "utf8");
  return /\btry\s*\{[^{}]*\brequire\b[^{}]*\}\s*catch\b[^{}]*\{[^{}]*\brequire\(\s*["']\.{1,2}\//.test(text);
}

/** Which names the project and the packages depend on, and which they only take where they are. */
function needsOf({ places, packages, bundled }: PlatformRequest) {
  const required = new Set<string>();
  const optional = new Set<string>();
  const look = (manifest: Manifest, fields: readonly string[]) => {
    const absent = names(manifest["optionalDependencies"]);
    const peers = names(manifest["peerDependencies"]);
    const meta = manifest["peerDependenciesMeta"] as Record<string, { optional?: boolean }> | undefined;
    for (const name of absent) optional.add(name);
    for (const name of fields.flatMap((field) => names(manifest[field])))
      if (!absent.includes(name)) required.add(name);
    for (const name of peers) (meta?.[name]?.optional === true ? optional : required).add(name);
  };
  for (const folder of upwards(places.projectDir)) {
    look(readPackageJson(folder) ?? {}, ["dependencies", "devDependencies"]);
    if (folder === places.root) break;
  }
  const folders = packages.map(({ folder }) => path.resolve(places.projectDir, folder));
  for (const folder of new Set([...folders, ...bundled]))
    look(readPackageJson(folder) ?? {}, ["dependencies"]);
  return { required, optional };
}

function names(value: unknown): readonly string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

function optionalDependencies(manifest: Manifest): Readonly<Record<string, string>> {
  const entries = Object.entries((manifest["optionalDependencies"] as object | null | undefined) ?? {});
  return Object.fromEntries(entries.filter(([, range]) => typeof range === "string"));
}

function versionOf({ version }: Manifest): string {
  return typeof version === "string" ? version : "";
}

function limits(manifest: object): Pick<PlatformAlternative, "os" | "cpu" | "libc"> {
  const [os, cpu, libc] = (["os", "cpu", "libc"] as const).map((field) =>
    textsOf((manifest as Manifest)[field]),
  );
  return { ...(os && { os }), ...(cpu && { cpu }), ...(libc && { libc }) };
}

/** Whether Node's search from a folder comes by a package. Absolute. */
function isOnWay(found: string, from: string, name: string): boolean {
  return [...upwards(from)].some((folder) => path.join(folder, "node_modules", name) === found);
}

/** The outermost node_modules that a folder is in. */
function modulesOf(folder: string): string {
  const at = /[\\/]node_modules(?=[\\/]|$)/.exec(folder);
  return at ? folder.slice(0, at.index + at[0].length) : path.join(folder, "node_modules");
}
