/* What a project's lock file lists: everything that may be installed, whether or not anything uses it. */
import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { exitCodes, SbpError } from "@sbp/core";
import { purlOf } from "@sbp/manifest";
import type { Component, Inventory } from "./inventory.ts";

type Fields = Readonly<Record<string, unknown>>;
type Reader = (text: string) => Promise<LockedPackages> | LockedPackages;

interface LockedPackages {
  readonly packages: readonly Omit<Component, "kind" | "place" | "purl">[];
  /** The names that the project itself asks for; undefined where the file does not tell. */
  readonly direct: readonly string[] | undefined;
}

const readers: readonly (readonly [name: string, read: Reader])[] = [
  ["npm-shrinkwrap.json", readNpm],
  ["package-lock.json", readNpm],
  ["pnpm-lock.yaml", readPnpm],
  ["yarn.lock", readYarn],
];
export const lockFileNames = readers.map(([name]) => name);

/** Bytes: the largest lock files of large repositories have some ten million. JSON takes 30 times its size to read, YAML more. */
const largest = { json: 32 << 20, others: 16 << 20 };

/** The lock file in a folder, the first that is there; undefined for none. */
export async function findLockFile(folder: string): Promise<string | undefined> {
  for (const name of lockFileNames) {
    const file = join(folder, name);
    if (
      await stat(file).then(
        (found) => found.isFile(),
        () => false,
      )
    )
      return file;
  }
  return undefined;
}

/** Its packages, and the indices of those that the project itself asks for. Throws SBP_SCAN_LOCKFILE. */
export async function readLockFile(file: string): Promise<Pick<Inventory, "components" | "direct">> {
  const read = readers.find(([name]) => name === basename(file))?.[1];
  if (!read) throw lockError(file, `only ${lockFileNames.join(", ")} are known`);
  try {
    const { size } = await stat(file);
    const most = file.endsWith(".json") ? largest.json : largest.others;
    if (size > most) throw new RangeError(`it is larger than ${most >> 20} MB`);
    const { packages, direct } = await read(await readFile(file, "utf8"));
    const components = merged(packages);
    const indices =
      direct && [...new Set(direct)].flatMap((name) => indexOf(components, name)).sort((a, b) => a - b);
    return { components, ...(indices && { direct: indices }) };
  } catch (error) {
    throw lockError(file, (error as Error).message.split("\n", 1)[0]!, error);
  }
}

function indexOf(components: readonly Component[], name: string): number[] {
  return components.flatMap((component, index) => (component.name === name ? [index] : []));
}

function lockError(file: string, message: string, cause?: unknown): SbpError {
  return new SbpError("SBP_SCAN_LOCKFILE", `${basename(file)} cannot be read: ${message}`, {
    location: { file },
    hint: "Restore it from version control, or let the package manager write it anew.",
    exitCode: exitCodes.badUsage,
    cause,
  });
}

/** Each version once, sorted; needed by development alone where all that ask for it are. */
function merged(packages: LockedPackages["packages"]): Component[] {
  const found = new Map<string, Component>();
  for (const one of packages) {
    const key = `${one.name}@${one.version}`;
    const earlier = found.get(key);
    const dev = (earlier ? earlier.dev === true : true) && one.dev === true;
    const { dev: _, ...facts } = { ...earlier, ...one };
    found.set(key, { ...facts, kind: "npm", place: "lockfile", purl: purlOf(one), ...(dev && { dev }) });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, component]) => component);
}

/** npm, from lockfileVersion 2 on: packages by their places. */
function readNpm(text: string): LockedPackages {
  const packages = JSON.parse(text)?.packages;
  if (!isFields(packages)) throw new RangeError("it has no packages; npm 7 and later write them");
  const root = fields(packages[""]);
  const direct = ["dependencies", "optionalDependencies", "devDependencies"].flatMap((key) =>
    Object.keys(fields(root[key])),
  );
  return {
    direct,
    packages: Object.entries(packages).flatMap(([place, value]) => {
      const { version, name, link, dev, integrity, license } = fields(value);
      const at = place.lastIndexOf("node_modules/");
      if (at < 0 || link === true || typeof version !== "string") return [];
      return [
        {
          name: typeof name === "string" ? name : place.slice(at + "node_modules/".length),
          version,
          ...(dev === true && { dev }),
          ...(typeof integrity === "string" && { integrity }),
          ...(typeof license === "string" && { license }),
        },
      ];
    }),
  };
}

/** pnpm: `name@version`, `/name@version` before lockfileVersion 9; what comes in parentheses are versions of peers. */
async function readPnpm(text: string): Promise<LockedPackages> {
  const { parse } = await import("yaml");
  const { packages } = fields(parse(text));
  return {
    direct: undefined,
    packages: Object.entries(fields(packages)).flatMap(([key, value]) => {
      const match = /^\/?(@?[^@]+)@([^(@]+)(?:\(.*)?$/.exec(key);
      if (!match) return [];
      const { dev, resolution } = fields(value);
      const { integrity } = fields(resolution);
      return [
        {
          name: match[1]!,
          version: match[2]!,
          ...(dev === true && { dev }),
          ...(typeof integrity === "string" && { integrity }),
        },
      ];
    }),
  };
}

/** Yarn, both kinds: packages by what asks for them. */
async function readYarn(text: string): Promise<LockedPackages> {
  const { parseSyml } = await import("@yarnpkg/parsers");
  return {
    direct: undefined,
    packages: Object.entries(fields(parseSyml(text))).flatMap(([keys, value]) => {
      const { version, integrity } = fields(value);
      const name = /^(@?[^@]+)@/.exec(keys)?.[1];
      // Workspaces are the project's own.
      if (!name || typeof version !== "string" || /@workspace:/.test(keys)) return [];
      return [{ name, version, ...(typeof integrity === "string" && { integrity }) }];
    }),
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}
