import { type ChildProcess, spawn } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { appProject, gone } from "./dev-rig.ts";
import { ended, environment, printed, sbpCommand } from "./sbp.ts";

let child: ChildProcess;
afterEach(() => void child.kill("SIGKILL"));

/** Starts `sbp dev` on a pseudo terminal of its own; what is typed there goes to `stdin`. */
function startOnTerminal(cwd: string): ChildProcess {
  const command = [...sbpCommand, "dev"].map((word) => `'${word}'`).join(" ");
  return spawn("script", ["-qec", `stty cols 100 rows 30; ${command}`, "/dev/null"], {
    cwd,
    env: environment(),
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Keys are read, and the app runs. */
async function running(): Promise<void> {
  await Promise.all([printed(child, "q quit"), printed(child, /pid \d+\./)]);
}

const counting = `console.log("pid " + process.pid + ".");
setInterval(() => {}, 1000);
`;

describe("on a terminal", () => {
  test("r restarts the app, and q ends all", async () => {
    child = startOnTerminal(await appProject(counting));
    const pids: number[] = [];
    let text = "";
    child.stdout!.on("data", (chunk) => {
      text += chunk;
      pids.splice(0, pids.length, ...[...text.matchAll(/pid (\d+)\./g)].map(([, pid]) => Number(pid)));
    });
    const end = ended(child);
    await running();
    const again = printed(child, /pid \d+\./);
    child.stdin!.write("r");
    await again;
    child.stdin!.write("q");
    expect((await end).code).toBe(0);
    expect(new Set(pids).size).toBe(2);
    await Promise.all(pids.map(gone));
  });

  test("b builds all steps and shows them, with what is put in place", async () => {
    const notice = { use: "command", name: "notice", run: "echo ok > $SBP_OUT_REPORT/NOTICE" };
    const pipeline = [
      { use: "bundle", entry: "src/main.ts" },
      { ...notice, consumes: ["bundle"], produces: "report" },
    ];
    child = startOnTerminal(await appProject(counting, { "sbp.config.json": JSON.stringify({ pipeline }) }));
    const end = ended(child);
    await running();
    const built = printed(child, /building all steps[\s\S]*notice[\s\S]*NOTICE[\s\S]*done/);
    child.stdin!.write("b");
    await built;
    child.stdin!.write("q");
    expect((await end).code).toBe(0);
  });

  test("an app that reads gets what is typed, on a terminal of its own; then keys are keys again", async () => {
    const dir = await appProject(`import { createInterface } from "node:readline/promises";
const reader = createInterface({ input: process.stdin, output: process.stdout });
const name = await reader.question(process.stdin.isTTY ? "name? " : "no terminal");
console.log("<" + name + ">");
reader.close();
`);
    child = startOnTerminal(dir);
    const end = ended(child);
    await printed(child, "name? ");
    const answered = printed(child, /<brotq>[\s\S]*waiting for a change/);
    child.stdin!.write("brotq\r");
    await answered;
    child.stdin!.write("q");
    expect((await end).code).toBe(0);
  });

  test("Ctrl-C ends the app, too", async () => {
    child = startOnTerminal(await appProject(counting));
    const end = ended(child);
    await running();
    child.stdin!.write("\x03");
    const { code, stdout } = await end;
    expect(code).toBe(130);
    await gone(Number(/pid (\d+)\./.exec(stdout)![1]));
  });

  test("a closed terminal ends the app", async () => {
    child = startOnTerminal(await appProject(counting));
    let text = "";
    child.stdout!.on("data", (chunk) => {
      text += chunk;
    });
    await running();
    child.kill("SIGKILL");
    await gone(Number(/pid (\d+)\./.exec(text)![1]));
  });
});
