import type { BuildEvent } from "@sbp/core";
import type { Channel } from "../terminal.ts";
import { Lines } from "./lines.ts";
import type { Renderer } from "./renderer.ts";

/** Lines that stay, and nothing else: for logs and pipes. */
export class PlainRenderer implements Renderer {
  readonly #channel: Channel;
  readonly #lines: Lines;

  constructor(channel: Channel, verbose: boolean) {
    this.#channel = channel;
    this.#lines = new Lines(channel, verbose);
  }

  event(event: BuildEvent): void {
    const line = this.#lines.of(event);
    if (line !== undefined) this.#channel.line(line);
  }

  end(): void {}
}
