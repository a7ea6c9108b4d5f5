import { type IcuData, readItem } from "./data.ts";
import type { IcuItem } from "./package.ts";
import { ResourceBundle } from "./resource-bundle.ts";

/** The resource bundles of a package, read when they are asked for and kept. */
export class Bundles {
  readonly #data: IcuData;
  readonly #items: ReadonlyMap<string, IcuItem>;
  readonly #bundles = new Map<string, Promise<ResourceBundle>>();
  /** The folders that hold locales, "" first: `""`, `"brkitr/"`, `"coll/"`, `"curr/"`, … */
  readonly trees: readonly string[];

  constructor(data: IcuData) {
    this.#data = data;
    this.#items = new Map(data.items.map((item) => [item.name, item]));
    const folders = data.items.map(({ name }) => name.slice(0, name.lastIndexOf("/") + 1));
    this.trees = [...new Set(["", ...folders])].sort();
  }

  /** The bundle of that name, such as `curr/en.res`; undefined when the package has none. */
  async get(name: string): Promise<ResourceBundle | undefined> {
    const item = this.#items.get(name);
    if (!item) return undefined;
    let bundle = this.#bundles.get(name);
    if (!bundle) {
      bundle = this.#read(item);
      this.#bundles.set(name, bundle);
    }
    return bundle;
  }

  async #read(item: IcuItem): Promise<ResourceBundle> {
    const pool = `${item.name.slice(0, item.name.lastIndexOf("/") + 1)}pool.res`;
    return new ResourceBundle(
      await readItem(this.#data, item),
      item.name === pool ? undefined : await this.get(pool),
    );
  }
}
