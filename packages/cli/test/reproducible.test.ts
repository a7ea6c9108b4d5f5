import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { environment, folder, sbpCommand } from "./sbp.ts";

const run = promisify(execFile);

/** Builds the same app in a folder and a store of its own, under the given circumstances. Gives the files' bytes. */
async function build(
  umask: string,
  env: Record<string, string>,
  words: readonly string[] = [],
): Promise<Buffer[]> {
  const top = await folder();
  const cwd = join(top, `depth-${umask}`, "app");
  await run("mkdir", ["-p", join(cwd, "src")]);
  await writeFile(join(cwd, "package.json"), '{ "name": "app", "version": "1.0.0", "type": "module" }');
  await writeFile(
    join(cwd, "src/main.ts"),
    'import { greet } from "./greet.ts";\nconst when = await Promise.resolve("now");\nconsole.log(greet(when), import.meta.url);\n',
  );
  await writeFile(
    join(cwd, "src/greet.ts"),
    `export const greet = (a: string) => "hello " + a;\n${"// filler\n".repeat(500)}`,
  );
  const path = await testRuntime("26.10.0", "linux-x64");
  await writeFile(
    join(cwd, "sbp.config.json"),
    JSON.stringify({
      pipeline: [
        { use: "bundle" },
        { use: "cross-target", runtime: { path } },
        { use: "strip" },
        { use: "embed-runtime" },
      ],
    }),
  );
  const command = [...sbpCommand, "build", ...words].map((word) => `'${word}'`).join(" ");
  await run("sh", ["-c", `umask ${umask}; exec ${command}`], {
    cwd,
    env: environment({ SBP_CACHE_DIR: join(top, "cache"), ...env }),
  });
  return Promise.all(["dist/linux-x64/app"].map((file) => readFile(join(cwd, file))));
}

test("folders, time zones, umasks, locales, workers and clocks do not show in the executable", async () => {
  const [first] = await build("022", { TZ: "UTC", LANG: "C" });
  const [second] = await build("077", { TZ: "Asia/Kathmandu", LANG: "tr_TR.UTF-8", HOME: await folder() }, [
    "--concurrency",
    "1",
  ]);
  expect(first!.length).toBeGreaterThan(100_000_000);
  expect(first!.equals(second!)).toBe(true);
});
