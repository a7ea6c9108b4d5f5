import type { Target } from "./target.ts";

/*
 * Packages whose files are not the same for every target: what a bundle says of them, once for the project, and from
 * which the files of each lane are taken.
 */

/** The meta of an artifact of the kind `platform-packages`, whose files are those that are installed. */
export type PlatformPackages = {
  readonly packages: readonly PlatformPackage[];
  /** Warnings about them are errors. */
  readonly strict?: true;
};

/** A package with native files of its own, or with others that bring them. */
export type PlatformPackage = {
  readonly name: string;
  readonly version: string;
  /** Somebody depends on it; else it may be left out. */
  readonly required: boolean;
  /** Its native files are programs that came with it: installing it makes and fetches none. */
  readonly shipped?: true;
  /** Native files. */
  readonly binaries: readonly PlatformFile[];
  /** What it brings for each platform as a package: of its optional dependencies, or the package itself. */
  readonly alternatives: readonly PlatformAlternative[];
};

/** A package for some systems, processors and C libraries, as its package.json names them. */
export type PlatformAlternative = {
  readonly name: string;
  /** Its folder among the app's files. */
  readonly place: string;
  /** Exact; absent where nothing tells it. */
  readonly version?: string;
  /** Absent, all three, for one of which only the name is known. */
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  /** Of its tarball, a SHA-512 from the project's lock file. */
  readonly integrity?: string;
  /** Its files, in the artifact; absent where it is not installed. */
  readonly files?: readonly PlatformFile[];
};

export type PlatformFile = {
  /** In the artifact. */
  readonly file: string;
  /** For native files (programs, shared libraries, addons): those that can load it. Without any it is not in the artifact. */
  readonly targets?: readonly Target[];
  /** The NODE_MODULE_VERSION that an addon needs, where it is not made for all of them. */
  readonly abi?: number;
};
