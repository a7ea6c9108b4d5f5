/*
 * What an executable says of itself. Sorted and without times, so that the same inputs give the same bytes; published as
 * manifest.schema.json. Absent fields say that nothing is known, or that there is nothing: never a guess.
 *
 * In the executable it is two documents (encoding.ts): what every reader wants, and per package the details, which are most of
 * the bytes. Fields marked "detail" are absent where only the first was read.
 */

/** The version of the format; a reader refuses others. */
export const manifestFormat = 1;

export interface Manifest {
  readonly format: typeof manifestFormat;
  readonly app: ManifestApp;
  /** `linux-x64`, as Node names platforms and architectures. */
  readonly target: string;
  readonly runtime: ManifestRuntime;
  /** Sorted by name, then version. */
  readonly packages: readonly ManifestPackage[];
  /** The C libraries that a self-contained executable carries. */
  readonly libraries?: ManifestLibraries;
  /** Native code of packages and of the app's own, besides the runtime: sorted by path. */
  readonly addons?: readonly ManifestAddon[];
  /** What is embedded besides the main script, if anything. */
  readonly embedded?: { readonly files: number; readonly bytes: number };
  readonly build: ManifestBuild;
  /** The revision of the app's sources, where they lie in a repository. */
  readonly source?: ManifestSource;
  /** Detail: packages that the bundler read and left out as a whole, since nothing uses them. Sorted. */
  readonly shaken?: readonly { readonly name: string; readonly version: string }[];
}

/** What a bundle tells of itself, before there is an executable: the file `manifest.json` of its artifact. */
export interface BundleManifest extends Pick<Manifest, "packages" | "shaken" | "source"> {
  /** Packages that the app's own code imports. */
  readonly dependencies?: ManifestApp["dependencies"];
}

/** The file of a bundle artifact that holds its manifest. */
export const bundleManifestFile = "manifest.json";

export interface ManifestApp {
  readonly name: string;
  readonly version: string;
  /** Bytes of the main script, wrapper and packages included. */
  readonly bytes?: number;
  /** Packages that the app's own code imports: indices of `packages`, ascending. */
  readonly dependencies?: readonly number[];
}

/** A package in the executable. Its package URL: `purlOf`. */
export interface ManifestPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, or what else its package.json has there; absent where it says nothing. */
  readonly license?: string;
  /** What of it is in the bundle: bytes of code that are left of it, and of how many files; absent for none. */
  readonly bundled?: { readonly bytes: number; readonly files: number };
  /** What of it is embedded as files, since it cannot be part of a bundle; absent for none. */
  readonly carried?: { readonly bytes: number; readonly files: number };
  /** How many of the carried files are native code; absent for none. */
  readonly addons?: number;
  /**
   * Packages of this list that its bundled code imports, or that a carried package depends on by its package.json: indices of
   * `packages`, ascending.
   */
  readonly dependencies?: readonly number[];
  /** Detail: hashes of its archive as the project's lock file has them (Subresource Integrity); absent where it has none. */
  readonly integrity?: string;
  /** Detail: files with code in the bundle, relative to the package, and the bytes that are left of each. Sorted. */
  readonly files?: readonly ManifestFile[];
  /** Detail: files of it that the bundler read, and of which nothing is left. Sorted. */
  readonly removedFiles?: readonly string[];
  /** Detail: by file, the exports of bundled ES modules of which no code is left. Sorted. */
  readonly removedExports?: Readonly<Record<string, readonly string[]>>;
  /** Detail: its folders among the embedded files, where some of it is carried. Sorted. */
  readonly folders?: readonly string[];
}

export interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
}

export interface ManifestRuntime {
  readonly name: "node";
  /** `26.10.0`. */
  readonly version: string;
  /**
   * What it is made of, as its `process.versions` says: `v8`, `openssl`, `zlib`, `uv`, …, without `node`; absent where that
   * is not known.
   */
  readonly parts?: Readonly<Record<string, string>>;
  /** It was one of the user's own, no official one. */
  readonly own?: true;
}

export interface ManifestLibraries {
  /** `debian-12`: the distribution and its release. */
  readonly distribution: string;
  /** Its packages, sorted by name. */
  readonly packages: readonly ManifestLibrary[];
}

/** A package of a Linux distribution. Its package URL: `libraryPurlOf`. */
export interface ManifestLibrary {
  readonly name: string;
  readonly version: string;
  /** As the distribution names it: `amd64`. */
  readonly architecture: string;
  /** The source package that vulnerabilities are filed under. */
  readonly source: string;
  /** An SPDX expression. */
  readonly license: string;
}

export interface ManifestAddon {
  /** In the embedded file system. */
  readonly path: string;
  readonly bytes: number;
  /** The package that it is part of: an index of `packages`; absent for the app's own. */
  readonly package?: number;
}

export interface ManifestBuild {
  /** The version of sbp. */
  readonly sbp: string;
  /** What the build was asked for, as far as it shows in the result (`codeCache`, `strip`, `selfContained`, `inspect`, …). */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ManifestSource {
  /** The commit. */
  readonly revision: string;
  /** Some of the bundled sources were not as they are in that commit. */
  readonly dirty?: true;
}
