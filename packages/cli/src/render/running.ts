import { type BuildEvent, type Target, targets } from "@sbp/core";
import type { Colors } from "../terminal.ts";
import { fit, printable } from "./text.ts";
import { formatBytes } from "./units.ts";

interface Running {
  readonly label: string;
  readonly target: Target | undefined;
  /** It is no action but a step that pins versions, which tells nobody when it has ended. */
  readonly pinning: boolean;
  /** On the clock of `performance.now()`. */
  readonly since: number;
  message: string;
  current?: number | undefined;
  total?: number | undefined;
  unit?: "bytes" | "items" | undefined;
}

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const barColumns = 16;

/** What runs right now, one line each. */
export class RunningActions {
  readonly #running = new Map<string, Running>();
  #frames = 0;

  /** Takes note of an event; true when something runs after it. */
  take(event: BuildEvent): boolean {
    switch (event.type) {
      case "action-started":
        this.#endPinning();
        this.#running.set(event.action, {
          label: event.action,
          target: event.target,
          pinning: false,
          since: performance.now(),
          message: event.reason,
        });
        break;
      case "action-progress": {
        const running = this.#running.get(event.action) ?? {
          label: event.action,
          target: undefined,
          pinning: true,
          since: performance.now(),
          message: "",
        };
        const { message, current, total, unit } = event;
        this.#running.set(event.action, Object.assign(running, { message, current, total, unit }));
        break;
      }
      case "action-finished":
      case "action-failed":
      case "action-cancelled":
        this.#endPinning();
        this.#running.delete(event.action);
        break;
    }
    return this.#running.size > 0;
  }

  /** All versions are pinned before the first action. */
  #endPinning(): void {
    for (const [id, { pinning }] of this.#running) if (pinning) this.#running.delete(id);
  }

  /** The next picture: a line for each, lanes together, the project's own first. */
  frame(paint: Colors, columns: number, now: number): string[] {
    const turn = spinner[this.#frames++ % spinner.length]!;
    const lane = ({ target }: Running) => (target === undefined ? -1 : targets.indexOf(target));
    const sorted = [...this.#running.values()].sort((a, b) => lane(a) - lane(b) || a.since - b.since);
    const width = Math.max(...sorted.map(({ label }) => label.length), 0);
    return sorted.map((running) => {
      const label = `  ${turn} ${printable(running.label).padEnd(width)}  `;
      const room = columns - label.length - 1;
      const details = [progress(running), elapsed(now - running.since)].filter((text) => text !== "");
      // What moves comes first, so that the message alone is cut on a narrow terminal.
      const text = fit([...details, printable(running.message).replace(/\s+/g, " ")].join("  "), room);
      return `  ${paint.cyan(turn)} ${label.slice(4)}${paint.dim(text)}`;
    });
  }
}

/** `████████░░░░░░░░ 45.2 MB of 98.0 MB`, `3 of 7`, `1.2 MB`. */
function progress({ current, total, unit }: Running): string {
  if (current === undefined) return "";
  const show = (amount: number) => (unit === "bytes" ? formatBytes(amount) : String(amount));
  if (!total) return show(current);
  const filled = Math.round(Math.max(0, Math.min(1, current / total)) * barColumns);
  const bar = "█".repeat(filled) + "░".repeat(barColumns - filled);
  return `${unit === "bytes" ? `${bar} ` : ""}${show(current)} of ${show(total)}`;
}

/** Whole seconds, from the second on. */
function elapsed(ms: number): string {
  return ms < 2000 ? "" : `${Math.floor(ms / 1000)} s`;
}
