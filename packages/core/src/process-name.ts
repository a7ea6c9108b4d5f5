import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { sha256 } from "./hash.ts";

let ownPlace: string | undefined;

/** Where process numbers mean the same: several machines and containers may share one folder. */
function place(): string {
  if (ownPlace === undefined) {
    let namespace = "";
    try {
      namespace = readlinkSync("/proc/self/ns/pid");
    } catch {
      // Not on Linux.
    }
    ownPlace = sha256(`${hostname()} ${namespace}`).slice(0, 8);
  }
  return ownPlace;
}

/** Names this process among all that may share a folder: `<place>-<number>`. */
export function processName(): string {
  return `${place()}-${process.pid}`;
}

/** No build runs for longer. Milliseconds. */
const longestRun = 24 * 3_600_000;

/**
 * True when the process of a name has left what it last touched at a time (milliseconds since 1970). Of processes
 * elsewhere, and of numbers that others may have by now, only the time tells.
 */
export function isGone(name: string, lastTouched: number): boolean {
  if (Date.now() - lastTouched > longestRun) return true;
  const [, where, number] = /^([^-]+)-(\d+)$/.exec(name) ?? [];
  if (where !== place()) return false;
  try {
    process.kill(Number(number), 0);
    return false;
  } catch (error) {
    // Another user's are alive.
    return (error as NodeJS.ErrnoException).code !== "EPERM";
  }
}
