import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NpmRegistry } from "../npm-registry.ts";

/*
 * The tutorial of docs/plugins.md, and docs/getting-started.md, word for word, as a newcomer does it: in an empty folder outside of the repository, with
 * the packages as npm installs them. They come from a registry of the test's own, the others from npm's.
 *
 *   `path`:  and a block       writes the file
 *   ```console                 runs the lines that start with $; the others must be among what they print
 */

const page = (name: string) => readFileSync(join(import.meta.dirname, "../../docs", name), "utf8");
const plugins = page("plugins.md");
const tutorial = plugins.slice(plugins.indexOf("## Tutorial"), plugins.indexOf("## Reference"));
const tarballs = join(import.meta.dirname, "../../dist/npm");
const top = mkdtempSync(join(tmpdir(), "sbp-author-"));
let registry: NpmRegistry;

const env: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("npm_") && name !== "NODE_OPTIONS"),
  ),
  PATH: (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .join(delimiter),
  SBP_CACHE_DIR: join(top, "cache"),
  npm_config_userconfig: join(top, ".npmrc"),
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
  CI: "true",
};

type Step =
  | { readonly file: string; readonly content: string }
  | { readonly commands: readonly string[]; readonly printed: readonly string[] };

function stepsOf(text: string): readonly Step[] {
  const blocks = text.matchAll(/(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, file, language, content]): Step[] => {
    if (file !== undefined) return [{ file, content: content! }];
    if (language !== "console") return [];
    const lines = content!.trim().split("\n");
    const isCommand = (line: string) => line.startsWith("$ ");
    return [
      {
        commands: lines.filter(isCommand).map((line) => line.slice(2)),
        printed: lines.filter((line) => !isCommand(line)),
      },
    ];
  });
}

/** Does what a page says, and compares what it says that is printed. */
async function follow(steps: readonly Step[]): Promise<void> {
  let cwd = top;
  for (const step of steps) {
    if ("file" in step) {
      mkdirSync(dirname(join(cwd, step.file)), { recursive: true });
      writeFileSync(join(cwd, step.file), step.content);
      continue;
    }
    const script = `set -e\n${step.commands.join("\n")}\npwd > '${join(top, "cwd")}'\n`;
    const printed = await run("bash", ["-c", script], cwd);
    for (const line of step.printed) expect(printed, step.commands.join("; ")).toContain(line);
    cwd = readFileSync(join(top, "cwd"), "utf8").trim();
  }
}

beforeAll(async () => {
  registry = await NpmRegistry.start();
  // What the machine's configuration says of everything else stays as it is.
  const own = join(process.env["npm_config_userconfig"] ?? join(process.env["HOME"] ?? "", ".npmrc"));
  const inherited = existsSync(own) ? readFileSync(own, "utf8") : "";
  writeFileSync(join(top, ".npmrc"), `${inherited}\n${registry.npmrc("@sbp")}`);
  // The published ones alone are served; npm itself must not block the server that answers it.
  for (const name of readdirSync(tarballs)) await run("npm", ["publish", join(tarballs, name)]);
});
afterAll(async () => {
  await registry.close();
  rmSync(top, { recursive: true, force: true });
});

test("docs/getting-started.md works as it stands", { timeout: 600_000 }, async () => {
  const steps = stepsOf(page("getting-started.md"));
  expect(steps.length).toBeGreaterThan(7);
  await follow(steps);
});

test("the tutorial of docs/plugins.md works as it stands", { timeout: 600_000 }, async () => {
  const steps = stepsOf(tutorial);
  expect(steps.length).toBeGreaterThan(10);
  await follow(steps);
  // The last build had nothing to do.
  const greeter = join(top, "greeter");
  const lines = execFileSync("npx", ["sbp", "build", "--json"], { cwd: greeter, env, encoding: "utf8" });
  const events = lines.trim().split("\n");
  expect(events.map((line) => JSON.parse(line)).find(({ type }) => type === "build-finished")).toMatchObject({
    outcome: "done",
    ran: 0,
  });
});

test("the package is published and used by its name", async () => {
  const [greeter, plugin] = [join(top, "greeter"), join(top, "greeter/sbp-licenses")];
  const manifest = readFileSync(join(plugin, "package.json"), "utf8");
  writeFileSync(join(plugin, "package.json"), manifest.replace('"sbp-licenses"', '"@sbp/test-licenses"'));
  await run("npm", ["publish"], plugin);
  await run("npm", ["install", "--save-dev", "@sbp/test-licenses"], greeter);
  const config = readFileSync(join(greeter, "sbp.config.json"), "utf8");
  writeFileSync(
    join(greeter, "sbp.config.json"),
    config.replace("./sbp-licenses/src/index.ts", "@sbp/test-licenses").replace('"MIT", ', ""),
  );
  const refused = await run("npx", ["sbp", "build"], greeter).catch((error: Error) => error.message);
  expect(refused).toContain("ms 2.1.3 is under MIT");
});

async function run(command: string, args: readonly string[], cwd = top): Promise<string> {
  const { execFile } = await import("node:child_process");
  return new Promise((resolve, reject) => {
    execFile(command, [...args], { cwd, env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error }));
      else resolve(stdout + stderr);
    });
  });
}
