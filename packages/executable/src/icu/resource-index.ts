import { ResourceBundle } from "./resource-bundle.ts";

const lists = ["InstalledLocales", "AliasLocales"] as const;

/**
 * The `res_index` of a tree with the kept locales only: its tables become shorter where they are. What programs list
 * as available comes from here, not from the bundles.
 */
export function reduceIndex(item: Uint8Array, kept: ReadonlySet<string>): Uint8Array {
  const bundle = new ResourceBundle(item);
  const output = new Uint8Array(item);
  const data = new DataView(output.buffer, bundle.headerSize);
  const root = bundle.entries(bundle.root);
  for (const list of lists) {
    const table = bundle.table(root.get(list) ?? 0);
    if (!table) continue;
    const { count, countAt, keysAt, valuesAt } = table;
    const number = (at: number, size: 2 | 4) =>
      size === 2 ? data.getUint16(at, true) : data.getUint32(at, true);
    const places = Array.from({ length: count }, (_, at) => at).filter((at) =>
      kept.has(bundle.key(table, at)),
    );
    const keys = places.map((at) => number(keysAt + at * table.keySize, table.keySize));
    const values = places.map((at) => number(valuesAt + at * table.valueSize, table.valueSize));
    output.fill(0, bundle.headerSize + countAt, bundle.headerSize + valuesAt + count * table.valueSize);
    const write = (at: number, value: number, size: 2 | 4) =>
      size === 2 ? data.setUint16(at, value, true) : data.setUint32(at, value, true);
    write(countAt, places.length, table.countSize);
    const newValuesAt = keysAt + places.length * table.keySize;
    const alignedValuesAt = Math.ceil(newValuesAt / table.valueSize) * table.valueSize;
    for (const [at, key] of keys.entries()) write(keysAt + at * table.keySize, key, table.keySize);
    for (const [at, value] of values.entries())
      write(alignedValuesAt + at * table.valueSize, value, table.valueSize);
  }
  return output;
}
