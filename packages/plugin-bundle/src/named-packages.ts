/*
 * Packages that nothing imports, and that somebody loads by a name that is put together or comes from a table:
 *
 *   app.set("view engine", "ejs")                    the app names it in text
 *   presets: ["env"], { type: "sqljs" }              in short, or spelled another way
 *   import(`@acme/locale-${language}`)               it names the beginning
 *   this._loadDialectModule("pg")                    a package that loads by computed names writes it, and the app has it
 *   { "peerDependencies": { "pg": "8" } }            a package that loads by computed names may want it, and the app has it
 *   require(`@acme/${name}-command`)                 a package names the beginning, and another one depends on what begins so
 *   rule: "textlint-rule-"                           a package writes how names begin, and the app has one
 *   { "peerDependencies": { "postcss": "8" } }       a package that the app has is made for one of those that such a package uses
 *
 * All of them only among what the app declares as its dependencies, as far as it declares any, and what is installed.
 */
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { type Loader, transform } from "esbuild";
import type { Built } from "./build.ts";
import { installedFolder, packageName } from "./carried-packages.ts";
import { readPackageJson } from "./entry.ts";
import { dependenciesOf, nameOf, packageFolder } from "./packages.ts";
import type { Places } from "./places.ts";
import { isDependency } from "./run-time-files.ts";
import { upwards } from "./workspace.ts";

export interface NamedPackages {
  /** Packages, paths in them and `#imports`, and why each is looked up. */
  readonly names: ReadonlyMap<string, string>;
  /** What the targets of `#imports` that a name begins can be, as paths from the project with asterisks. */
  readonly files: ReadonlyMap<string, string>;
  /** Where names are begun for which something was found: `source:line`. */
  readonly found: ReadonlySet<string>;
}

export interface NamedPackagesRequest {
  readonly builts: readonly Built[];
  /** Carried scripts of the app, absolute. */
  readonly scripts: readonly string[];
  /** Sources that load by computed names, relative to the project. */
  readonly computing: ReadonlySet<string>;
  readonly places: Places;
  /** Something can load a module by whatever name it is given (free-loads.ts): names in the app's texts may be meant. */
  readonly isFree: boolean;
}

/** Names and beginnings of names that a source of the app writes. */
interface Written {
  readonly source: string;
  /** With the line where each is written first. */
  readonly texts: ReadonlyMap<string, number>;
  /** Those of them that neither import nor only say a name. */
  readonly meant: ReadonlyMap<string, number>;
  readonly beginnings: readonly { readonly text: string; readonly line: number }[];
}

export async function namedPackages(request: NamedPackagesRequest): Promise<NamedPackages> {
  const { builts, scripts, computing, places, isFree } = request;
  const { projectDir } = places;
  const inputs = [...new Set(builts.flatMap(({ metafile }) => Object.keys(metafile.inputs)))];
  const bundled = new Set(inputs.map(packageFolder).map((folder) => folder && nameOf(folder)));
  const { all, wanted, held } = declaredPackages(places, bundled);
  const isDeclared = (name: string) => all?.has(name) ?? !bundled.has(name);
  const own = inputs.filter((input) => !isDependency(input) && /\.[cm]?[jt]sx?$/.test(input));
  const isPackage = (text: string) => installedFolder(places, packageName(text) ?? text) !== undefined;
  const writtenBy = (sources: readonly string[]) =>
    Promise.all(sources.map((source) => writtenIn(path.resolve(projectDir, source), projectDir, isPackage)));
  const written = (await writtenBy([...own, ...scripts])).flat();
  const loading = new Set([...computing].flatMap((source) => packageFolder(source) ?? []));
  const names = new Map<string, string>();
  const add = (name: string, because: string) => {
    const known = packageName(name) ?? name;
    if (!names.has(name) && installedFolder(places, known)) names.set(name, because);
  };
  const isNamed = (name: string) => names.has(name);
  const imports = (readPackageJson(projectDir)?.["imports"] ?? {}) as Readonly<Record<string, unknown>>;
  const files = new Map<string, string>();
  const found = new Set<string>();

  for (const { source, texts, meant, beginnings } of written) {
    // What is imported and named besides is one copy for both.
    if (isFree && loading.size > 0)
      for (const [text, line] of meant)
        if (held.has(text) && !isBuiltin(text)) add(text, `${source}:${line} names it`);
    for (const [text, line] of texts)
      if (Object.hasOwn(imports, text)) names.set(text, `${source}:${line} names it`);
      else if (isFree && isDeclared(packageName(text) ?? text) && !isBuiltin(text) && (all || !isPath(text)))
        add(text, `${source}:${line} names it`);
    for (const name of wanted)
      if (isFree && isShort(name, texts)) add(name, `${source} names it in short`);
      else if (beginnings.some(({ text }) => name.startsWith(text)))
        add(name, `${source} names what begins like it`);
    for (const { text, line } of beginnings)
      if ([...wanted].some((name) => name.startsWith(text) && names.has(name)))
        found.add(`${source}:${line}`);
    for (const { text, line } of beginnings.filter(({ text }) => text.startsWith("#")))
      for (const [key, target] of Object.entries(imports)) {
        const [prefix = ""] = key.split("*");
        if (!prefix.startsWith(text) && !(key !== prefix && text.startsWith(prefix))) continue;
        found.add(`${source}:${line}`);
        if (key === prefix) names.set(key, `${source} names what begins like it`);
        else for (const pattern of targetsOf(target)) files.set(pattern, source);
      }
  }
  await namesOfPackages({ inputs, computing, loading, bundled, wanted, places, writtenBy, add, isNamed });
  return { names, files, found };
}

interface OfPackages {
  /** Of the bundle, relative to the project. */
  readonly inputs: readonly string[];
  readonly computing: ReadonlySet<string>;
  /** Folders of packages that load by computed names, relative to the project. */
  readonly loading: ReadonlySet<string>;
  /** Names of the packages in the bundle. */
  readonly bundled: ReadonlySet<string | undefined>;
  readonly wanted: ReadonlySet<string>;
  readonly places: Places;
  readonly writtenBy: (sources: readonly string[]) => Promise<Written[][]>;
  readonly add: (name: string, because: string) => void;
  readonly isNamed: (name: string) => boolean;
}

/** Adds what packages of the bundle name, or begin to name, and what is made for them. */
async function namesOfPackages(of: OfPackages): Promise<void> {
  const { inputs, computing, loading, bundled, wanted, places, writtenBy, add, isNamed } = of;
  const { projectDir } = places;
  const loadingNames = new Set([...loading].map(nameOf));
  const folders = [...new Set(inputs.flatMap((input) => packageFolder(input) ?? []))];
  const asking = new Set(
    folders.filter(
      (folder) => loading.has(folder) || needsOf(folder, places).some((name) => loadingNames.has(name)),
    ),
  );
  // What packages depend on and import nowhere waits for such a name as well.
  const waiting = new Set(wanted);
  if (loading.size > 0)
    for (const name of folders.flatMap((folder) => needsOf(folder, places)))
      if (!bundled.has(name)) waiting.add(name);
  const computed = waiting.size > 0 ? inputs.filter((name) => computing.has(name)) : [];
  for (const { source, beginnings } of (await writtenBy(computed)).flat())
    for (const { text, line } of beginnings.filter(({ text }) => /^@[\w.-]+\/|^\w{2,}.*-$/.test(text)))
      for (const name of waiting)
        if (name.startsWith(text)) add(name, `${source}:${line} names what begins like it`);
  if (wanted.size > 0)
    for (const input of inputs.filter((name) => asking.has(packageFolder(name) ?? "") && !isManifest(name))) {
      const isLoading = loading.has(packageFolder(input)!);
      for (const { source, texts } of (await writtenBy([input])).flat())
        for (const [text, line] of texts)
          if (isLoading && wanted.has(packageName(text) ?? "")) add(text, `${source}:${line} names it`);
          else if (/^[\w.-]{4,}-$/.test(text))
            for (const name of wanted)
              if (name.startsWith(text)) add(name, `${source}:${line} names what begins like it`);
    }
  const hosts = new Set(
    [...loading].flatMap((folder) => [
      nameOf(folder),
      ...needsOf(folder, places),
      ...peersOf(path.resolve(projectDir, folder)),
    ]),
  );
  for (const name of wanted) {
    const folder = installedFolder(places, name);
    const host = folder && peersOf(path.resolve(projectDir, folder)).find((peer) => hosts.has(peer));
    if (host) add(name, `it is made for ${host}`);
  }
  for (const folder of loading) {
    const peers = peersOf(path.resolve(projectDir, folder)).filter((name) => wanted.has(name));
    // Which of them is asked for is known where the app names any.
    if (!peers.some(isNamed)) for (const name of peers) add(name, `${nameOf(folder)} may ask for it`);
  }
}

/**
 * What package.json files from the project up declare and the bundle does not hold: `all`, undefined where they declare
 * nothing and whatever is there may be used, and what the app wants at run time. `held` is what they declare and it holds.
 */
function declaredPackages(places: Places, bundled: ReadonlySet<string | undefined>) {
  const all = new Set<string>();
  const wanted = new Set<string>();
  const held = new Set<string>();
  let declaresAny = false;
  for (const folder of upwards(places.projectDir)) {
    const manifest = readPackageJson(folder);
    for (const field of ["dependencies", "optionalDependencies", "devDependencies"])
      for (const name of Object.keys((manifest?.[field] as object | null | undefined) ?? {})) {
        declaresAny = true;
        if (bundled.has(name)) held.add(name);
        if (bundled.has(name)) continue;
        all.add(name);
        if (field !== "devDependencies") wanted.add(name);
      }
    if (folder === places.root) break;
  }
  return { all: declaresAny ? all : undefined, wanted, held };
}

const literal =
  /((?<![\w$.])(?:require|import)\s*\(\s*|\b(?:from|import|name:|id:)\s*)?(["'`])((?:#|@[\w.-]+\/)?[\w.-]+(?:\/[\w./-]+)?)\2/g;
const beginning =
  /\b(?:import|require|resolve)\s*\(\s*(?:`([#@\w][\w@./-]*)\$\{|(["'])([#@\w][\w@./-]*)\2\s*\+)/g;

async function writtenIn(
  file: string,
  projectDir: string,
  isPackage: (text: string) => boolean,
): Promise<Written[]> {
  let source: string;
  try {
    source = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return [
    {
      source: path.relative(projectDir, file).replaceAll(path.sep, "/"),
      ...(await withoutComments(file, source, firstLines(source), isPackage)),
      beginnings: [...source.matchAll(beginning)].map(({ 1: template, 3: text = "", index }) => ({
        text: template ?? text,
        line: source.slice(0, index).split("\n").length,
      })),
    },
  ];
}

/** What documentation says of packages is nothing to load. */
async function withoutComments(
  file: string,
  source: string,
  { texts, meant }: Pick<Written, "texts" | "meant">,
  isPackage: (text: string) => boolean,
): Promise<Pick<Written, "texts" | "meant">> {
  if (!/\/[*/]/.test(source) || ![...texts.keys()].some(isPackage)) return { texts, meant };
  try {
    const loader = path.extname(file).replace(/^\.[cm]?/, "") as Loader;
    const options = { loader, minifyWhitespace: true, legalComments: "none", logLevel: "silent" } as const;
    const { code } = await transform(source, { ...options, jsx: "preserve" });
    const said = new Set([...code.matchAll(literal)].map(([, , , text]) => text));
    const outside = (found: ReadonlyMap<string, number>) =>
      new Map([...found].filter(([text]) => said.has(text)));
    return { texts: outside(texts), meant: outside(meant) };
  } catch {
    // Of a kind that only the options' loaders know.
    return { texts, meant };
  }
}

/** The texts of a source, and where each is written first. */
function firstLines(source: string): Pick<Written, "texts" | "meant"> {
  const texts = new Map<string, number>();
  const meant = new Map<string, number>();
  let line = 1;
  let counted = 0;
  for (const { 1: imports, 3: text = "", index } of source.matchAll(literal)) {
    if (texts.has(text) && (imports !== undefined || meant.has(text))) continue;
    line += source.slice(counted, index).split("\n").length - 1;
    counted = index;
    if (!texts.has(text)) texts.set(text, line);
    if (imports === undefined) meant.set(text, line);
  }
  return { texts, meant };
}

/** `lib/x`, which may be a file; not `@scope/name`. */
function isPath(text: string): boolean {
  return text.includes("/") && !/^@[^/]+\/[^/]+$/.test(text);
}

const kinds =
  "plugin|preset|config|transform|loader|reporter|formatter|parser|driver|adapter|transport|backend|dialect|engine|theme|environment";
const behindKind = new RegExp(`(?:^|[-/])(?:${kinds})-(.+)$`);
const beforeKind = new RegExp(`^(?:@[^/]+/)?(.+)-(?:${kinds})$`);

/** Whether a text is what users of a host write for a package: "env" for babel-preset-env, "@babel/env", "sqljs" for sql.js. */
function isShort(name: string, texts: ReadonlyMap<string, number>): boolean {
  const short = behindKind.exec(name)?.[1] ?? beforeKind.exec(name)?.[1];
  const scope = /^@[^/]+\//.exec(name)?.[0] ?? "";
  if (short !== undefined && (texts.has(short) || texts.has(scope + short))) return true;
  const plain = plainly(name);
  return plain.length > 3 && plain !== name && texts.has(plain);
}

function plainly(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** A package.json, which names all that the package was ever built with. */
function isManifest(input: string): boolean {
  return path.posix.basename(input) === "package.json";
}

/** The packages that one (by its folder relative to the project) depends on. */
function needsOf(folder: string, { projectDir }: Places): string[] {
  return dependenciesOf(path.resolve(projectDir, folder));
}

function peersOf(folder: string): string[] {
  return Object.keys((readPackageJson(folder)?.["peerDependencies"] as object | null | undefined) ?? {});
}

/** The paths that an entry of `imports` can lead to, whatever the conditions. */
function targetsOf(target: unknown): string[] {
  if (typeof target === "string") return target.startsWith("./") ? [target] : [];
  return typeof target === "object" && target !== null ? Object.values(target).flatMap(targetsOf) : [];
}
