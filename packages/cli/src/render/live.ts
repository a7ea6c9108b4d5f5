import type { BuildEvent } from "@sbp/core";
import type { Channel } from "../terminal.ts";
import { Lines, type LinesOptions } from "./lines.ts";
import type { Renderer } from "./renderer.ts";
import { RunningActions } from "./running.ts";

type LogUpdate = ReturnType<typeof import("log-update").createLogUpdate>;

const frameMs = 80;

/** The lines that stay, and below them one line for each running action, written over again and again. */
export class LiveRenderer implements Renderer {
  readonly #channel: Channel;
  readonly #lines: Lines;
  readonly #running = new RunningActions();
  #log: LogUpdate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(channel: Channel, options: LinesOptions) {
    this.#channel = channel;
    this.#lines = new Lines(channel, options);
  }

  event(event: BuildEvent): void {
    if (this.#running.take(event) && !this.#timer) this.#start();
    const line = this.#lines.of(event);
    if (line !== undefined) this.notice(line);
  }

  notice(text: string): void {
    // Not log-update's `persist`: it cuts a text to the height of the terminal.
    this.#log?.clear();
    this.#channel.line(text);
    this.#draw();
  }

  end(): void {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#log?.clear();
    this.#log?.done();
    const line = this.#lines.end();
    if (line !== undefined) this.#channel.line(line);
  }

  /** Loads what draws only when there is something to wait for: a build without changes is over before. */
  #start(): void {
    this.#timer = setInterval(() => this.#draw(), frameMs).unref();
    void import("log-update").then(({ createLogUpdate }) => {
      if (!this.#ended) this.#log = createLogUpdate(this.#channel.stream);
    });
  }

  #draw(): void {
    if (!this.#log || this.#channel.stream.destroyed) return;
    const frame = this.#running.frame(this.#channel.paint, this.#channel.width(), performance.now());
    if (frame.length === 0) this.#log.clear();
    else this.#log(frame.join("\n"));
  }
}
