import type { BuildEvent } from "@sbp/core";
import type { Terminal } from "../terminal.ts";
import { annotate } from "./annotations.ts";
import { jsonLine } from "./json.ts";
import { LiveRenderer } from "./live.ts";
import { PlainRenderer } from "./plain.ts";

/** Shows the events of a build while it goes on. */
export interface Renderer {
  event(event: BuildEvent): void;
  /** Shows people a line that is no event. */
  notice(text: string): void;
  /** No more events come: leaves the terminal as it was found, but for the finished lines. */
  end(): void;
}

export interface RendererOptions {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** Standard output is not ours: lines of JSON go to standard error. */
  readonly leavesStdout?: boolean;
}

/** Chooses how a build is shown: lines of JSON, live on a terminal, plain lines elsewhere. */
export function openRenderer(terminal: Terminal, options: RendererOptions): Renderer {
  const renderers = [mainRenderer(terminal, options)];
  if (process.env["GITHUB_ACTIONS"] === "true") {
    const annotated = new Set<string>();
    renderers.push({
      event: (event) => {
        if (event.type !== "diagnostic" || (event.diagnostic.severity === "info" && !options.verbose)) return;
        // Lanes repeat one another.
        const line = annotate(event.diagnostic);
        if (!annotated.has(line)) terminal.err.line(line);
        annotated.add(line);
      },
      notice: () => {},
      end: () => {},
    });
  }
  return {
    event: (event) => {
      for (const renderer of renderers) renderer.event(event);
    },
    notice: (text) => {
      for (const renderer of renderers) renderer.notice(text);
    },
    end: () => {
      for (const renderer of renderers) renderer.end();
    },
  };
}

function mainRenderer(terminal: Terminal, options: RendererOptions): Renderer {
  if (options.json) {
    const channel = options.leavesStdout ? terminal.err : terminal.out;
    return { event: (event) => channel.line(jsonLine(event)), notice: () => {}, end: () => {} };
  }
  if (options.quiet) return { event: () => {}, notice: () => {}, end: () => {} };
  if (terminal.err.live) {
    return new LiveRenderer(terminal.err, options);
  }
  return new PlainRenderer(terminal.err, options);
}
