import { ExecutableError } from "../error.ts";
import { Bundles } from "./bundles.ts";
import type { IcuData } from "./data.ts";
import { nearest } from "./nearest.ts";

/**
 * The locales of ICU data and how they depend on one another. Each tree (the root, `curr`, `lang`, …) has a bundle
 * per locale for which it has data, and an index of those bundles, `res_index`. A bundle that lacks something asks its
 * parent: the one named by its `%%Parent`, else the one with the last part of its name cut off (`en_GB` names
 * `en_001`, `pt_BR` goes to `pt`). A bundle with `%%ALIAS` is another name of a locale (`iw` of `he`, `zh_TW` of
 * `zh_Hant_TW`). `parentLocales` in `supplementalData` names the parents of locales without a bundle of their own.
 * (icu4c/source/common/uresbund.cpp, locresdata.cpp; Unicode TS 35 "Locale Inheritance and Matching".)
 */
export interface IcuLocales {
  /** In ICU's spelling, such as `zh_Hant_TW`. */
  readonly ids: ReadonlySet<string>;
  /** Other names by what they stand for. */
  readonly aliases: ReadonlyMap<string, string>;
  /** The parents of locales by their children; only those that cutting a name does not give. */
  readonly parents: ReadonlyMap<string, string>;
}

const root = "root";

/**
 * The locales that the data has something for, and other names of them, as language tags (`en-GB`, `zh-Hant-TW`),
 * sorted.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED.
 */
export async function icuLocales(data: IcuData): Promise<readonly string[]> {
  return tags((await readLocales(new Bundles(data))).ids);
}

/** As language tags, without the few names of ICU's that are none (`no_NO_NY`). */
export function tags(ids: Iterable<string>): readonly string[] {
  const all = [...ids].map((id) => id.replaceAll("_", "-"));
  return all.filter((tag) => languageTag.test(tag)).sort();
}

// Language, script, region, variants (RFC 5646, section 2.1), in ICU's capitals.
const languageTag = /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?(-([A-Z\d]{5,8}|\d[A-Z\d]{3}))*$/;

export async function readLocales(bundles: Bundles): Promise<IcuLocales> {
  const index = await bundles.get("res_index.res");
  const lists = index?.entries(index.root);
  const names = (key: string) => [...(index?.entries(lists?.get(key) ?? 0).keys() ?? [])];
  const aliasNames = names("AliasLocales");
  const ids = new Set([...names("InstalledLocales"), ...aliasNames]);
  const aliases = new Map<string, string>();
  for (const name of aliasNames) {
    const target = await rootString(bundles, `${name}.res`, "%%ALIAS");
    if (target !== undefined) aliases.set(name, target);
  }
  return { ids, aliases, parents: await readParents(bundles) };
}

async function readParents(bundles: Bundles): Promise<Map<string, string>> {
  const parents = new Map<string, string>();
  const bundle = await bundles.get("supplementalData.res");
  const table = bundle?.entries(bundle.root).get("parentLocales");
  if (!bundle || table === undefined) return parents;
  for (const [parent, children] of bundle.entries(table)) {
    for (const child of bundle.stringList(children)) parents.set(child, parent);
  }
  return parents;
}

/**
 * The locales that are kept when `requested` ones are: these, everything below them (`en` stands for all of English,
 * `zh-Hant` for traditional Chinese everywhere), their parents, what `Intl` turns to when one of its classes has nothing
 * for a locale (the same without its last part, ECMA-402 "BestAvailableLocale"), and all other names of those.
 *
 * @param requested language tags, in any capitals.
 * @throws ExecutableError EXECUTABLE_LOCALE_UNKNOWN.
 */
export async function keptLocales(
  bundles: Bundles,
  locales: IcuLocales,
  requested: readonly string[],
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  const seen = new Set([root]);
  const pending: string[] = [];
  for (const id of findLocales(locales, requested)) {
    const target = locales.aliases.get(id) ?? id;
    pending.push(id, ...[...locales.ids].filter((other) => other.startsWith(`${target}_`)));
  }
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    // Some parents are no locales of their own, but lead to one.
    if (locales.ids.has(id)) kept.add(id);
    // Trees may disagree: in coll, sr_ME is Cyrillic.
    const named = await namedIn(bundles, id, locales.aliases.has(id) ? "%%ALIAS" : "%%Parent");
    pending.push(cut(id), locales.parents.get(id) ?? root, ...named);
  }
  for (const [name, target] of locales.aliases) if (kept.has(target)) kept.add(name);
  return kept;
}

/** The names in ICU's spelling. */
export function findLocales({ ids }: IcuLocales, requested: readonly string[]): readonly string[] {
  const known = new Map([...ids].map((id) => [id.toLowerCase(), id]));
  return requested.map((name) => {
    const id = known.get(name.replaceAll("-", "_").toLowerCase());
    if (id !== undefined) return id;
    const similar = nearest(name, tags(ids));
    throw new ExecutableError(
      "EXECUTABLE_LOCALE_UNKNOWN",
      `there is no data for locale ${JSON.stringify(name)}${similar.length > 0 ? `; there is for ${similar.join(", ")}` : ""}`,
    );
  });
}

/**
 * Bundles that are asked for whatever the program's locale is: English currency names, by which V8 knows what a
 * currency is (Intl.supportedValuesOf), and the spelled-out numbers that `numberingSystems` refers to (Chinese dates
 * are in all languages). As names of items without `.res`.
 */
export async function sharedBundles(bundles: Bundles): Promise<readonly string[]> {
  const shared = ["curr/en"];
  const bundle = await bundles.get("numberingSystems.res");
  const systems = bundle?.entries(bundle.entries(bundle.root).get("numberingSystems") ?? 0);
  for (const system of systems?.values() ?? []) {
    const locale = /^(\w+)\//.exec(bundle?.text(system, "desc") ?? "")?.[1];
    if (locale !== undefined) shared.push(`rbnf/${locale}`);
  }
  return shared;
}

/**
 * The items that bundles need to be understood: themselves, and all that they lead to. In each tree that is what it
 * is there (in `coll`, `sr_Latn` has `sr` as its parent).
 *
 * @param names of items without `.res`, which need not be there.
 */
export async function bundleItems(
  bundles: Bundles,
  { parents }: IcuLocales,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const items = new Set<string>();
  const seen = new Set<string>();
  const pending = [...names];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const id = path.slice(folder.length);
    if (id === root) continue;
    const item = `${path}.res`;
    const bundle = await bundles.get(item);
    if (bundle) items.add(item);
    const named = bundle?.text(bundle.root, "%%ALIAS") ?? bundle?.text(bundle.root, "%%Parent");
    // Collations have a hierarchy of their own: without a word from the bundle, both ways are kept.
    for (const next of named === undefined ? [parents.get(id) ?? root, cut(id)] : [named])
      pending.push(`${folder}${next}`);
    for (const alias of bundle?.aliases() ?? []) {
      const target = aliasTarget(alias);
      if (target !== undefined) pending.push(target);
    }
  }
  return items;
}

/** What the bundles of a locale in all trees name as their parent, or as what they stand for. */
async function namedIn(bundles: Bundles, id: string, key: "%%ALIAS" | "%%Parent"): Promise<Set<string>> {
  const named = new Set<string>();
  for (const tree of bundles.trees) {
    const name = await rootString(bundles, `${tree}${id}.res`, key);
    if (name !== undefined) named.add(name);
  }
  return named;
}

/** `/ICUDATA-curr/de/Currencies` is in `curr/de`; `/LOCALE/…` stays with the locale and its parents. */
function aliasTarget(path: string): string | undefined {
  const match = /^\/ICUDATA(?:-([a-z]+))?\/([A-Za-z0-9_]+)(?:\/|$)/.exec(path);
  return match ? `${match[1] ? `${match[1]}/` : ""}${match[2]}` : undefined;
}

function cut(id: string): string {
  const end = id.lastIndexOf("_");
  return end < 0 ? root : id.slice(0, end);
}

async function rootString(bundles: Bundles, item: string, key: string): Promise<string | undefined> {
  const bundle = await bundles.get(item);
  return bundle?.text(bundle.root, key);
}
