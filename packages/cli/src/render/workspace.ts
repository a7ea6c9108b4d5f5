import type {
  BuildResult,
  Diagnostic,
  Member,
  ProjectResult,
  WorkspaceEvent,
  WorkspaceResult,
} from "@sbp/core";
import type { GlobalValues } from "../command.ts";
import { placeDiagnostic } from "../project-places.ts";
import type { Channel, Colors, Terminal } from "../terminal.ts";
import { renderDiagnostic } from "./diagnostic.ts";
import { jsonLine } from "./json.ts";
import { fit, printable } from "./text.ts";
import { count, formatBytes, formatDuration } from "./units.ts";

/** Of more projects only those are shown that something happened to. */
const mostUnchanged = 20;

const frameMs = 80;

/** Shows a build of many projects: a line for each that has ended, and live which are at work. */
export interface WorkspaceRenderer {
  event(event: WorkspaceEvent): void;
  diagnostic(diagnostic: Diagnostic): void;
  notice(text: string): void;
  end(): void;
}

export function openWorkspaceRenderer(
  terminal: Terminal,
  { json, quiet, verbose }: GlobalValues,
  projects: readonly Member[],
): WorkspaceRenderer {
  if (json) return new JsonRenderer(terminal.out);
  const nothing = () => {};
  if (quiet) return { event: nothing, diagnostic: nothing, notice: nothing, end: nothing };
  return new LineRenderer(terminal.err, projects, verbose || projects.length <= mostUnchanged);
}

class JsonRenderer implements WorkspaceRenderer {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  event(event: WorkspaceEvent): void {
    this.#channel.line(jsonLine({ ...fieldsOf(event), project: event.member.place }));
  }

  diagnostic(diagnostic: Diagnostic): void {
    this.#channel.line(jsonLine({ type: "diagnostic", action: "cache", diagnostic }));
  }

  notice(): void {}
  end(): void {}
}

function fieldsOf(event: WorkspaceEvent): object {
  switch (event.type) {
    case "project-started":
      return { type: event.type };
    case "project-event":
      return event.event;
    case "project-finished":
      return { type: event.type, outcome: event.result.outcome };
  }
}

class LineRenderer implements WorkspaceRenderer {
  readonly #channel: Channel;
  readonly #width: number;
  readonly #total: number;
  readonly #showUnchanged: boolean;
  readonly #running = new Set<Member>();
  readonly #reported = new Set<string>();
  #ended = 0;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  #log: ReturnType<typeof import("log-update").createLogUpdate> | undefined;

  constructor(channel: Channel, projects: readonly Member[], showUnchanged: boolean) {
    this.#channel = channel;
    this.#width = Math.max(0, ...projects.map(({ place }) => printable(place).length));
    this.#total = projects.length;
    this.#showUnchanged = showUnchanged;
  }

  event(event: WorkspaceEvent): void {
    switch (event.type) {
      case "project-started":
        this.#running.add(event.member);
        if (this.#channel.live && !this.#timer) this.#start();
        break;
      case "project-event":
        if (event.event.type === "diagnostic")
          this.diagnostic(placeDiagnostic(event.event.diagnostic, event.member.dir));
        break;
      case "project-finished": {
        this.#running.delete(event.member);
        this.#ended++;
        const line = this.#line(event.member, event.result);
        if (line !== undefined) this.notice(line);
        break;
      }
    }
  }

  diagnostic(diagnostic: Diagnostic): void {
    if (diagnostic.severity === "info") return;
    const text = renderDiagnostic(diagnostic, this.#channel);
    if (!this.#reported.has(text)) this.notice(text);
    this.#reported.add(text);
  }

  notice(text: string): void {
    this.#log?.clear();
    this.#channel.line(text);
    this.#draw();
  }

  end(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#log?.clear();
    this.#log?.done();
    this.#log = undefined;
  }

  #line({ place }: Member, result: ProjectResult): string | undefined {
    const { paint } = this.#channel;
    const name = printable(place).padEnd(this.#width);
    switch (result.outcome) {
      case "done": {
        const ran = result.build.actions.filter(({ outcome }) => outcome === "ran");
        const first = ran[0];
        if (first) {
          const why = paint.dim(printable(`${first.id}: ${first.reason}`));
          return `  ${paint.green("✓")} ${name}  ${formatDuration(result.build.ms)}  ${why}`;
        }
        const found = result.build.actions.find(({ reason }) => reason !== "unchanged");
        if (found && !isUnchanged(result))
          return `  ${paint.green("✓")} ${name}  ${formatDuration(result.build.ms)}  ${paint.dim(found.reason)}`;
        return this.#showUnchanged ? `  ${paint.green("✓")} ${name}  ${paint.dim("unchanged")}` : undefined;
      }
      case "failed":
      case "refused":
        return `  ${paint.red("✗")} ${name}  ${paint.red("failed")}`;
      case "cancelled":
        return `  ${paint.dim(`- ${name}  cancelled`)}`;
      case "not-run": {
        const why = result.because ? `not run, it needs ${printable(result.because.place)}` : "not run";
        return `  ${paint.dim(`- ${name}  ${why}`)}`;
      }
    }
  }

  #start(): void {
    this.#timer = setInterval(() => this.#draw(), frameMs).unref();
    void import("log-update").then(({ createLogUpdate }) => {
      if (!this.#isOver) this.#log = createLogUpdate(this.#channel.stream);
    });
  }

  #draw(): void {
    if (!this.#log || this.#channel.stream.destroyed) return;
    const names = [...this.#running].map(({ place }) => printable(place)).join(", ");
    const text = `${this.#ended} of ${this.#total}: ${names}`;
    this.#log(`  ${this.#channel.paint.dim(fit(text, this.#channel.width() - 4))}`);
  }
}

/** Nothing ran, and nothing had to be put in place again. */
function isUnchanged(result: ProjectResult): boolean {
  if (result.outcome !== "done") return false;
  const { actions, outputs } = result.build;
  return actions.every(({ outcome }) => outcome === "cached") && outputs.every(({ unchanged }) => unchanged);
}

/** The end of it all for people. */
export function renderWorkspaceSummary({ outcome, ms, projects }: WorkspaceResult, paint: Colors): string {
  const results = [...projects.values()];
  const number = (is: (result: ProjectResult) => boolean) => results.filter(is).length;
  const failed = number((result) => result.outcome === "failed" || result.outcome === "refused");
  const built = number((result) => result.outcome === "done" && !isUnchanged(result));
  const unchanged = number(isUnchanged);
  const left = number((result) => result.outcome === "not-run" || result.outcome === "cancelled");
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(built > 0 ? [`${built} built`] : []),
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ...(left > 0 ? [`${left} not run`] : []),
  ];
  const outputs = results.flatMap((result) => ("build" in result ? result.build.outputs : []));
  const time = formatDuration(ms);
  const what = `${count(results.length, "project")}${parts.length > 0 ? `: ${parts.join(", ")}` : ""}`;
  if (outcome === "failed") return `  ${paint.red("failed")} in ${time}, ${what}`;
  if (outcome === "cancelled") return `  ${paint.yellow("cancelled")} after ${time}, ${what}`;
  const size = outputs.reduce((sum, output: BuildResult["outputs"][number]) => sum + output.size, 0);
  const files = outputs.length > 0 ? `; ${count(outputs.length, "file")}, ${formatBytes(size)}` : "";
  const word = built === 0 && results.length > 0 ? "unchanged" : "done";
  return `  ${paint.green(word)} in ${time}, ${what}${files}`;
}
