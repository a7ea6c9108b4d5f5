/*
 * What the lock file of the project's package manager says of packages that are not installed: those for other platforms.
 * It lies beside the node_modules that hold the package which asks for them.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { exitCodes, SbpError } from "@sbp/core";
import { slashes } from "./entry.ts";

/** One version of a package. */
export interface LockedPackage {
  readonly version: string;
  /** Of its tarball, as Subresource Integrity; several hashes may be in it. */
  readonly integrity?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

/** Who asks for a package, by the name and the version that its package.json has. */
export interface Asking {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** As its package.json asks for it: "1.2.3", "^1.0.0". */
  readonly range: string;
}

export interface ProjectLock {
  /** Absolute. */
  readonly file: string;
  /** What a package gets when it asks for another. */
  find(name: string, asking: Asking): LockedPackage | undefined;
}

type Reader = (text: string, folder: string) => Promise<ProjectLock["find"]>;
type Fields = Readonly<Record<string, unknown>>;

const readers: readonly (readonly [string, Reader])[] = [
  ["npm-shrinkwrap.json", readNpmLock],
  ["package-lock.json", readNpmLock],
  ["pnpm-lock.yaml", readPnpmLock],
  ["yarn.lock", readYarnLock],
  ["bun.lock", readBunLock],
  ["bun.lockb", refuseBunLock],
];

/** The files that may tell of a package in a folder, the first that is there first; absolute. */
export function lockFiles(packageFolder: string): readonly string[] {
  const [top = packageFolder] = packageFolder.split(/[\\/]node_modules[\\/]/);
  return readers.map(([name]) => path.join(top, name));
}

/** Undefined where there is none. Throws SBP_BUNDLE_LOCK for one that cannot be read. */
export async function readProjectLock(packageFolder: string): Promise<ProjectLock | undefined> {
  const file = lockFiles(packageFolder).find((candidate) => existsSync(candidate));
  const read = file && readers.find(([name]) => name === path.basename(file))?.[1];
  if (!read) return undefined;
  try {
    return { file, find: await read(readFileSync(file, "utf8"), path.dirname(file)) };
  } catch (error) {
    throw new SbpError(
      "SBP_BUNDLE_LOCK",
      `${path.basename(file)} cannot be read: ${(error as Error).message.split("\n", 1)[0]}`,
      {
        location: { file },
        hint: "Restore it from version control, or let the package manager write it anew.",
        exitCode: exitCodes.badUsage,
      },
    );
  }
}

/** npm: packages by their places in node_modules, from lockfileVersion 2 on. */
async function readNpmLock(text: string, folder: string): Promise<ProjectLock["find"]> {
  const packages = fields(fields(JSON.parse(text))["packages"]);
  return (name, asking) => {
    for (let at = slashes(path.relative(folder, asking.folder)); ; at = path.posix.dirname(at)) {
      if (path.posix.basename(at) !== "node_modules") {
        const found = fields(packages[path.posix.join(at, "node_modules", name)]);
        if (typeof found["version"] === "string") return locked(found["version"], found);
      }
      if (at === "." || at === "") return undefined;
    }
  };
}

/** pnpm: packages by name and version, "/name@version" before lockfileVersion 9. */
async function readPnpmLock(text: string): Promise<ProjectLock["find"]> {
  const { parse } = await import("yaml");
  const { packages, snapshots } = fields(parse(text));
  const entry = (table: unknown, name: string, version: string) => {
    const keys = [`${name}@${version}`, `/${name}@${version}`];
    const found = Object.entries(fields(table)).find(([key]) =>
      // What comes in parentheses are the versions of peers.
      keys.includes(key.replace(/\(.*$/, "")),
    );
    return found && fields(found[1]);
  };
  return (name, asking) => {
    const asks =
      entry(snapshots, asking.name, asking.version) ?? entry(packages, asking.name, asking.version);
    const version = fields(asks?.["optionalDependencies"])[name] ?? asking.range;
    const found = typeof version === "string" ? entry(packages, name, version) : undefined;
    return found && locked(version as string, { ...found, ...fields(found["resolution"]) });
  };
}

/** Yarn, both kinds: packages by what asks for them. The newer one has no hashes of tarballs. */
async function readYarnLock(text: string): Promise<ProjectLock["find"]> {
  const { parseSyml } = await import("@yarnpkg/parsers");
  const entries = Object.entries(fields(parseSyml(text))).flatMap(([keys, value]) =>
    keys.split(/, ?/).map((key) => [key, fields(value)] as const),
  );
  const byAsking = new Map(entries);
  return (name, { range }) => {
    const found = byAsking.get(`${name}@${range}`) ?? byAsking.get(`${name}@npm:${range}`);
    if (typeof found?.["version"] !== "string") return undefined;
    return locked(found["version"], { ...found, ...conditions(found["conditions"]) });
  };
}

/**
 * Bun: packages by the names on the way to them, "a/b" for the b in a's node_modules, as lists of name and version, registry,
 * what package.json says, and hash. JSON with commas behind the last entries, which YAML takes as well.
 */
async function readBunLock(text: string, folder: string): Promise<ProjectLock["find"]> {
  const { parse } = await import("yaml");
  const packages = fields(fields(parse(text))["packages"]);
  return (name, asking) => {
    const way = slashes(path.relative(folder, asking.folder))
      .split(/(?:^|\/)node_modules\//)
      .slice(1);
    for (let length = way.length; length >= 0; length--) {
      const found = packages[[...way.slice(0, length), name].join("/")];
      const [resolved, , info, integrity] = Array.isArray(found) ? found : [];
      const version = typeof resolved === "string" && resolved.slice(resolved.lastIndexOf("@") + 1);
      if (version) return locked(version, { ...fields(info), integrity });
    }
    return undefined;
  };
}

/** Its older kind is no text. */
async function refuseBunLock(): Promise<never> {
  throw new Error("it is no text; `bun install --save-text-lockfile` writes bun.lock in its place");
}

/** "os=linux & cpu=x64 & libc=glibc" */
function conditions(text: unknown): Fields {
  if (typeof text !== "string") return {};
  const found = [...text.matchAll(/\b(os|cpu|libc)=([\w!]+)/g)].map(([, key, value]) => [key, [value]]);
  return Object.fromEntries(found) as Fields;
}

function locked(version: string, entry: Fields): LockedPackage {
  const { integrity } = entry;
  const [os, cpu, libc] = [entry["os"], entry["cpu"], entry["libc"]].map(textsOf);
  return {
    version,
    ...(typeof integrity === "string" && { integrity }),
    ...(os && { os }),
    ...(cpu && { cpu }),
    ...(libc && { libc }),
  };
}

/** The list that a field of package.json holds, which may be a single text. */
export function textsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === "string") return [value];
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined;
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
