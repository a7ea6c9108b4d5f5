import type { BuildEvent } from "@sbp/core";
import type { Channel } from "../terminal.ts";
import { Lines, type LinesOptions } from "./lines.ts";
import type { Renderer } from "./renderer.ts";

/** Lines that stay, and nothing else: for logs and pipes. */
export class PlainRenderer implements Renderer {
  readonly #channel: Channel;
  readonly #lines: Lines;

  constructor(channel: Channel, options: LinesOptions) {
    this.#channel = channel;
    this.#lines = new Lines(channel, options);
  }

  event(event: BuildEvent): void {
    const line = this.#lines.of(event);
    if (line !== undefined) this.#channel.line(line);
  }

  notice(text: string): void {
    this.#channel.line(text);
  }

  end(): void {
    const line = this.#lines.end();
    if (line !== undefined) this.#channel.line(line);
  }
}
