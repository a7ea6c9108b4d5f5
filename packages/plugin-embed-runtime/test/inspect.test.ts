import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { testedVersions } from "../../../tools/test-runtimes.ts";
import { packedApps } from "../src/index.ts";
import { packedOptions } from "../src/packed-options.ts";
import { type AppBuilder, appBuilder, appFiles, packOf, run } from "./app.ts";
import { bundleTypescript } from "./typescript-app.ts";

const { readPackedApp } = await packedApps();

interface Message {
  readonly method?: string;
  readonly id?: number;
  readonly params?: unknown;
  readonly result?: unknown;
}

/** A debugger that speaks the protocol (https://chromedevtools.github.io/devtools-protocol/) over a WebSocket. */
class Debugger {
  readonly #socket: WebSocket;
  readonly #seen: Message[] = [];
  #wake = () => {};
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#seen.push(JSON.parse(String(data)));
      this.#wake();
    });
    onTestFinished(() => this.detach());
  }

  detach(): void {
    this.#socket.close();
  }

  static async attach(address: string): Promise<Debugger> {
    const socket = new WebSocket(address);
    await once(socket, "open");
    return new Debugger(socket);
  }

  async call<Result>(method: string, params: object = {}): Promise<Result> {
    const id = ++this.#calls;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return (await this.#find((message) => message.id === id)).result as Result;
  }

  async event<Params>(method: string, isMeant: (params: Params) => boolean = () => true): Promise<Params> {
    const found = await this.#find(
      (message) => message.method === method && isMeant(message.params as Params),
    );
    return found.params as Params;
  }

  async #find(isIt: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.#seen.find(isIt);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function start(app: string, env: Record<string, string>): ChildProcess {
  const child = spawn(app, ["caught"], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** What the executable says that it listens on. */
async function addressOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stderr! })) {
    const [, address] = /^Debugger listening on (ws:\S+)$/.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error("no debugger");
}

describe.each(testedVersions)("an executable of Node %s that lets debuggers in", (version) => {
  let builder: AppBuilder;
  let app: string;
  beforeAll(async () => {
    builder = await appBuilder(version);
    const { code, map } = await bundleTypescript({ format: "esm", minify: true, sourcesContent: true });
    app = (await builder.build("main.mjs", code, { map, inspect: true, meta: { place: "src/main.ts" } }))
      .path;
  });

  test("waits for one, which stops it before its first line and sees its sources", async () => {
    const child = start(app, { SBP_INSPECT_BRK: "127.0.0.1:0" });
    const address = await addressOf(child);
    expect(address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\//);
    const attached = await Debugger.attach(address);
    await attached.call("Runtime.enable");
    await attached.call("Debugger.enable");
    await attached.call("Runtime.runIfWaitingForDebugger");
    await attached.event("Debugger.paused");
    const main = await attached.event<{ url: string; sourceMapURL: string }>(
      "Debugger.scriptParsed",
      ({ url }) => url.endsWith("/sys/sbp/0/src/main.ts"),
    );
    const map = JSON.parse(Buffer.from(main.sourceMapURL.split(",")[1]!, "base64").toString());
    expect(map.sources).toContain("src/lib/greeter.ts");
    expect(map.sourcesContent.join()).toContain("export class Greeter");
    const { result } = await attached.call<{ result: { value: unknown } }>("Runtime.evaluate", {
      expression: "process.argv[1]",
    });
    expect(result.value).toBe("/sys/sbp/0/src/main.ts");
    const printed = text(child.stdout!);
    await attached.call("Debugger.resume");
    // Until then, the process does not end.
    attached.detach();
    expect(await printed).toContain("(src/lib/greeter.ts:9:");
  });

  test("runs as ever where nobody asks, and tells what it does not understand", async () => {
    expect(await run(app, ["hello"])).toMatchObject({ code: 0, stderr: "" });
    const { code, stderr } = await run(app, ["hello"], { env: { SBP_INSPECT: "nonsense" } });
    expect([code, stderr]).toEqual([9, expect.stringContaining("SBP_INSPECT must be [host:]port: nonsense")]);
  });

  test("its children are not debugged", async () => {
    const source = `const { spawnSync } = require("node:child_process");
      const { stderr } = spawnSync(process.execPath, ["-p", "1"], { encoding: "utf8" });
      console.log(JSON.stringify([stderr, Object.keys(process.env).filter((name) => name.startsWith("SBP"))]));`;
    const { path } = await builder.build("main.cjs", source, { inspect: true });
    const { stdout, stderr } = await run(path, [], { env: { SBP_INSPECT: "127.0.0.1:0" } });
    expect(stderr).toMatch(/^Debugger listening on ws:\/\/127\.0\.0\.1:\d+\//);
    expect(JSON.parse(stdout)).toEqual(["", []]);
  });
});

test("without the option, the variables are the app's and nothing of it is in the executable", async () => {
  const builder = await appBuilder("26.10.0");
  const { path } = await builder.build("main.cjs", "console.log(process.env.SBP_INSPECT);");
  expect(await run(path, [], { env: { SBP_INSPECT: "127.0.0.1:0" } })).toMatchObject({
    stdout: "127.0.0.1:0\n",
    stderr: "",
  });
  expect(appFiles((await packOf(path)).pack).map((file) => file.path)).toEqual(["main.cjs"]);
});

test("a rebased executable lets debuggers in as before", async () => {
  const builder = await appBuilder("26.10.0");
  const { path } = await builder.build("main.cjs", "", { inspect: true });
  expect(packedOptions(await readPackedApp(path)).options).toMatchObject({ name: "app", inspect: true });
});
