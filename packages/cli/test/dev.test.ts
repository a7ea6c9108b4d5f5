import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { appProject, DevRig, gone, isAlive, pidOf } from "./dev-rig.ts";

let dev: DevRig;
afterEach(() => dev?.stop());

/** Prints a word, and runs until it is told to end. */
const lasting = (word: string) => `import { word } from "./word.ts";
console.log(word, "${word}");
process.on("SIGTERM", () => { console.log("ending", word); process.exit(); });
setInterval(() => {}, 1000);
`;
const word = (text: string) => `export const word: string = "${text}";\n`;

async function lastingApp(words: readonly string[] = []): Promise<DevRig> {
  const dir = await appProject(lasting("runs"), { "src/word.ts": word("first") });
  dev = new DevRig(dir, words);
  await dev.printed("first runs");
  await dev.next("built");
  await dev.next("watching");
  return dev;
}

describe("sbp dev", () => {
  test("runs the app, and again after a change; the old process ends first", async () => {
    await lastingApp();
    const first = pidOf(dev.events.find(({ type }) => type === "app-started")!);
    await dev.write("src/word.ts", word("second"));
    await dev.printed("second runs");
    expect(dev.stdout).toBe("first runs\nending first\nsecond runs\n");
    expect(isAlive(first)).toBe(false);
  });

  test("takes the process that waits for it", async () => {
    await lastingApp();
    for (const text of ["second", "third", "fourth"]) {
      await dev.write("src/word.ts", word(text));
      await dev.printed(`${text} runs`);
      await dev.next("watching");
    }
    const started = dev.events.filter(({ type }) => type === "app-started");
    expect(started).toHaveLength(4);
    expect(new Set(started.map(pidOf)).size).toBe(4);
  });

  test("leaves the last good process running while a build fails, and says where", async () => {
    await lastingApp();
    const app = pidOf(dev.events.find(({ type }) => type === "app-started")!);
    await dev.write("src/word.ts", "export const word = ;\n");
    const failed = await dev.next("built");
    expect(failed["outcome"]).toBe("failed");
    expect(JSON.stringify(failed["errors"])).toContain('"lineText":"export const word = ;"');
    expect(isAlive(app)).toBe(true);
    await dev.next("watching");
    await dev.write("src/word.ts", word("mended"));
    await dev.printed("mended runs");
  });

  test("takes a change of the config without a restart", async () => {
    await lastingApp();
    await dev.write("src/other.ts", `console.log("the other entry");`);
    await dev.write(
      "sbp.config.json",
      JSON.stringify({ pipeline: [{ use: "bundle", entry: "src/other.ts" }] }),
    );
    await dev.printed("the other entry");
  });

  test("with a broken config leaves the app running, and goes on when it is mended", async () => {
    await lastingApp();
    const config = await readFile(join(dev.dir, "sbp.config.json"), "utf8");
    await dev.write("sbp.config.json", config.replace("entry", "entri"));
    expect(JSON.stringify(await dev.next("build-refused"))).toContain("SBP_CONFIG_INVALID");
    await dev.next("watching");
    await dev.write("sbp.config.json", config);
    await dev.next("built");
    await dev.write("src/word.ts", word("second"));
    await dev.printed("second runs");
  });
});

describe("the end", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("by %s ends the app as well", async (signal) => {
    await lastingApp();
    const app = pidOf(dev.events.find(({ type }) => type === "app-started")!);
    dev.child.kill(signal);
    expect(await dev.ended).toEqual({ code: 130, signal: null });
    expect(isAlive(app)).toBe(false);
  });

  test("of sbp by SIGKILL takes the app, busy or not, and the one that waits", async () => {
    const dir = await appProject(`console.log("busy"); for (;;);`);
    dev = new DevRig(dir);
    await dev.printed("busy");
    const app = pidOf(await dev.next("app-started"));
    await dev.next("watching");
    dev.child.kill("SIGKILL");
    await gone(app);
  });
});
