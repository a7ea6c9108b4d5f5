import type { Manifest } from "./manifest.ts";

/** A file as far as it can be known without running it. `what` says who made it. */
export type Identified = IdentifiedSbp | IdentifiedForeign | IdentifiedPkg | IdentifiedGo | IdentifiedPlain;

interface IdentifiedBase {
  /** `linux-x64`, as Node names platforms and architectures; undefined for what Node does not run on. */
  readonly target: string | undefined;
  /** In bytes. */
  readonly size: number;
}

/** An executable that sbp made. */
export interface IdentifiedSbp extends IdentifiedBase {
  readonly what: "sbp";
  readonly manifest: Manifest;
}

/** An executable that another tool made of a JavaScript app. */
export interface IdentifiedForeign extends IdentifiedBase {
  /** `node`: Node itself, without an app. `node-sea`: a single executable application, of whatever tool. */
  readonly what: "node" | "node-sea" | "bun" | "deno";
  /** Of Node, Bun or Deno; undefined where the file does not tell. */
  readonly runtimeVersion: string | undefined;
  /** What else the file tells, in words: for people. */
  readonly facts: readonly string[];
  /** What nobody can know of such a file, in words: for people. */
  readonly unknown: readonly string[];
}

/** An executable that pkg made: Node with the files of an app, packages among them. */
export interface IdentifiedPkg extends Omit<IdentifiedForeign, "what"> {
  readonly what: "pkg";
  /** By the package.json nearest to the file that is started; absent where that cannot be read. */
  readonly app?: { readonly name: string; readonly version: string };
  /** By what their own package.json say; sorted by name and version. */
  readonly packages: readonly PackedPackage[];
}

/** A package of npm that is there as files. */
export interface PackedPackage {
  readonly name: string;
  /** Absent where its package.json cannot be read. */
  readonly version?: string;
  /** As package.json has it: an SPDX expression, or some other text. */
  readonly license?: string;
  /** All that are there, relative to the package, sorted. */
  readonly files: readonly string[];
}

/** An executable that the Go compiler made, with its build information (runtime/debug.BuildInfo). */
export interface IdentifiedGo extends IdentifiedBase {
  readonly what: "go";
  /** `go1.24.4`. */
  readonly goVersion: string;
  /** The path of its main package; absent where the build information has none. */
  readonly path?: string;
  readonly main?: GoModule;
  /** Sorted as Go did. */
  readonly modules: readonly GoModule[];
  /** `GOOS`, `vcs.revision`, `-ldflags`, … */
  readonly settings: Readonly<Record<string, string>>;
}

export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** `h1:…` of go.sum; absent for what is not from a module proxy. */
  readonly sum?: string;
  /** What took its place (`replace` in go.mod): that is what the code is of. */
  readonly replacedBy?: GoModule;
}

/** Some other executable. */
export interface IdentifiedPlain extends IdentifiedBase {
  readonly what: "other";
}
