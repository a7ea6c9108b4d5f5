import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { appProject, DevRig, freePort, gone, pidOf } from "./dev-rig.ts";
import { environment, sbp } from "./sbp.ts";

let dev: DevRig;
afterEach(() => dev?.stop());

describe("sbp dev", () => {
  test("waits for what an import cannot find, and starts when it is there", async () => {
    const dir = await appProject(`import { word } from "./lib/later.ts"; console.log(word);`);
    dev = new DevRig(dir);
    expect((await dev.next("built"))["outcome"]).toBe("failed");
    await dev.next("watching");
    await mkdir(join(dir, "src/lib"));
    await dev.write("src/lib/later.ts", `export const word: string = "found";`);
    await dev.printed("found");
  });

  test("goes on when the app ends by itself, and runs it again after a change", async () => {
    const dir = await appProject(`console.log("one"); process.exit(3);`);
    dev = new DevRig(dir);
    expect(await dev.next("app-exited")).toMatchObject({ exitCode: 3, expected: false });
    await dev.next("watching");
    await dev.write("src/main.ts", `console.log("two");`);
    expect(await dev.next("app-exited")).toMatchObject({ exitCode: 0, expected: false });
    expect(dev.stdout).toBe("one\ntwo\n");
  });

  test("takes a change of a local plugin's code without a restart", async () => {
    const plugin = (text: string) => `import { text } from "./part.ts";
export default { name: "maker", produces: ["bundle"], scope: "project",
  async run({ write }) {
    const meta = { format: "esm", main: "app.mjs", place: "src/main.ts", entry: "src/main.ts" };
    await write("bundle", meta, (out) => out.file("app.mjs", "console.log('" + text + " ${text}')"));
  } };`;
    const dir = await appProject("", {
      "sbp.config.json": JSON.stringify({ pipeline: [{ use: "./tools/maker.ts" }] }),
      "tools/maker.ts": plugin("one"),
      "tools/part.ts": `export const text = "part";`,
    });
    dev = new DevRig(dir);
    await dev.printed("part one");
    await dev.next("watching");
    await dev.write("tools/maker.ts", plugin("two"));
    await dev.printed("part two");
    await dev.next("watching");
    await dev.write("tools/part.ts", `export const text = "piece";`);
    await dev.printed("piece two");
  });

  test("with --no-restart only builds", async () => {
    const dir = await appProject(`console.log("never");`);
    dev = new DevRig(dir, ["--no-restart"]);
    await dev.next("watching");
    await dev.write("src/main.ts", `console.log("neither");`);
    await dev.next("watching");
    expect(dev.stdout).toBe("");
  });

  test("a pipeline without a bundle is refused", async () => {
    const dir = await appProject("", {
      "sbp.config.json": JSON.stringify({ pipeline: [{ use: "./step.mjs" }] }),
      "step.mjs": `export default { name: "step", produces: ["report"], scope: "project",
        async run({ write }) { await write("report", {}, (out) => out.file("r", "")); } };`,
    });
    const { code, stderr } = await sbp(["dev"], { cwd: dir });
    expect({ code, text: stderr }).toMatchObject({
      code: 2,
      text: expect.stringContaining("SBP_DEV_NOTHING"),
    });
  });

  test("--until names no step of the pipeline", async () => {
    const dir = await appProject(`console.log("x");`);
    dev = new DevRig(dir, ["--until", "bundel"]);
    expect(JSON.stringify(await dev.next("build-refused"))).toContain('Did you mean \\"bundle\\"?');
  });

  test("reads the environment from --env-file, and restarts when it changes", async () => {
    const dir = await appProject(`console.log("value", process.env.VALUE);`, { ".env": "VALUE=one\n" });
    dev = new DevRig(dir, ["--env-file", ".env"]);
    await dev.printed("value one");
    await dev.next("watching");
    await dev.write(".env", "VALUE=two\n");
    await dev.printed("value two");
  });
});

describe("the app's process", () => {
  /** The same program by node and under sbp dev: what it says of itself, and how it ends. */
  async function alike(main: string, args: readonly string[] = [], input = ""): Promise<void> {
    const dir = await appProject(main);
    const direct = spawn(process.execPath, ["--enable-source-maps", "src/main.ts", ...args], {
      cwd: dir,
      env: environment(),
    });
    const outputs = { stdout: "", stderr: "" };
    direct.stdout.on("data", (chunk) => {
      outputs.stdout += chunk;
    });
    direct.stderr.on("data", (chunk) => {
      outputs.stderr += chunk;
    });
    direct.stdin.end(input);
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      direct.on("close", (...end) => resolve(end)),
    );
    // The first start is a fresh process, the second one has waited.
    for (const edit of ["", "\n\n"]) {
      if (edit === "") dev = new DevRig(dir, ["--", ...args]);
      else {
        dev.stdout = "";
        dev.stderr = "";
        await dev.write("src/main.ts", main + edit);
      }
      if (edit === "") dev.child.stdin!.end(input);
      const end = await dev.next("app-exited");
      expect(end["exitCode"]).toBe(signal ? 128 + constants.signals[signal as NodeJS.Signals] : code);
      if (edit === "") await dev.next("watching");
      expect(dev.stdout).toBe(outputs.stdout);
      const own = (text: string) =>
        text
          // Of code with a source map node prints paths, of others URLs.
          .replaceAll("file://", "")
          .replaceAll(/<anonymous> \((.*)\)/g, "$1")
          .replaceAll(/\(node:\d+\)/g, "")
          .split("\n")
          .filter((line) => !line.includes("(node:internal/") && !/^Node\.js v/.test(line))
          .join("\n")
          .trim();
      expect(own(dev.stderr)).toBe(own(outputs.stderr));
      if (input !== "") break;
    }
    await dev.stop();
  }

  test("has arguments, folder, main module and environment of a fresh one", async () => {
    await alike(
      `import { pathToFileURL } from "node:url";
const { SBP_CACHE_DIR, ...env } = process.env;
console.log(process.argv.slice(1), process.cwd(), import.meta.url, import.meta.filename, import.meta.dirname,
  import.meta.url === pathToFileURL(process.argv[1]!).href, Object.keys(env).filter((name) => /^(?:NODE|SBP)/.test(name)),
  process.listeners("exit").length, process.exitCode, process.title, require.main === undefined);
declare const require: any;`.replace(", require.main === undefined", ""),
      ["--port", "80 80", "--inspect", "ü"],
    );
  });

  test("ends with the app's exit code, by its signal, or for an await that never ends", async () => {
    await alike(`process.exitCode = 7;`);
    await alike(`process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);`);
    await alike(`await new Promise(() => {});`);
  });

  test("has the stack traces of the sources", async () => {
    await alike(`function deep(value: number): never {
  throw new Error("no " + value);
}

interface Unused { readonly nothing: string }
deep(1);
`);
  });

  test("reads standard input", async () => {
    await alike(
      `let text = ""; for await (const chunk of process.stdin) text += chunk; console.log("got", text.trim());`,
      [],
      "hello\n",
    );
  });
});

describe("the end", () => {
  test("takes an app that does not want to end, and all that it has started", async () => {
    const dir = await appProject(`import { spawn } from "node:child_process";
const child = spawn("sleep", ["1000"]);
process.on("SIGTERM", () => {});
console.log("child " + child.pid + ".");
setInterval(() => {}, 1000);`);
    dev = new DevRig(dir);
    await dev.until(() => /child \d+\./.test(dev.stdout), "child");
    const child = Number(/child (\d+)\./.exec(dev.stdout)![1]);
    const app = pidOf(await dev.next("app-started"));
    dev.child.kill("SIGTERM");
    await dev.ended;
    await Promise.all([gone(app), gone(child)]);
  });
});

describe("restart.ready", () => {
  test("keeps the old process serving until the new one answers, and for good where it never does", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/health`;
    const server = (word: string) => `import { createServer } from "node:http";
import { existsSync } from "node:fs";
const server = createServer((_, response) => response.setHeader("connection", "close").end("${word}"));
const timer = setInterval(() => {
  if (!existsSync("${word}.txt")) return;
  clearInterval(timer);
  server.listen(${port}, "127.0.0.1");
}, 10);
process.on("SIGTERM", () => { server.close(() => process.exit()); });
`;
    const dir = await appProject(server("one"), {
      "sbp.config.json": JSON.stringify({
        restart: { ready: url },
        pipeline: [{ use: "bundle", entry: "src/main.ts" }],
      }),
    });
    dev = new DevRig(dir);
    await dev.write("one.txt", "");
    await dev.next("app-ready");
    const ask = () => fetch(url).then((response) => response.text());
    expect(await ask()).toBe("one");
    await dev.next("watching");
    await dev.write("src/main.ts", server("two"));
    await dev.next("app-started");
    await dev.next("app-started");
    expect(await ask()).toBe("one");
    await dev.write("two.txt", "");
    await dev.next("app-ready");
    await dev.next("app-exited");
    expect(await ask()).toBe("two");
    await dev.write("src/main.ts", "process.exit(4);\n");
    expect(await dev.next("app-exited")).toMatchObject({ exitCode: 4, expected: false });
    expect(await ask()).toBe("two");
  });
});

test("--no-standby starts every process anew", async () => {
  dev = new DevRig(await appProject(`console.log("one");`), ["--no-standby"]);
  expect(await dev.next("app-started")).toMatchObject({ standby: false });
  await dev.next("watching");
  await dev.write("src/main.ts", `console.log("two");`);
  expect(await dev.next("app-started")).toMatchObject({ standby: false });
});

test("workers and children run what was bundled of their scripts", async () => {
  const dir = await appProject(
    `import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
new Worker(new URL("./worker.ts", import.meta.url)).on("message", (color) => console.log("worker", color));
const child = fork(fileURLToPath(new URL("./child.ts", import.meta.url)));
child.on("message", (color) => { console.log("child", color); child.disconnect(); });
`,
    {
      // No TypeScript that node could run as it is.
      "src/color.ts": `export enum Color { Red = "red" }\n`,
      "src/worker.ts": `import { parentPort } from "node:worker_threads";
import { Color } from "./color.ts";
parentPort!.postMessage(Color.Red);
`,
      "src/child.ts": `import { Color } from "./color.ts";\nprocess.send!(Color.Red);\n`,
    },
  );
  dev = new DevRig(dir);
  await dev.next("app-exited");
  expect(dev.stdout.trim().split("\n").sort()).toEqual(["child red", "worker red"]);
});
