import type { BuildEvent, BundleMade, SbpError, WatchBuilt, WatchEvent } from "@sbp/core";
import type { PublisherEvent } from "../dev/publisher.ts";
import type { RunnerEvent } from "../dev/runner.ts";
import { placeError, placeEvent } from "../project-places.ts";
import type { Channel, Terminal } from "../terminal.ts";
import { renderDiagnostic } from "./diagnostic.ts";
import { printErrors } from "./errors.ts";
import { jsonLine } from "./json.ts";
import { PlainRenderer } from "./plain.ts";
import { openRenderer, type Renderer, type RendererOptions } from "./renderer.ts";
import { renderSummary } from "./summary.ts";
import { printable } from "./text.ts";
import { formatBytes, formatDuration } from "./units.ts";

export interface DevRendererOptions extends RendererOptions {
  /** Shows every step that runs; else a line for each bundle, which the app starts with at once. */
  readonly showSteps: boolean;
  readonly clear: boolean;
}

/** Names of changed files that a line shows. */
const mostNames = 3;

/** Shows a watcher's builds and what becomes of the app: on standard error, since standard output is the app's. */
export class DevRenderer {
  readonly #terminal: Terminal;
  readonly #err: Channel;
  readonly #options: DevRendererOptions;
  /** Of the build that runs. */
  #build: Renderer | undefined;
  /** Where places in events start from. */
  #dir = "";
  #hasBuilt = false;
  #hasFailed = false;
  /** The line of this build is on the screen. */
  #isTold = false;
  /** Somebody waits for the next build: its steps and outputs are shown. */
  #isAwaited = false;
  /** Warnings that are on the screen already: a build for each save would repeat them. */
  readonly #reported = new Set<string>();

  constructor(terminal: Terminal, options: DevRendererOptions) {
    this.#terminal = terminal;
    this.#err = terminal.err;
    this.#options = options;
  }

  set projectDir(dir: string) {
    this.#dir = dir;
  }

  event(event: WatchEvent): void {
    if (this.#options.json) this.#json(event);
    else if (event.type === "bundle-made") this.#made(event);
    else if (event.type === "build-refused") this.#fail([event.error]);
    else if (event.type === "built") this.#ended(event);
    else if (event.type !== "change-detected" && event.type !== "watching") this.#progress(event);
  }

  app(event: RunnerEvent): void {
    if (this.#options.json) this.#err.line(jsonLine(event));
    else if (event.type === "app-exited" && !event.expected) {
      const how = event.signal ? `was ended by ${event.signal}` : `ended with ${event.exitCode}`;
      const { paint } = this.#err;
      this.notice((event.exitCode === 0 ? paint.dim : paint.yellow)(`the app ${how}; waiting for a change`));
    }
  }

  push(event: PublisherEvent): void {
    if (this.#options.json) this.#err.line(jsonLine(event));
    else if (event.type === "push-failed") {
      this.#print([event.error]);
      this.notice(this.#err.paint.dim("the registry has no new image; waiting for a change"));
    } else {
      const { paint } = this.#err;
      const what = event.isNew ? `pushed ${formatBytes(event.uploaded)}` : "the registry has it";
      const names = event.references.map(printable).join(", ");
      this.notice(`${paint.green("✓")} ${what}  ${inMilliseconds(event.ms)}  ${paint.dim(names)}`);
    }
  }

  /** Shows the steps of the next build, and what it puts in place. */
  await(): void {
    this.#isAwaited = true;
    this.notice(this.#err.paint.dim("building all steps"));
  }

  /** Shows people a line that is no event. */
  notice(text: string): void {
    if (!this.#options.quiet && !this.#options.json) this.#err.line(`  ${text}`);
  }

  end(): void {
    this.#build?.end();
    this.#build = undefined;
  }

  #json(event: WatchEvent): void {
    let shown: object = event;
    if (event.type === "built") {
      const { outcome, ms, errors, outputs } = event.result;
      shown = {
        type: event.type,
        outcome,
        ms,
        files: event.files,
        errors: this.#placed(errors),
        outputs: outputs.length,
      };
    } else if (event.type === "bundle-made") shown = { type: event.type, ms: event.ms, files: event.files };
    else if (event.type === "build-refused") shown = { type: event.type, error: event.error };
    else if (event.type !== "change-detected" && event.type !== "watching")
      shown = placeEvent(event, this.#dir);
    this.#err.line(jsonLine(shown));
  }

  #progress(event: BuildEvent): void {
    if (event.type === "build-started") {
      this.end();
      this.#isTold = false;
      if (!this.#hasBuilt || this.#options.showSteps)
        this.#build = openRenderer(this.#terminal, this.#options);
      // The app may print at any time: nothing is written over.
      else if (this.#isAwaited && !this.#options.quiet)
        this.#build = new PlainRenderer(this.#err, this.#options);
    }
    const placed = placeEvent(event, this.#dir);
    // Told once the build is over, all together.
    if (placed.type === "action-failed") return;
    if (placed.type !== "diagnostic") {
      this.#build?.event(placed);
      return;
    }
    const text = renderDiagnostic(placed.diagnostic, this.#err);
    if (this.#reported.has(text)) return;
    this.#reported.add(text);
    if (this.#build) this.#build.event(placed);
    else if (placed.diagnostic.severity !== "info" && !this.#options.quiet) this.#err.line(text);
  }

  #ended({ result, files }: WatchBuilt): void {
    this.end();
    if (result.outcome === "failed") {
      this.#fail(this.#placed(result.errors));
      return;
    }
    const ran = [
      ...new Set(result.actions.flatMap(({ step, outcome }) => (outcome === "ran" ? [step] : []))),
    ];
    if (this.#isAwaited && !this.#options.quiet) this.#err.line(renderSummary(result, this.#err.paint));
    else if (!this.#isTold)
      this.#tell(ran.length > 0 ? ran.map(printable).join(", ") : "as it was", result.ms, files);
    this.#hasBuilt = true;
    this.#hasFailed = false;
    this.#isAwaited = false;
  }

  /** The app starts with it now: what it prints comes below the line, and nothing may be written over any more. */
  #made({ files, ms }: BundleMade): void {
    if (this.#options.showSteps || this.#isAwaited) return;
    this.end();
    this.#tell("bundle", ms, files);
    this.#isTold = true;
  }

  #tell(what: string, ms: number, files: readonly string[]): void {
    const { paint } = this.#err;
    if (this.#options.clear && this.#hasBuilt) this.#clear();
    const names = files.slice(0, mostNames).map(printable).join(", ");
    const why = files.length > mostNames ? `${names} and ${files.length - mostNames} more` : names;
    const mended = this.#hasFailed ? `${paint.green("mended")}: ` : "";
    this.notice(
      `${paint.green("✓")} ${mended}${what}  ${inMilliseconds(ms)}${why ? `  ${paint.dim(why)}` : ""}`,
    );
  }

  #clear(): void {
    if (this.#err.live) this.#err.stream.write("\x1b[2J\x1b[3J\x1b[H");
  }

  #fail(errors: readonly Error[]): void {
    this.end();
    this.#hasFailed = true;
    this.#isAwaited = false;
    if (this.#options.clear) this.#clear();
    this.#print(errors);
    this.notice(
      this.#err.paint.dim(
        this.#hasBuilt ? "the last good build goes on; waiting for a change" : "waiting for a change",
      ),
    );
  }

  #print(errors: readonly Error[]): void {
    const { json, verbose } = this.#options;
    printErrors(errors, { results: this.#err, err: this.#err, json, verbose });
  }

  #placed(errors: readonly SbpError[]): SbpError[] {
    return errors.map((error) => placeError(error, this.#dir));
  }
}

const inMilliseconds = (ms: number) => (ms < 1000 ? `${ms} ms` : formatDuration(ms));
