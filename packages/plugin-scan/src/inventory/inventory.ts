/** Where a component is. */
export type Place =
  /** Code of it is in the bundle, or it is part of what runs. */
  | "bundled"
  /** It is carried as files. */
  | "carried"
  /** The bundler read it and nothing of it is left. */
  | "removed"
  /** The project's lock file has it; whether it is in the executable is not told by that. */
  | "lockfile";

export type ComponentKind = "npm" | "node" | "node-part" | "library" | "bun" | "deno" | "go" | "go-module";

/** One thing that something consists of. */
export interface Component {
  readonly kind: ComponentKind;
  readonly name: string;
  readonly version: string;
  readonly place: Place;
  /** Package URL; absent for what none can be written for. */
  readonly purl?: string;
  readonly license?: string;
  /** Subresource Integrity of its archive. */
  readonly integrity?: string;
  /** Bytes of it that are there. */
  readonly bytes?: number;
  /** All files of it that are there, relative to it; absent where that is not known. */
  readonly files?: readonly string[];
  /** Exports of which no code is left. */
  readonly removedExports?: readonly string[];
  /** Others that it depends on: indices into the inventory's components. */
  readonly dependencies?: readonly number[];
  /** The name that Node's or a distribution's advisories know it by, where that is another. */
  readonly source?: string;
  /** The distribution and its release: `debian-12`. */
  readonly distribution?: string;
  /** In a lock file: only development needs it. */
  readonly dev?: boolean;
}

/** What is judged: an executable, an image or a project, and what it consists of. */
export interface Inventory {
  readonly subject: Subject;
  readonly components: readonly Component[];
  /** Indices of what the app's own code imports; absent where that is not known. */
  readonly direct?: readonly number[];
  /** What its build was asked for, as it says. */
  readonly build?: Readonly<Record<string, unknown>>;
  /** What cannot be known of it, in words. */
  readonly unknown: readonly string[];
}

export interface Subject {
  readonly kind: "executable" | "image" | "project";
  readonly name: string;
  readonly version: string;
  /** `linux-x64`; undefined for a project, and where a file does not tell. */
  readonly target: string | undefined;
  /** Of the file, 64 lower-case hex digits; of an image, that of its manifest. */
  readonly sha256?: string;
  /** As the user named it. */
  readonly path: string;
  readonly size?: number;
  /** Who made it: `sbp`, `pkg`, `go`, … */
  readonly maker?: string;
  readonly source?: { readonly revision: string; readonly dirty?: true };
}

/** `express 4.17.1`. */
export function titleOf({ name, version }: Pick<Component, "name" | "version">): string {
  return version ? `${name} ${version}` : name;
}
