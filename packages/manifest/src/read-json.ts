/*
 * From JSON that anybody may have written to manifests: every field is checked, what is unknown is left out, and what
 * contradicts itself is refused. Costs one look at each value.
 */
import { ManifestError, malformed } from "./error.ts";
import {
  type BundleManifest,
  type Manifest,
  type ManifestAddon,
  type ManifestFile,
  type ManifestLibraries,
  type ManifestPackage,
  type ManifestRuntime,
  type ManifestSource,
  manifestFormat,
} from "./manifest.ts";

/** What `encodeManifest` keeps apart. */
export interface Details {
  readonly packages: readonly PackageDetails[];
  readonly shaken?: Manifest["shaken"];
}

type PackageDetails = Pick<
  ManifestPackage,
  "integrity" | "files" | "removedFiles" | "removedExports" | "folders"
>;

type Fields = Readonly<Record<string, unknown>>;

/** Characters; PATH_MAX of Linux. */
const longestText = 4096;
const mostItems = 1_000_000;

/** @throws ManifestError MANIFEST_MALFORMED, MANIFEST_VERSION. */
export function readManifestJson(value: unknown): Manifest {
  const { format, app, target, runtime, packages, libraries, addons, embedded, build, source } = fields(
    value,
    "manifest",
  );
  if (typeof format === "number" && format !== manifestFormat)
    throw new ManifestError(
      "MANIFEST_VERSION",
      `the manifest has format ${format}, and this version knows ${manifestFormat}`,
    );
  if (format !== manifestFormat) throw malformed("it has no format");
  const list = items(packages, "packages");
  const read = list.map((one, index) => readPackage(one, index, list.length));
  const { name, version, bytes, dependencies } = fields(app, "app");
  return {
    format,
    app: {
      name: text(name, "app.name"),
      version: text(version, "app.version"),
      ...optional("bytes", bytes, (value) => count(value, "app.bytes")),
      ...optional("dependencies", dependencies, (value) => indices(value, list.length, "app.dependencies")),
    },
    target: text(target, "target"),
    runtime: readRuntime(runtime),
    packages: read,
    ...optional("libraries", libraries, readLibraries),
    ...optional("addons", addons, (value) =>
      items(value, "addons").map((addon) => readAddon(addon, list.length)),
    ),
    ...optional("embedded", embedded, (value) => sizes(value, "embedded")),
    build: readBuild(build),
    ...optional("source", source, readSource),
  };
}

/** @throws ManifestError MANIFEST_MALFORMED, also where they are not the details of these packages. */
export function readDetails(value: unknown, cores: readonly ManifestPackage[]): Details {
  const { packages, shaken } = fields(value, "details");
  const list = items(packages, "details");
  if (list.length !== cores.length)
    throw malformed(`there are details of ${list.length} packages, but ${cores.length} packages`);
  return {
    packages: list.map((one, index) => readPackageDetails(one, cores[index]!)),
    ...optional("shaken", shaken, (value) =>
      items(value, "shaken").map((one) => {
        const { name, version } = fields(one, "shaken");
        return { name: text(name, "shaken"), version: text(version, "shaken") };
      }),
    ),
  };
}

/**
 * Reads what a bundle's artifact tells, which any plugin may have made.
 *
 * @throws ManifestError MANIFEST_MALFORMED.
 */
export function readBundleManifest(value: unknown): BundleManifest {
  const { packages, dependencies, source } = fields(value, "manifest");
  const list = items(packages, "packages");
  const cores = list.map((one, index) => readPackage(one, index, list.length));
  const details = readDetails(value, cores);
  return {
    packages: cores.map((core, index) => ({ ...core, ...details.packages[index] })),
    ...optional("dependencies", dependencies, (value) => indices(value, list.length, "dependencies")),
    ...(details.shaken && { shaken: details.shaken }),
    ...optional("source", source, readSource),
  };
}

function readPackage(value: unknown, index: number, length: number): ManifestPackage {
  const where = `packages[${index}]`;
  const { name, version, license, bundled, carried, addons, dependencies } = fields(value, where);
  return {
    name: text(name, `${where}.name`),
    version: text(version, `${where}.version`),
    ...optional("license", license, (value) => text(value, `${where}.license`)),
    ...optional("bundled", bundled, (value) => sizes(value, `${where}.bundled`)),
    ...optional("carried", carried, (value) => sizes(value, `${where}.carried`)),
    ...optional("addons", addons, (value) => count(value, `${where}.addons`)),
    ...optional("dependencies", dependencies, (value) => indices(value, length, `${where}.dependencies`)),
  };
}

function readPackageDetails(value: unknown, core: ManifestPackage): PackageDetails {
  const where = `details of ${core.name}`;
  const { integrity, files, removedFiles, removedExports, folders } = fields(value, where);
  const details: PackageDetails = {
    ...optional("integrity", integrity, (value) => text(value, where)),
    ...optional("files", files, (value) => items(value, where).map((file) => readFile(file, where))),
    ...optional("removedFiles", removedFiles, (value) => texts(value, where)),
    ...optional("removedExports", removedExports, (value) =>
      Object.fromEntries(
        Object.entries(fields(value, where)).map(([file, names]) => [text(file, where), texts(names, where)]),
      ),
    ),
    ...optional("folders", folders, (value) => texts(value, where)),
  };
  const bytes = details.files?.reduce((sum, file) => sum + file.bytes, 0) ?? 0;
  if ((details.files?.length ?? 0) !== (core.bundled?.files ?? 0) || bytes !== (core.bundled?.bytes ?? 0))
    throw malformed(`the files of ${core.name} are not what is said of them`);
  return details;
}

function readFile(value: unknown, where: string): ManifestFile {
  const { path, bytes } = fields(value, where);
  return { path: text(path, where), bytes: count(bytes, where) };
}

function readRuntime(value: unknown): ManifestRuntime {
  const { name, version, parts, own } = fields(value, "runtime");
  if (name !== "node") throw malformed("its runtime is not node");
  if (own !== undefined && own !== true) throw malformed("runtime.own");
  return {
    name,
    version: text(version, "runtime.version"),
    ...optional("parts", parts, (value) =>
      Object.fromEntries(
        Object.entries(fields(value, "runtime.parts")).map(([part, version]) => [
          text(part, "runtime.parts"),
          text(version, "runtime.parts"),
        ]),
      ),
    ),
    ...(own === true && { own }),
  };
}

function readLibraries(value: unknown): ManifestLibraries {
  const { distribution, packages } = fields(value, "libraries");
  return {
    distribution: text(distribution, "libraries.distribution"),
    packages: items(packages, "libraries.packages").map((one) => {
      const { name, version, architecture, source, license } = fields(one, "libraries.packages");
      return {
        name: text(name, "libraries.name"),
        version: text(version, "libraries.version"),
        architecture: text(architecture, "libraries.architecture"),
        source: text(source, "libraries.source"),
        license: text(license, "libraries.license"),
      };
    }),
  };
}

function readAddon(value: unknown, packages: number): ManifestAddon {
  const { path, bytes, package: index } = fields(value, "addons");
  return {
    path: text(path, "addons.path"),
    bytes: count(bytes, "addons.bytes"),
    ...optional("package", index, (value) => indices([value], packages, "addons.package")[0]!),
  };
}

function readBuild(value: unknown): Manifest["build"] {
  const { sbp, options } = fields(value, "build");
  return { sbp: text(sbp, "build.sbp"), options: fields(options, "build.options") };
}

function readSource(value: unknown): ManifestSource {
  const { revision, dirty } = fields(value, "source");
  if (dirty !== undefined && dirty !== true) throw malformed("source.dirty");
  return { revision: text(revision, "source.revision"), ...(dirty === true && { dirty }) };
}

function sizes(value: unknown, where: string): { readonly bytes: number; readonly files: number } {
  const { bytes, files } = fields(value, where);
  return { bytes: count(bytes, where), files: count(files, where) };
}

/** A field that may be absent, as a part of an object. */
function optional<const Key extends string, T>(
  key: Key,
  value: unknown,
  read: (value: unknown) => T,
): { readonly [K in Key]?: T } {
  return value === undefined ? {} : ({ [key]: read(value) } as { readonly [K in Key]: T });
}

function fields(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed(`${where} is no object`);
  return value as Fields;
}

function items(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > mostItems) throw malformed(`${where} is no list`);
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value !== "string" || value.length > longestText) throw malformed(`${where} is no text`);
  return value;
}

function texts(value: unknown, where: string): readonly string[] {
  return items(value, where).map((one) => text(one, where));
}

function count(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw malformed(`${where} is no number of something`);
  return value as number;
}

function indices(value: unknown, length: number, where: string): readonly number[] {
  const list = items(value, where);
  for (const [index, one] of list.entries()) {
    if (!Number.isSafeInteger(one) || (one as number) < 0 || (one as number) >= length)
      throw malformed(`${where} names a package that is not there`);
    if (index > 0 && (one as number) <= (list[index - 1] as number))
      throw malformed(`${where} is not sorted`);
  }
  return list as readonly number[];
}
