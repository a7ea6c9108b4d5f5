/** Milliseconds that only grow. `performance` says the same, and asking for it the first time loads a dozen of Node's modules. */
export function milliseconds(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
