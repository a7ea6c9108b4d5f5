import type { ByteRange } from "../byte-source.ts";
import type { Patch } from "../edit.ts";
import { Bundles } from "./bundles.ts";
import { converterItems, encodingNames, isConverter } from "./converters.ts";
import { type IcuData, readItem } from "./data.ts";
import { dictionaryItems, dictionaryScripts } from "./dictionaries.ts";
import { bundleItems, findLocales, keptLocales, readLocales, sharedBundles, tags } from "./locales.ts";
import { writePackage } from "./package.ts";
import { reduceIndex } from "./resource-index.ts";

export interface IcuReduction {
  /**
   * Language tags. Each stands for itself and everything below it: `en` for all of English, `zh-Hant` for traditional
   * Chinese everywhere, `pt-BR` for Brazil. Parents and other names of what is kept are kept, too.
   */
  readonly locales: readonly string[];
  /**
   * Legacy encodings that TextDecoder keeps, by their names in the Encoding Standard, such as `shift_jis`: all of them
   * unless given. Unicode encodings and windows-1252 always work.
   */
  readonly encodings?: "all" | "none" | readonly string[];
  /**
   * Locales whose text is still split into words when it is written without spaces (Thai, Lao, Khmer, Burmese,
   * Chinese, Japanese), whatever locale the program asks for: the kept ones unless given.
   */
  readonly segmentation?: "all" | readonly string[];
}

export interface ReducedIcuData {
  /** A package that takes the place of the old one. */
  readonly bytes: Uint8Array;
  /** The part of the file that the old package has and the new one, in the same place, does not need. */
  readonly freed: ByteRange;
  /** The locales that are kept: language tags, sorted. */
  readonly locales: readonly string[];
  readonly removedItems: number;
}

// What C++ programs can ask ICU for, but no JavaScript: transliteration, character names, look-alike letters,
// preparation of Internet strings (RFC 3454), converters outside the Encoding Standard.
const unreachable = /^translit\/|^unames\.icu$|^confusables\.cfu$|\.spp$/;

/**
 * Makes a smaller package of the items that the kept locales need: their bundles in every tree and those they lead to;
 * everything that belongs to no locale; and the converters and dictionaries that are asked for. `Intl` answers as
 * before for the kept locales, and no longer lists the others, which fall back as ICU does for unknown ones.
 *
 * @throws ExecutableError EXECUTABLE_LOCALE_UNKNOWN, EXECUTABLE_ENCODING_UNKNOWN, EXECUTABLE_MALFORMED.
 */
export async function reduceIcuData(
  data: IcuData,
  { locales: requested, encodings = "all", segmentation }: IcuReduction,
): Promise<ReducedIcuData> {
  const bundles = new Bundles(data);
  const locales = await readLocales(bundles);
  const kept = await keptLocales(bundles, locales, requested);

  const own = bundles.trees.flatMap((tree) => [...kept].map((id) => `${tree}${id}`));
  const needed = new Set(await bundleItems(bundles, locales, [...own, ...(await sharedBundles(bundles))]));
  const names = encodings === "all" ? encodingNames : encodings === "none" ? [] : encodings;
  for (const item of await converterItems(data, names)) needed.add(item);
  const dictionaries = await dictionaryItems(bundles);
  const scripts =
    segmentation === "all"
      ? undefined
      : dictionaryScripts(segmentation ? findLocales(locales, segmentation) : [...kept]);
  for (const [item, itemScripts] of dictionaries) {
    if (!scripts || [...itemScripts].some((script) => scripts.has(script))) needed.add(item);
  }

  const isKept = (name: string): boolean => {
    if (needed.has(name)) return true;
    if (unreachable.test(name) || isConverter(name) || dictionaries.has(name)) return false;
    const base = name.slice(name.lastIndexOf("/") + 1);
    return !(base.endsWith(".res") && locales.ids.has(base.slice(0, -4)));
  };
  const items = data.items.filter(({ name }) => isKept(name));
  const contents: { name: string; bytes: Uint8Array }[] = [];
  for (const item of items) {
    const bytes = await readItem(data, item);
    const isIndex = /(?:^|\/)res_index\.res$/.test(item.name);
    contents.push({ name: item.name, bytes: isIndex ? reduceIndex(bytes, kept) : bytes });
  }
  const header = await data.source.read(data.offset, data.headerSize);
  const bytes = writePackage(header, data.prefix, contents);
  return {
    bytes,
    freed: { offset: data.offset + bytes.length, size: data.size - bytes.length },
    locales: tags(kept),
    removedItems: data.items.length - items.length,
  };
}

/**
 * The change to a file of any format that puts reduced data in the place of the old, with zeros behind it. (In ELF
 * files `planElfHole` can take the zeros away.)
 */
export function icuDataPatch({ offset, size }: IcuData, { bytes }: ReducedIcuData): Patch {
  const padded = new Uint8Array(size);
  padded.set(bytes);
  return { offset, bytes: padded };
}
