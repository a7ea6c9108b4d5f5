import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Plugin, RunContext, Transform } from "../plugin.ts";
import { type Checked, difference } from "./finding.ts";
import { PluginRig } from "./plugin-rig.ts";

/**
 * Cancels at the start of each transform and in its middle: the plugin must end by itself, with its children, leave
 * nothing, and build the same as ever afterwards.
 */
export async function checkCancellation(checked: Checked): Promise<string[]> {
  const { fixture, first, patience } = checked;
  const rig = await PluginRig.create(fixture);
  try {
    const calls = new Watched(fixture.plugin, () => {});
    await rig.run({ plugin: calls.plugin });
    const points = calls.transforms.flatMap(({ index, count }) =>
      [...new Set([0, Math.floor(count / 2)])].map((call) => ({ index, call })),
    );
    const messages = new Set<string>();
    for (const point of points) {
      for (const message of await cancelAt(rig, fixture.plugin, point, patience)) messages.add(message);
    }
    const how = difference(first, await rig.run({ force: true }));
    if (how) messages.add(`After a cancelled run another one differs: ${how}`);
    return [...messages];
  } finally {
    rig.remove();
  }
}

async function cancelAt(
  rig: PluginRig,
  plugin: Plugin,
  point: { readonly index: number; readonly call: number },
  patience: number,
): Promise<string[]> {
  const children = childProcesses();
  const controller = new AbortController();
  const watched = new Watched(plugin, (index, call) => {
    if (index === point.index && call === point.call)
      controller.abort(new Error("cancelled by the contract check"));
  });
  const { outcome } = await rig.run({ plugin: watched.plugin, signal: controller.signal, force: true });
  // What was cancelled too late is done.
  if (outcome === "failed") return ["A cancelled run ends with an error of the plugin's own"];
  const name = plugin.transforms[point.index]?.name;
  const of = name ? ` of the transform "${name}"` : "";
  const messages: string[] = [];
  if (!(await within(patience, () => watched.running === 0)))
    messages.push(`The run${of} does not end when it is cancelled: it must listen to signal`);
  const left = () => childProcesses().filter(({ pid }) => !children.some((child) => child.pid === pid));
  if (!(await within(patience, () => left().length === 0)))
    messages.push(`A cancelled run${of} leaves a process running: ${left()[0]?.command}`);
  if (readdirSync(join(rig.store.dir, "tmp")).length > 0 && watched.running === 0)
    messages.push(`A cancelled run${of} leaves files that cannot be removed`);
  return messages;
}

/** A plugin whose calls to its context are counted, by transform. */
class Watched {
  readonly plugin: Plugin;
  readonly transforms: { readonly index: number; count: number }[];
  running = 0;

  constructor(plugin: Plugin, onCall: (transform: number, call: number) => void) {
    this.transforms = plugin.transforms.map((_, index) => ({ index, count: 0 }));
    const watch = (transform: Transform, index: number): Transform => ({
      ...transform,
      run: async (context) => {
        const counted = this.transforms[index]!;
        const call = () => onCall(index, counted.count++);
        this.running++;
        try {
          call();
          await transform.run(counting(context, call));
        } finally {
          this.running--;
        }
      },
    });
    this.plugin = { ...plugin, transforms: plugin.transforms.map(watch) };
  }
}

/** The same context, telling of each call of its functions. */
function counting(context: RunContext, call: () => void): RunContext {
  const entries = Object.entries(context).map(([key, value]) => {
    if (typeof value !== "function") return [key, value];
    return [
      key,
      (...args: unknown[]) => {
        call();
        return (value as (...all: unknown[]) => unknown)(...args);
      },
    ];
  });
  return Object.fromEntries(entries) as unknown as RunContext;
}

async function within(milliseconds: number, isTrue: () => boolean): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (!isTrue()) {
    if (performance.now() > end) return false;
    await delay(20);
  }
  return true;
}

/** Running children of this process; none where there is no /proc. */
function childProcesses(): { readonly pid: string; readonly command: string }[] {
  let pids: string[] = [];
  try {
    pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return pids.flatMap((pid) => {
    try {
      // "pid (name) state ppid": the name may hold anything.
      const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
      if (Number(parent) !== process.pid || state === "Z") return [];
      return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() }];
    } catch {
      return [];
    }
  });
}
