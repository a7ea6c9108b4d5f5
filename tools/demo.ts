/*
 * The main job, shown: the TypeScript service of examples/health-service becomes one executable, which then runs in
 * an empty folder with an empty environment and answers.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";

const root = join(import.meta.dirname, "..");
const service = join(root, "examples/health-service");
const cli = ["--conditions=@sbp/source", join(root, "packages/cli/src/main.ts")];
const host = `${process.platform}-${process.arch}`;

const say = (line: string) => console.log(`\n— ${line}`);

say("examples/health-service is a TypeScript HTTP service:");
console.log(readFileSync(join(service, "src/main.ts"), "utf8").trimEnd());

say(`sbp build --target ${host}`);
execFileSync(process.execPath, [...cli, "build", "--target", host], { cwd: service, stdio: "inherit" });

const manifest = JSON.parse(readFileSync(join(service, "dist/sbp-manifest.json"), "utf8"));
const built = join(service, "dist", manifest.outputs[0].path);
say(`${relative(root, built)} is one file of ${(statSync(built).size / 1e6).toFixed(1)} MB`);

const empty = mkdtempSync(join(tmpdir(), "sbp-demo-"));
let child: ChildProcess | undefined;
try {
  copyFileSync(built, join(empty, "health"));
  say(
    `It runs in a folder that holds only [${readdirSync(empty)}], with PORT and HOST as its whole environment:`,
  );
  child = spawn(join(empty, "health"), [], {
    cwd: empty,
    env: { PORT: "0", HOST: "127.0.0.1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout! }), "line");
  console.log(line);
  const port = /port (\d+)/.exec(line)?.[1];
  if (!port) throw new Error(`The service did not say where it listens: ${line}`);

  const response = await fetch(`http://127.0.0.1:${port}/health`);
  const body = (await response.text()).trim();
  say(`GET /health answers ${response.status} ${JSON.stringify(body)}`);
  if (response.status !== 200 || body !== "Service is operational") process.exitCode = 1;

  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const [code] = await exited;
  say(`SIGTERM ends it with exit code ${code}`);
  if (code !== 0) process.exitCode = 1;
} finally {
  child?.kill("SIGKILL");
  rmSync(empty, { recursive: true, force: true });
}
