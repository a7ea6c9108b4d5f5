import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import remoteCache from "../../packages/remote-cache/package.json" with { type: "json" };
import { startS3Server } from "../../packages/remote-cache/test/s3-server.ts";

/*
 * What a stranger does: an app with a package.json of its own, the packed tarballs installed with npm, `npx sbp init`,
 * `npx sbp build`, and the result run where nothing else is. The Node on PATH is the machine's, not the repository's.
 */

const tarballs = join(import.meta.dirname, "../../dist/npm");
const host = `${process.platform}-${process.arch}`;
const top = mkdtempSync(join(tmpdir(), "sbp-outside-"));
const app = join(top, "greeter");
const s3Client = remoteCache.devDependencies["@aws-sdk/client-s3"];

const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("npm_") && name !== "NODE_OPTIONS"),
  ),
  PATH: path.join(delimiter),
  SBP_CACHE_DIR: join(top, "cache"),
  CI: "true",
};

function run(command: string, args: readonly string[], cwd = app): string {
  return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

beforeAll(() => {
  mkdirSync(join(app, "src"), { recursive: true });
  writeFileSync(
    join(app, "package.json"),
    JSON.stringify({ name: "greeter", version: "3.2.1", private: true, dependencies: { ms: "2.1.3" } }),
  );
  writeFileSync(
    join(app, "src/main.ts"),
    `import { createServer } from "node:http";
import ms from "ms";
import { greet } from "./greet.ts";
const server = createServer((request, response) => response.end(greet(request.url ?? "/")));
server.listen(0, "127.0.0.1", () => console.log("listening", (server.address() as { port: number }).port, ms(60_000)));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`,
  );
  writeFileSync(join(app, "src/greet.ts"), 'export const greet = (url: string): string => "hello " + url;\n');
  run("npm", [
    "install",
    "--no-audit",
    "--no-fund",
    ...readdirSync(tarballs).map((name) => join(tarballs, name)),
  ]);
});

afterAll(() => rmSync(top, { recursive: true, force: true }));

test("npx sbp init writes a config that builds", () => {
  run("npx", ["sbp", "init"]);
  expect(readFileSync(join(app, "sbp.config.json"), "utf8")).toContain('"entry": "src/main.ts"');
  const schema = /"\$schema": "([^"]+)"/.exec(readFileSync(join(app, "sbp.config.json"), "utf8"))?.[1];
  expect(existsSync(join(app, schema ?? ""))).toBe(true);
  run("npx", ["sbp", "build"]);
  expect(existsSync(join(app, "dist", host, "greeter"))).toBe(true);
  expect(existsSync(join(app, "sbp.lock.json"))).toBe(true);
});

test("the executable runs with the app and its node_modules moved away", async () => {
  const empty = join(top, "empty");
  mkdirSync(empty);
  copyFileSync(join(app, "dist", host, "greeter"), join(empty, "greeter"));
  renameSync(app, `${app}-away`);
  const child = spawn(join(empty, "greeter"), [], {
    cwd: empty,
    env: {},
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    expect(line).toMatch(/^listening \d+ 1m$/);
    const response = await fetch(`http://127.0.0.1:${line.split(" ")[1]}/you`);
    expect(await response.text()).toBe("hello /you");
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
    renameSync(`${app}-away`, app);
  }
});

test("a second build does nothing, also offline", () => {
  const lines = run("npx", ["sbp", "build", "--offline", "--json"]).trim().split("\n");
  const events = lines.map((line) => JSON.parse(line));
  expect(events.find(({ type }) => type === "build-finished")).toMatchObject({
    outcome: "done",
    ran: 0,
    failed: 0,
  });
});

test("what V8 has compiled is kept by command, and made again where it is damaged", () => {
  const folder = join(top, "cache/code-cache");
  run("npx", ["sbp", "build"]);
  const [version = ""] = readdirSync(folder);
  expect(readdirSync(join(folder, version)).sort()).toEqual(["build", "init"]);
  const file = join(folder, version, "build");
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, whole.length >> 1));
  run("npx", ["sbp", "build"]);
  expect(readFileSync(file).length).toBeGreaterThan(whole.length >> 1);
  run("npx", ["sbp", "--help"]);
  expect(() => run("npx", ["sbp", "biuld"])).toThrow();
  expect(readdirSync(join(folder, version)).sort()).toEqual(["build", "init"]);
});

test("what the command does not hold is found from the packages that want it", () => {
  const scope = join(app, "node_modules/@sbp");
  const command = readFileSync(join(scope, "cli/dist/command.cjs"), "utf8");
  const calls = command.matchAll(/sbp\.place\("([\w-]+)"\)\.(?:require|requireKept|import)\("([^"]+)"\)/g);
  const wanted = [...calls].map(([, by, name]) => ({ by: by!, name: name! }));
  expect(wanted.length).toBeGreaterThan(20);
  const missing = wanted.filter(({ by, name }) => {
    const folders = createRequire(join(scope, by, "dist/index.js")).resolve.paths(name) ?? [];
    const folder = /^(?:@[^/]+\/)?[^/]+/.exec(name)![0];
    return !folders.some((modules) => existsSync(join(modules, folder, "package.json")));
  });
  // Its user installs that.
  expect([...new Set(missing.map(({ name }) => name))]).toEqual(["@aws-sdk/client-s3"]);
});

test("a bucket as the remote cache takes the client for S3, and says so", async () => {
  const server = await startS3Server(join(top, "s3"));
  const words = ["--no-install", "sbp", "build"];
  const build = () =>
    promisify(execFile)("npx", words, {
      cwd: app,
      env: { ...env, ...server.env, SBP_REMOTE_CACHE: "s3://results/sbp", SBP_CACHE_DIR: join(top, "fresh") },
    });
  try {
    const refused = await build().catch((error) => error);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("SBP_REMOTE_CACHE_CLIENT") });
    run("npm", ["install", "--save-dev", "--no-audit", "--no-fund", `@aws-sdk/client-s3@${s3Client}`]);
    await build();
    expect((await server.objects()).length).toBeGreaterThan(0);
  } finally {
    await server.close();
  }
});

test("a plugin of the project's own, in TypeScript, takes part", () => {
  mkdirSync(join(app, "tools"));
  writeFileSync(
    join(app, "tools/sizes.ts"),
    `import { definePlugin } from "@sbp/core";
export default definePlugin({
  name: "sizes",
  options: { type: "object", properties: { title: { type: "string", default: "Sizes" } } },
  consumes: ["executable"],
  produces: ["report"],
  scope: "target",
  async run({ options, artifacts, target, write }) {
    const lines = artifacts.executable.files.map((file) => \`\${options.title} \${target} \${file.path} \${file.size > 50_000_000}\`);
    await write("report", {}, (out) => out.file("sizes.txt", lines.join("\\n")));
  },
});
`,
  );
  const config = readFileSync(join(app, "sbp.config.json"), "utf8");
  const withStep = config.replace(/\}\s*\]/, '}, { "use": "./tools/sizes.ts", "title": "How big:" } ]');
  writeFileSync(join(app, "sbp.config.json"), withStep);
  run("npx", ["sbp", "build"]);
  expect(readFileSync(join(app, "dist", host, "sizes.txt"), "utf8")).toBe(`How big: ${host} greeter true`);
});
