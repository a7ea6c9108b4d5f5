import type { BuildEvent } from "@sbp/core";
import type { Channel } from "../terminal.ts";
import { renderDiagnostic } from "./diagnostic.ts";
import { Steps } from "./steps.ts";
import { printable } from "./text.ts";

/** The lines of a build that stay on the screen, whether it is shown live or plainly. */
export class Lines {
  readonly #channel: Channel;
  readonly #verbose: boolean;
  readonly #steps = new Steps();
  readonly #reported = new Set<string>();

  constructor(channel: Channel, verbose: boolean) {
    this.#channel = channel;
    this.#verbose = verbose;
  }

  /** What an event adds; undefined for nothing. */
  of(event: BuildEvent): string | undefined {
    const { paint } = this.#channel;
    const step = this.#steps.take(event, paint);
    switch (event.type) {
      case "lock-changed":
        return event.changes
          .map((change) => `  ${paint.cyan("sbp.lock.json")}  ${printable(change)}`)
          .join("\n");
      case "diagnostic": {
        // Lanes repeat one another.
        const text = renderDiagnostic(event.diagnostic, this.#channel);
        if (this.#reported.has(text)) return undefined;
        this.#reported.add(text);
        return text;
      }
      case "log":
        if (event.level === "debug" && !this.#verbose) return undefined;
        return `  ${paint.dim(`${printable(event.action)}:`)} ${printable(event.message)}`;
      case "action-started":
        if (!this.#verbose) return undefined;
        return `  ${paint.dim(`${printable(event.action)} started: ${printable(event.reason)}`)}`;
      case "action-finished":
      case "action-failed":
      case "action-cancelled":
        return step;
      // Shown live, by the summary, or by the errors at the end.
      case "build-started":
      case "action-progress":
      case "output-published":
      case "build-finished":
        return undefined;
      default:
        return event satisfies never;
    }
  }
}
