import type { WriteStream } from "node:tty";
import pc from "picocolors";

/** Functions that color a text, or give it back as it is. */
export type Colors = ReturnType<typeof pc.createColors>;

/** Where the command writes: standard output for results, standard error for all else. */
export interface Channel {
  readonly stream: WriteStream;
  /** Colors only where they are wanted. */
  readonly paint: Colors;
  /** A person may be looking, and lines may be written over. */
  readonly live: boolean;
  /** Columns to fill; generous where nobody looks. */
  width(): number;
  /** Writes the text and a line break. */
  line(text: string): void;
}

export interface Terminal {
  readonly out: Channel;
  readonly err: Channel;
  /** Waits until all is written. Returns the error of a stream that could not be written to. */
  flush(): Promise<Error | undefined>;
}

/** Opens the standard streams; a reader that went away (`sbp … | head`) is no error. */
export function openTerminal(options: { color: boolean }): Terminal {
  let failure: Error | undefined;
  const open = (stream: WriteStream): Channel => {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") failure ??= error;
    });
    return {
      stream,
      paint: pc.createColors(options.color && wantsColor(stream)),
      live: Boolean(stream.isTTY) && process.env["TERM"] !== "dumb" && !process.env["CI"],
      width: () => (stream.isTTY && stream.columns) || 160,
      line: (text) => {
        if (!stream.destroyed) stream.write(`${text}\n`);
      },
    };
  };
  const out = open(process.stdout);
  const err = open(process.stderr);
  return {
    out,
    err,
    async flush() {
      await Promise.all([drained(out.stream), drained(err.stream)]);
      return failure;
    },
  };
}

/** Resolves when all is written, or failed to be: errors come a turn of the event loop later. */
function drained(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) setImmediate(resolve);
    else stream.write("", () => setImmediate(resolve));
  });
}

/** https://no-color.org and https://force-color.org; NO_COLOR wins. */
function wantsColor(stream: WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0";
  return Boolean(stream.isTTY) && TERM !== "dumb";
}
