/*
 * Save to first answer: `node --conditions=@sbp/source tools/benchmark/dev.ts` (after `npm run build`). Each tool watches a
 * copy of the same app; in turn, an edit is saved in each, and its port asked until the new answer comes. All of them
 * run all the time, as on a developer's machine.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { median } from "./measure.ts";

const root = join(import.meta.dirname, "../..");
const edits = Number(process.env.EDITS ?? 50);
const wanted = process.env.APPS?.split(",");
const wantedTools = process.env.TOOLS?.split(",").map(Number);

interface App {
  readonly name: string;
  /** Paths and contents. */
  readonly files: Readonly<Record<string, string>>;
  /** The file that is edited, and what it says then. */
  readonly edited: string;
  readonly text: (word: string) => string;
}

const server = (imports: string, answer: string) => `import { createServer } from "node:http";
${imports}
const server = createServer((_, response) => response.end(${answer}));
server.listen(Number(process.env["PORT"]), "127.0.0.1");
process.on("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
});
`;
const manifest = (name: string, more: object = {}) =>
  JSON.stringify({ name, version: "1.0.0", type: "module", ...more });
const config = JSON.stringify({ pipeline: [{ use: "bundle", entry: "src/main.ts" }] });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
/** A module of an ordinary size. */
const filler = (index: number) =>
  numbers(12)
    .map(
      (line) =>
        `export function work${index}_${line}(value: number): number {\n  return value * ${line} + ${index};\n}`,
    )
    .join("\n");

const service: App = {
  name: "health service, two files",
  files: {
    "package.json": manifest("service"),
    "sbp.config.json": config,
    "src/main.ts": server('import { answer } from "./answer.ts";', "answer()"),
  },
  edited: "src/answer.ts",
  text: (word) => `export function answer(): string {\n  return "${word}";\n}\n`,
};
const large: App = {
  name: "1,000 modules",
  files: {
    "package.json": manifest("large"),
    "sbp.config.json": config,
    ...Object.fromEntries(
      numbers(999).map((index) => {
        const children = numbers(3)
          .map((child) => 3 * index + 1 + child)
          .filter((child) => child < 999);
        const imports = children.map(
          (child) =>
            `import { total${child}, work${child}_1 } from "../part${child % 20}/module${child}.ts";\n`,
        );
        const terms = [
          `work${index}_2(value)`,
          ...children.map((child) => `total${child}(work${child}_1(value))`),
        ];
        return [
          `src/part${index % 20}/module${index}.ts`,
          `${imports.join("")}${filler(index)}\nexport function total${index}(value: number): number {\n  return ${terms.join(" + ")};\n}\n`,
        ];
      }),
    ),
    "src/main.ts": server(
      'import { total0 } from "./part0/module0.ts";\nimport { answer } from "./answer.ts";',
      'answer() + (total0(1) > 0 ? "" : "!")',
    ),
  },
  edited: "src/answer.ts",
  text: service.text,
};
const workspace: App = {
  name: "workspace with 20 packages",
  files: {
    "package.json": JSON.stringify({ name: "workspace", private: true, workspaces: ["packages/*"] }),
    ...Object.fromEntries(
      numbers(20).flatMap((index) => [
        [`packages/lib${index}/package.json`, manifest(`lib${index}`, { exports: "./src/index.ts" })],
        ...(index === 19
          ? []
          : [
              [
                `packages/lib${index}/src/index.ts`,
                `${filler(index)}\n${index < 18 ? `export * from "lib${index + 1}";` : 'export { answer } from "lib19";'}\n`,
              ],
            ]),
      ]),
    ),
    "packages/app/package.json": manifest("app"),
    "packages/app/sbp.config.json": config,
    "packages/app/src/main.ts": server('import { answer } from "lib0";', "answer()"),
  },
  edited: "packages/lib19/src/index.ts",
  text: service.text,
};

/** Where a tool works, of an app's folder. */
const appDir = (app: App, dir: string) => (app === workspace ? join(dir, "packages/app") : dir);

interface Tool {
  readonly name: string;
  readonly command: (dir: string) => readonly string[];
  readonly files?: (dir: string) => void;
}

const modules = join(import.meta.dirname, "node_modules");
const bin = (name: string) => join(modules, ".bin", name);
const node = process.execPath;
const tools: readonly Tool[] = [
  { name: "sbp dev", command: () => [node, join(root, "packages/cli/dist/main.js"), "dev", "--json"] },
  {
    name: "sbp dev --no-standby",
    command: () => [node, join(root, "packages/cli/dist/main.js"), "dev", "--json", "--no-standby"],
  },
  { name: "bun --watch", command: () => [join(modules, "bun/bin/bun.exe"), "--watch", "src/main.ts"] },
  { name: "node --watch", command: () => [node, "--watch", "src/main.ts"] },
  { name: "tsx watch", command: () => [node, bin("tsx"), "watch", "src/main.ts"] },
  {
    name: "esbuild --watch and nodemon",
    command: () => [
      "sh",
      "-c",
      `"${bin("esbuild")}" src/main.ts --bundle --platform=node --format=esm --sourcemap --outfile=out/main.mjs --watch=forever & exec "${node}" "${bin("nodemon")}" --delay 1ms --watch out --signal SIGTERM out/main.mjs`,
    ],
    files: (dir) => {
      mkdirSync(join(dir, "out"), { recursive: true });
      writeFileSync(join(dir, "out/main.mjs"), "");
    },
  },
];

interface Running {
  readonly tool: Tool;
  readonly dir: string;
  readonly port: number;
  readonly child: ChildProcess;
  readonly times: number[];
  /** What sbp told, with the moments of it. */
  readonly events: { readonly type: string; readonly at: number }[];
  /** Shares of sbp's phases, a list per phase. */
  readonly phases: Map<string, number[]>;
}

/** One answer, "" where there is none. Over a plain socket: a client that costs more would take the processor from who is measured. */
function answer(port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write("GET / HTTP/1.0\r\n\r\n"));
    socket.setTimeout(1000, () => socket.destroy());
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text.split("\r\n\r\n")[1] ?? ""));
  });
}

/** Asks until the answer is this one. Returns the moment. Throws after 30 seconds. */
async function answered(port: number, word: string): Promise<number> {
  const end = performance.now() + 30_000;
  for (;;) {
    const text = await answer(port);
    if (text === word) return performance.now();
    if (performance.now() > end) throw new Error(`no answer "${word}" on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function start(tool: Tool, app: App, dir: string, port: number, env: NodeJS.ProcessEnv): Running {
  for (const [file, text] of Object.entries({ ...app.files, [app.edited]: app.text("start") })) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
  if (app === workspace)
    execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: dir, stdio: "ignore" });
  tool.files?.(appDir(app, dir));
  const [program, ...args] = tool.command(dir);
  const child = spawn(program!, args, {
    cwd: appDir(app, dir),
    env: { ...env, PORT: `${port}` },
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
  });
  const running: Running = { tool, dir, port, child, times: [], events: [], phases: new Map() };
  let rest = "";
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
    const at = performance.now();
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const type = /^\{"type":"([\w-]+)"/.exec(line)?.[1];
      if (type) running.events.push({ type, at });
    }
  });
  return running;
}

/** From the save on: news, build, end of the old process, answer of the new one. */
function takePhases({ events, phases }: Running, saved: number, done: number): void {
  const at = (type: string) => events.find((event) => event.type === type)?.at ?? saved;
  const built = at("bundle-made");
  const marks: readonly (readonly [string, number])[] = [
    ["notice", at("change-detected")],
    ["build", built],
    ["end of the old process", at("app-started")],
    ["start of the new one", done],
  ];
  let before = saved;
  for (const [name, mark] of marks) {
    phases.set(name, [...(phases.get(name) ?? []), mark - before]);
    before = mark;
  }
}

/** Ends a tool with its group; one that has ended already says nothing more, and bun's does not take SIGTERM. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once("close", resolve));
  process.kill(-child.pid!, "SIGTERM");
  const patience = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), 3000);
  await closed;
  clearTimeout(patience);
}

async function compare(app: App, top: string): Promise<void> {
  const env = { ...process.env, SBP_CACHE_DIR: join(top, "cache") };
  const runnings: Running[] = [];
  try {
    for (const [index, tool] of tools.entries()) {
      if (wantedTools && !wantedTools.includes(index)) continue;
      const dir = join(top, `${index}`);
      runnings.push(start(tool, app, dir, 21_000 + index, env));
    }
    for (const { port, tool } of runnings)
      await answered(port, "start").catch((error: Error) => {
        throw new Error(`${tool.name}: ${error.message}`);
      });
    for (let edit = -2; edit < edits; edit++)
      for (const running of runnings) {
        // Standby processes and the like have their time, as between two saves of a person.
        await new Promise((resolve) => setTimeout(resolve, 700));
        running.events.length = 0;
        // Other bytes in each app: the tools of sbp share a cache.
        const word = `edit${edit}of${running.port}`;
        const saved = performance.now();
        writeFileSync(join(running.dir, app.edited), app.text(word));
        const done = await answered(running.port, word);
        if (edit < 0) continue;
        running.times.push(done - saved);
        if (running === runnings[0]) takePhases(running, saved, done);
      }
  } finally {
    await Promise.all(runnings.map(({ child }) => stop(child)));
  }
  console.log(`\n${app.name}: save to first answer, ${edits} edits of each in turn\n`);
  console.log("| | median ms | p95 ms | minimum ms |\n| --- | --- | --- | --- |");
  for (const { tool, times } of runnings)
    console.log(
      `| ${tool.name} | ${median(times).toFixed(0)} | ${percentile95(times).toFixed(0)} | ${Math.min(...times).toFixed(0)} |`,
    );
  console.log(
    `\nPhases of sbp dev, median ms: ${[...runnings[0]!.phases].map(([name, list]) => `${name} ${median(list).toFixed(1)}`).join(", ")}`,
  );
  console.log(`Floor, esbuild's rebuild alone: ${(await floor(app, runnings[0]!.dir)).toFixed(1)} ms`);
}

/** Save to new image in its layout, for this machine's Linux target, templates warm. */
async function images(top: string): Promise<void> {
  const dir = join(top, "image");
  const steps = ["bundle", "cross-target", "strip", "embed-runtime", "scratch-image"];
  const pipeline = steps.map((use) => ({
    use,
    ...(use === "bundle" && { entry: "src/main.ts" }),
    ...(use === "cross-target" && { targets: ["linux-x64"], runtime: "node@26.10.0" }),
  }));
  const app: App = {
    ...service,
    files: { ...service.files, "sbp.config.json": JSON.stringify({ pipeline }) },
  };
  const command = [...tools[0]!.command(dir), "--until", "image", "--no-restart"];
  const running = start({ name: "image", command: () => command }, app, dir, 0, process.env);
  const times: number[] = [];
  try {
    const told = async (type: string) => {
      const end = performance.now() + 300_000;
      for (;;) {
        const event = running.events.find((one) => one.type === type);
        if (event) return event.at;
        if (performance.now() > end || running.child.exitCode !== null) throw new Error(`no ${type}`);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    await told("watching");
    for (let edit = -3; edit < edits; edit++) {
      running.events.length = 0;
      const saved = performance.now();
      writeFileSync(join(dir, app.edited), app.text(`image${edit}`));
      const built = await told("built");
      if (edit >= 0) times.push(built - saved);
      await told("watching");
    }
  } finally {
    await stop(running.child);
  }
  console.log(`\nsbp dev --until image, save to image, ${edits} edits\n`);
  console.log("| | median ms | p95 ms | minimum ms |\n| --- | --- | --- | --- |");
  console.log(
    `| image of the service | ${median(times).toFixed(0)} | ${percentile95(times).toFixed(0)} | ${Math.min(...times).toFixed(0)} |`,
  );
}

async function floor(app: App, dir: string): Promise<number> {
  const { context } = await import("esbuild");
  const build = await context({
    absWorkingDir: appDir(app, dir),
    entryPoints: ["src/main.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    sourcemap: "linked",
    metafile: true,
    outfile: "out.mjs",
    write: false,
  });
  const times: number[] = [];
  for (let edit = 0; edit < 20; edit++) {
    writeFileSync(join(dir, app.edited), app.text(`floor${edit}`));
    const begun = performance.now();
    await build.rebuild();
    if (edit > 1) times.push(performance.now() - begun);
  }
  await build.dispose();
  return median(times);
}

function percentile95(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * 0.95))]!;
}

if (!existsSync(join(modules, "nodemon")))
  execFileSync("npm", ["install", "--no-package-lock"], { cwd: import.meta.dirname, stdio: "ignore" });
if (readFileSync(join(modules, "bun/bin/bun.exe")).length < 1e6)
  execFileSync("node", ["install.js"], { cwd: join(modules, "bun") });
const top = mkdtempSync(join(tmpdir(), "sbp-benchmark-dev-"));
try {
  if (!wanted || wanted.includes("image")) await images(top);
  for (const [index, app] of [service, large, workspace].entries()) {
    if (wanted && !wanted.includes(`${index}`)) continue;
    const dir = join(top, `app${index}`);
    mkdirSync(dir);
    await compare(app, dir);
  }
} finally {
  rmSync(top, { recursive: true, force: true });
}
