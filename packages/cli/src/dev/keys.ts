import { createInterface } from "node:readline";

/** What a key does. */
export type Action = "restart" | "build" | "targets" | "open" | "help" | "quit" | "interrupt";

const actions: Readonly<Record<string, Action>> = {
  r: "restart",
  b: "build",
  t: "targets",
  o: "open",
  h: "help",
  "?": "help",
  q: "quit",
  // Ctrl-C and Ctrl-D, which are no signals while keys are read one by one.
  "\x03": "interrupt",
  "\x04": "quit",
};

/** Reads single keys of the terminal, as long as nobody else wants its input. */
export class Keys {
  readonly #onAction: (action: Action) => void;
  readonly #input = process.stdin;
  #isOn = false;
  /** The process that reads the terminal in our place. */
  #borrower: number | undefined;

  constructor(onAction: (action: Action) => void) {
    this.#onAction = onAction;
  }

  readonly #take = (text: string): void => {
    for (const key of text) {
      const action = actions[key.toLowerCase()];
      if (action) this.#onAction(action);
    }
  };

  /**
   * Reads keys from here on. A process of Node's that ends puts the terminal into the mode in which it has found it, so this is
   * said again after each. While the input is lent, nothing happens.
   */
  start(): void {
    if (this.#borrower !== undefined) return;
    this.#input.setRawMode(false);
    if (this.#isOn) {
      this.#input.setRawMode(true);
      return;
    }
    this.#isOn = true;
    this.#input.setRawMode(true);
    this.#input.setEncoding("utf8").on("data", this.#take).resume();
  }

  /** Leaves the terminal as it was found, and its input to others. */
  stop(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#input.off("data", this.#take).pause();
    this.#input.setRawMode(false);
  }

  /** A process of the app reads from here on. */
  lend(pid: number): void {
    this.#borrower = pid;
    this.stop();
  }

  /** The process has ended. */
  takeBack(pid: number | undefined): void {
    if (this.#borrower === pid) this.#borrower = undefined;
  }

  /** Asks for a line. */
  async ask(question: string): Promise<string> {
    this.stop();
    const reader = createInterface({ input: this.#input, output: process.stderr });
    try {
      return await new Promise((resolve) => {
        reader.on("close", () => resolve(""));
        reader.on("SIGINT", () => reader.close());
        reader.question(question, resolve);
      });
    } finally {
      reader.close();
      this.start();
    }
  }
}
