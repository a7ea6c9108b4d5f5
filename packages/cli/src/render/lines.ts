import type { BuildEvent } from "@sbp/core";
import type { Channel } from "../terminal.ts";
import { renderDiagnostic } from "./diagnostic.ts";
import { Steps } from "./steps.ts";
import { printable } from "./text.ts";
import { count } from "./units.ts";

export interface LinesOptions {
  readonly verbose: boolean;
  /** The app that is run after the build is what matters. */
  readonly leavesStdout?: boolean;
}

/** Warnings of one code that an action shows. */
const mostOfAKind = 5;

/** The lines of a build that stay on the screen, whether it is shown live or plainly. */
export class Lines {
  readonly #channel: Channel;
  readonly #verbose: boolean;
  /** Who only wants to see the app run is told of what that takes, not of what it does not. */
  readonly #showUnchanged: boolean;
  readonly #steps = new Steps();
  readonly #reported = new Set<string>();
  /** What to do is said once, where many places need it. */
  readonly #hints = new Set<string>();

  /** By action and code: how many are on the screen, and how many are not. */
  readonly #kinds = new Map<string, { shown: number; folded: number }>();
  #notes = 0;

  constructor(channel: Channel, { verbose, leavesStdout = false }: LinesOptions) {
    this.#channel = channel;
    this.#verbose = verbose;
    this.#showUnchanged = verbose || !leavesStdout;
  }

  /** What an event adds; undefined for nothing. */
  of(event: BuildEvent): string | undefined {
    const { paint } = this.#channel;
    const step = this.#steps.take(event, paint, this.#showUnchanged);
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
        if (event.diagnostic.severity === "info" && !this.#verbose) {
          this.#notes++;
          return undefined;
        }
        if (this.#isFolded(event)) return undefined;
        const { hint, ...rest } = event.diagnostic;
        if (hint === undefined || !this.#hints.has(hint)) {
          if (hint !== undefined) this.#hints.add(hint);
          return text;
        }
        return renderDiagnostic(rest, this.#channel);
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
        return [...this.#folded(event.action), ...(step === undefined ? [] : [step])].join("\n") || undefined;
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

  /** Many warnings of a kind have one cause, most often: some of them show it. */
  #isFolded({ action, diagnostic }: Extract<BuildEvent, { type: "diagnostic" }>): boolean {
    const key = `${action} ${diagnostic.code}`;
    const kind = this.#kinds.get(key) ?? { shown: 0, folded: 0 };
    this.#kinds.set(key, kind);
    const isShown = this.#verbose || diagnostic.severity === "error" || kind.shown < mostOfAKind;
    if (isShown) kind.shown++;
    else kind.folded++;
    return !isShown;
  }

  /** A line for each kind of which an action had more than were shown. */
  #folded(action: string): string[] {
    const { paint } = this.#channel;
    return [...this.#kinds].flatMap(([key, { folded }]) =>
      folded > 0 && key.startsWith(`${action} `)
        ? [
            `${paint.yellow("warning")} ${paint.bold(key.slice(action.length + 1))}: ${folded} more: --verbose shows them`,
          ]
        : [],
    );
  }

  /** What is left to say at the end; undefined for nothing. */
  end(): string | undefined {
    if (this.#notes === 0) return undefined;
    return `  ${this.#channel.paint.dim(`${count(this.#notes, "note")}: --verbose shows ${this.#notes === 1 ? "it" : "them"}`)}`;
  }
}
