import type { Bundles } from "./bundles.ts";

/**
 * The scripts that are written without spaces, by the languages that use them. ICU finds their words with the
 * dictionaries (and, in some builds, the models) that `brkitr/root` lists by script.
 */
const scriptsOf: Readonly<Record<string, readonly string[]>> = {
  ja: ["Hani", "Hira", "Kana"],
  km: ["Khmr"],
  lo: ["Laoo"],
  my: ["Mymr"],
  th: ["Thai"],
  yue: ["Hani"],
  zh: ["Hani"],
};

const folder = "brkitr/";

/** Items for the segmentation of scripts, with the scripts that each is for. */
export async function dictionaryItems(bundles: Bundles): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const items = new Map<string, Set<string>>();
  const bundle = await bundles.get(`${folder}root.res`);
  const lists = bundle?.entries(bundle.root);
  for (const list of ["dictionaries", "lstm"]) {
    for (const [script, file] of bundle?.strings(lists?.get(list) ?? 0) ?? []) {
      const scripts = items.get(folder + file) ?? new Set();
      items.set(folder + file, scripts.add(script));
    }
  }
  return items;
}

/** The scripts whose words only a dictionary finds, of locales in ICU's spelling. */
export function dictionaryScripts(ids: readonly string[]): ReadonlySet<string> {
  return new Set(ids.flatMap((id) => scriptsOf[id.split("_")[0]!] ?? []));
}
