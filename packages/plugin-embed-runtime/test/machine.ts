import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";

/** A machine of QEMU that runs: its serial line, its keyboard, and a port of the loopback that leads to its port 8080. */
export class Machine {
  /** All that came over the serial line, once QEMU has ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #monitor: string;
  #text = "";

  /** @param monitor the socket on which QEMU speaks its protocol for machines, QMP */
  constructor(child: ChildProcess, monitor: string) {
    this.#child = child;
    this.#monitor = monitor;
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.#text += text;
    });
    this.ended = once(child, "close").then(([code]) => {
      if (code !== 0) throw new Error(`QEMU ended with ${code}:\n${this.#text}`);
      return this.#text;
    });
    // Whoever visits the machine may fail first.
    this.ended.catch(() => {});
  }

  /** Waits for words on the serial line. */
  async printed(words: string): Promise<void> {
    while (!this.#text.includes(words)) {
      const more = once(this.#child.stdout!, "data").then(() => true);
      if (!(await Promise.race([more, this.ended.then(() => false)])))
        throw new Error(`ended without printing "${words}":\n${this.#text}`);
    }
  }

  /** The port here that leads to 8080 there. */
  async port(): Promise<number> {
    const table = await this.#ask("human-monitor-command", { "command-line": "info usernet" });
    // Protocol[State], descriptor, source address and port, destination address and port, two queues.
    const port = /HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)/.exec(`${table}`)?.[1];
    if (port === undefined) throw new Error(`no port is forwarded:\n${table}`);
    return Number(port);
  }

  /** Presses keys at once, by QEMU's names of them, and lets them go. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#ask("send-key", { keys: keys.map((data) => ({ type: "qcode", data })) });
  }

  /** Pulls the plug. */
  async stop(): Promise<void> {
    await this.#ask("quit");
  }

  async #ask(command: string, words: object = {}): Promise<unknown> {
    const socket = connect(this.#monitor);
    try {
      const lines = linesOf(socket.setEncoding("utf8"));
      const next = async (): Promise<Record<string, unknown>> => {
        const { done, value } = await lines.next();
        if (done) throw new Error("QEMU ended without an answer");
        return JSON.parse(value);
      };
      await next();
      for (const [execute, args] of [
        ["qmp_capabilities", {}],
        [command, words],
      ] as const) {
        socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
        let answer = await next();
        // Events come in between.
        while (!("return" in answer)) {
          if ("error" in answer) throw new Error(`${command}: ${JSON.stringify(answer["error"])}`);
          answer = await next();
        }
        if (execute === command) return answer["return"];
      }
      return undefined;
    } finally {
      socket.destroy();
    }
  }
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string, void> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
