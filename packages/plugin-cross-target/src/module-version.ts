import type { JsonObject } from "@sbp/core";
import type { Pins } from "./pins.ts";

/** NODE_MODULE_VERSION by Node's major version (Node's registry of ABI versions). */
const versions: Readonly<Record<string, number>> = {
  20: 115,
  21: 120,
  22: 127,
  23: 131,
  24: 137,
  25: 141,
  26: 147,
};

/** "Node 20 (NODE_MODULE_VERSION 115)", as far as it is known. */
export function nodeOfAbi(abi: number | undefined): string {
  const major = Object.keys(versions).find((key) => versions[key] === abi);
  return major === undefined ? `NODE_MODULE_VERSION ${abi}` : `Node ${major} (NODE_MODULE_VERSION ${abi})`;
}

/** Of the runtime, all that decides which addons it can load; empty for versions that are not known here. */
export function abiPin(pins: JsonObject): JsonObject {
  const { version } = (pins as unknown as Pins).runtime;
  const abi = versions[version.split(".", 1)[0]!];
  return abi === undefined ? {} : { abi };
}
