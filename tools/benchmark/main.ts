/*
 * Measures sbp beside the tools of its kind, alternately in one run: `npm run benchmark`, or a part of it
 * (`npm run benchmark images`; the first part is called "build"). Run it on an idle machine. The result belongs into
 * docs/benchmarks.md.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyByRecipe } from "../../packages/core/src/store/copy-file.ts";
import { testRuntime } from "../test-runtimes.ts";
import { allTargets } from "./all-targets.ts";
import { carriedPackages } from "./carried-packages.ts";
import { images } from "./images.ts";
import { alternate, type Subject, table } from "./measure.ts";
import { scan } from "./scan.ts";
import { selfContained } from "./self-contained.ts";
import { startUp } from "./start-up.ts";

const root = join(import.meta.dirname, "../..");
const rounds = Number(process.env.ROUNDS ?? 9);
// Adds about 0.1 s to every start of Node 20 and helps nobody here.
delete process.env.NODE_EXTRA_CA_CERTS;

/** Parts by name, as arguments; without any, all of them. */
const wanted = process.argv.slice(2);
const isWanted = (part: string) => wanted.length === 0 || wanted.includes(part);

const npm = (args: string[], cwd: string) => execFileSync("npm", args, { cwd, stdio: "ignore" });
npm(["run", "build"], root);
// bun comes as an executable in a package of the platform.
if (!existsSync(join(import.meta.dirname, "node_modules/deno")))
  npm(["install", "--no-package-lock"], import.meta.dirname);
const bun = join(import.meta.dirname, "node_modules/bun/bin/bun.exe");
if (statSync(bun).size < 1e6)
  execFileSync("node", ["install.js"], { cwd: join(import.meta.dirname, "node_modules/bun") });
const deno = join(import.meta.dirname, "node_modules/@deno/linux-x64-glibc/deno");
const postject = join(import.meta.dirname, "node_modules/.bin/postject");
const node26 = await testRuntime("26.10.0", "linux-x64");
const sbp = [process.execPath, join(root, "packages/cli/dist/main.js")];

const dir = mkdtempSync(join(tmpdir(), "sbp-benchmark-"));
try {
  const source = (round: number) => `import { createServer } from "node:http";
const version: number = ${round};
if (process.argv[2] === "serve") createServer((_, response) => response.end("ok")).listen(0);
else console.log("hello", version);
`;
  const app = (name: string) => {
    const folder = join(dir, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{"name":"hello","type":"module"}');
    writeFileSync(join(folder, "main.ts"), source(-1));
    return folder;
  };
  const env = { ...process.env, SBP_CACHE_DIR: join(dir, "cache") };
  if (isWanted("build")) {
    const ours = app("sbp");
    const bunApp = app("bun");
    const seaApp = app("sea");
    const build = [...sbp, "build", "main.ts"];
    execFileSync(build[0]!, build.slice(1), { cwd: ours, env, stdio: "inherit" });
    const executable = join(ours, "dist/linux-x64/hello");
    console.log(`\nexecutable: ${statSync(executable).size} bytes\n`);

    // 1. What writing an executable costs, beside a copy of the same bytes.
    const manifest = JSON.parse(readFileSync(join(ours, "dist/sbp-manifest.json"), "utf8"));
    const tailBytes = manifest.outputs[0].meta.payloadBytes as number;
    const whole = readFileSync(executable);
    const base = join(dir, "template");
    writeFileSync(base, whole.subarray(0, whole.length - tailBytes));
    const tail = Buffer.from(whole.subarray(whole.length - tailBytes));
    const target = join(dir, "written");
    const clean = () => rmSync(target, { force: true });
    const writing = await alternate(
      [
        { name: "copy (cp)", prepare: clean, run: ["cp", executable, target] },
        { name: "copy (fs.copyFile)", prepare: clean, run: () => copyFile(executable, target) },
        {
          name: "sbp: template + payload",
          prepare: clean,
          run: () => copyByRecipe({ base, patches: [], tail: [tail] }, target, 0o755),
        },
      ],
      rounds * 2,
    );
    await rm(target);
    console.log(`Writing one executable\n\n${table(writing, "copy (cp)")}\n`);

    // 2. A build after a change of one line.
    const change = (folder: string) => (round: number) =>
      writeFileSync(join(folder, "main.ts"), source(round));
    const seaConfig = (folder: string, extra: object) =>
      writeFileSync(
        join(folder, "sea.json"),
        JSON.stringify({
          main: "main.js",
          disableExperimentalSEAWarning: true,
          useCodeCache: true,
          ...extra,
        }),
      );
    seaConfig(seaApp, { output: "hello", executable: node26 });
    writeFileSync(join(seaApp, "main.js"), 'console.log("hello")');
    const injected = app("postject");
    seaConfig(injected, { output: "blob" });
    writeFileSync(join(injected, "main.js"), 'console.log("hello")');
    execFileSync(node26, ["--experimental-sea-config", "sea.json"], { cwd: injected, stdio: "ignore" });
    const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
    const subjects: Subject[] = [
      { name: "copy (cp)", prepare: clean, run: ["cp", executable, target] },
      { name: "sbp build", cwd: ours, env, prepare: change(ours), run: build },
      {
        name: "bun build --compile",
        cwd: bunApp,
        prepare: change(bunApp),
        run: [bun, "build", "--compile", "main.ts", "--outfile", "hello"],
      },
      { name: "node --build-sea", cwd: seaApp, run: [node26, "--build-sea", "sea.json"] },
      {
        name: "postject",
        cwd: injected,
        prepare: () => copyFileSync(node26, join(injected, "hello")),
        run: [process.execPath, postject, "hello", "NODE_SEA_BLOB", "blob", "--sentinel-fuse", fuse],
      },
    ];
    console.log(
      `A small app after a change of one line\n\n${table(await alternate(subjects, rounds), "copy (cp)")}\n`,
    );

    // 3. Starting, and a build with nothing to do.
    const starts: Subject[] = [
      { name: "node -e 0", run: [process.execPath, "-e", "0"] },
      { name: "sbp --version", run: [...sbp, "--version"], env },
      { name: "sbp build, nothing changed", run: build, cwd: ours, env },
    ];
    console.log(`Start-up\n\n${table(await alternate(starts, rounds * 2), "node -e 0")}\n`);
  }

  // The others have a file each.
  const setting = { sbp, env, rounds };
  const others: Readonly<Record<string, (dir: string) => unknown>> = {
    "start-up": (dir) => startUp({ ...setting, dir, node: node26, rounds: rounds * 2 }),
    "carried-packages": (dir) => carriedPackages({ ...setting, dir }),
    "all-targets": (dir) => allTargets({ ...setting, dir, bun }),
    scan: (dir) => scan({ ...setting, dir }),
    images: (dir) => images({ ...setting, dir }),
    "self-contained": (dir) =>
      selfContained({ ...setting, dir, node: node26, bun, deno, rounds: rounds * 10 }),
  };
  for (const [name, measure] of Object.entries(others)) {
    if (!isWanted(name)) continue;
    const folder = join(dir, name);
    mkdirSync(folder);
    await measure(folder);
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
