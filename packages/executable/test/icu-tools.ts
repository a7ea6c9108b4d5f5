import { open } from "node:fs/promises";
import { join } from "node:path";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import {
  applyEdit,
  findIcuData,
  fromBytes,
  fromFile,
  type IcuData,
  type IcuReduction,
  loadedRanges,
  planElfHole,
  readElf,
  reduceIcuData,
} from "../src/index.ts";
import { openSource, temporaryFolder } from "./tools.ts";

/** The data of an official runtime, of Linux unless another target is given. */
export async function icuData(version = "26.10.0", target = "linux-x64"): Promise<IcuData> {
  return findIcuData(await openSource(await testRuntime(version, target)));
}

let package26: Promise<Uint8Array> | undefined;

/** The data of Node 26.10.0 alone, read once for all tests of a file. */
export async function icuPackage(): Promise<IcuData> {
  package26 ??= readPackage();
  return findIcuData(fromBytes(await package26));
}

async function readPackage(): Promise<Uint8Array> {
  const file = await open(await testRuntime("26.10.0", "linux-x64"));
  try {
    const { source, offset, size } = await findIcuData(await fromFile(file));
    return await source.read(offset, size);
  } finally {
    await file.close();
  }
}

/** Every item of a package by its name. */
export async function contents(data: IcuData): Promise<Map<string, Buffer>> {
  const items = new Map<string, Buffer>();
  for (const { name, offset, size } of data.items)
    items.set(name, Buffer.from(await data.source.read(data.offset + offset, size)));
  return items;
}

/** A runtime with reduced data, which does not store what it is rid of. */
export async function reducedRuntime(version: string, target: string, reduction: IcuReduction) {
  const runtime = await testRuntime(version, target);
  const source = await openSource(runtime);
  const elf = await readElf(source);
  const data = await findIcuData(source, loadedRanges(elf));
  const reduced = await reduceIcuData(data, reduction);
  const patch = { offset: data.offset, bytes: reduced.bytes };
  const edit = await planElfHole(elf, reduced.freed, [patch]);
  const path = join(await temporaryFolder(), "node");
  await applyEdit(runtime, path, edit);
  return { path, runtime, elf, edit, data, reduced };
}
