import { type BuildEvent, sharedReason, type Target, targets } from "@sbp/core";
import type { Colors } from "../terminal.ts";
import { printable } from "./text.ts";
import { formatDuration } from "./units.ts";

type Ended = Extract<BuildEvent, { type: "action-finished" | "action-failed" | "action-cancelled" }>;

interface StepState {
  readonly waiting: Set<string>;
  readonly ended: Ended[];
}

/** Follows the steps of a build: a step has ended when all its actions, in all lanes, have. */
export class Steps {
  readonly #states = new Map<string, StepState>();
  #width = 0;

  /** Takes note of an event. Returns the line of the step that has ended with it, if one has. */
  take(event: BuildEvent, paint: Colors, showUnchanged: boolean): string | undefined {
    if (event.type === "build-started") {
      for (const { id, step } of event.actions) this.#state(step).waiting.add(id);
      this.#width = Math.max(...[...this.#states.keys()].map((step) => step.length), 0);
    }
    if (!isEnded(event)) return undefined;
    const state = this.#state(event.step);
    state.ended.push(event);
    state.waiting.delete(event.action);
    if (state.waiting.size > 0) return undefined;
    if (!showUnchanged && state.ended.every(isUnchanged)) return undefined;
    return this.#line(event.step, state.ended, paint);
  }

  #state(step: string): StepState {
    const state = this.#states.get(step) ?? { waiting: new Set(), ended: [] };
    this.#states.set(step, state);
    return state;
  }

  #line(step: string, ended: readonly Ended[], paint: Colors): string {
    const failed = ended.filter((event) => event.type === "action-failed");
    const cancelled = ended.filter((event) => event.type === "action-cancelled");
    const ran = ended
      .filter((event) => event.type === "action-finished")
      .filter(({ outcome }) => outcome === "ran");
    const name = printable(step).padEnd(this.#width);
    if (failed.length > 0) return `  ${paint.red("✗")} ${name}  ${paint.red("failed")}${lanes(failed)}`;
    if (cancelled.length > 0) {
      const because = cancelled.find((event) => event.because !== undefined)?.because;
      const why = because === undefined ? "cancelled" : `not run, it needs ${printable(because)}`;
      return `  ${paint.dim(`- ${name}  ${why}`)}`;
    }
    if (ran.length === 0) {
      const isShared = ended.some(
        (event) => event.type === "action-finished" && event.reason === sharedReason,
      );
      return `  ${paint.green("✓")} ${name}  ${paint.dim(isShared ? sharedReason : "unchanged")}`;
    }
    const longest = Math.max(...ran.map(({ ms }) => ms));
    const reasons = [...new Set(ran.map(({ reason }) => reason))];
    const why = printable(reasons[0]!) + (reasons.length > 1 ? ", …" : "");
    return `  ${paint.green("✓")} ${name}  ${formatDuration(longest)}${lanes(ran)}  ${paint.dim(why)}`;
  }
}

function isUnchanged(event: Ended): boolean {
  return event.type === "action-finished" && event.outcome === "cached";
}

function isEnded(event: BuildEvent): event is Ended {
  return (
    event.type === "action-finished" || event.type === "action-failed" || event.type === "action-cancelled"
  );
}

/** `  linux-x64, linux-arm64`; nothing for a step of the whole project. */
function lanes(events: readonly { readonly target?: Target }[]): string {
  const named = targets.filter((target) => events.some((event) => event.target === target));
  return named.length === 0 ? "" : `  ${named.join(", ")}`;
}
