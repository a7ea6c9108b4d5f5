import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alternate, peakMemory, table } from "./measure.ts";

export interface Setting {
  /** An empty folder. */
  readonly dir: string;
  /** The command sbp, as words. */
  readonly sbp: readonly string[];
  readonly bun: string;
  readonly env: NodeJS.ProcessEnv;
  readonly rounds: number;
}

const bunTargets = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "windows-x64", "windows-arm64"];
const source = (text: string | number) => `console.log("hello", ${JSON.stringify(text)});\n`;

/** Six targets after a change of one line, and their sizes beside bun's. */
export async function allTargets({ dir, sbp, bun, env, rounds }: Setting): Promise<void> {
  const config = (locales?: string[]) => ({
    pipeline: [
      { use: "bundle", entry: "main.ts" },
      {
        use: "cross-target",
        targets: "all",
        runtime: { default: "node@26.10.0", "win32-arm64": "node@26.7.0" },
      },
      { use: "strip", ...(locales && { locales }) },
      { use: "embed-runtime" },
    ],
  });
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  write("package.json", '{"name":"hello","type":"module"}');
  write("main.ts", source("six"));
  const run = (words: readonly string[], environment = env) =>
    execFileSync(words[0]!, words.slice(1), { cwd: dir, env: environment, stdio: "pipe" });
  const build = [...sbp, "build"];
  const bunBuild = (target: string) => [
    bun,
    "build",
    "--compile",
    `--target=bun-${target}`,
    "main.ts",
    "--outfile",
    `bun-${target}`,
  ];

  write("sbp.config.json", JSON.stringify(config(["en"])));
  run(build);
  const english = await Promise.all(
    outputs(dir).map(async ({ path }) => ({ raw: statSync(path).size, gzip: await gzipSize(path) })),
  );
  write("sbp.config.json", JSON.stringify(config()));
  // The most memory that a build takes is when it makes the templates.
  const peak = (words: readonly string[]) => megabytes(peakMemory(words, { cwd: dir, env }));
  console.log(`peak memory of a build of six targets, templates included: ${peak([...build, "--force"])}`);
  write("main.ts", source("again"));
  console.log(`peak memory of a build of six targets, templates warm: ${peak(build)}\n`);

  const files = outputs(dir).map(({ path }) => path);
  const copies = join(dir, "copies");
  for (const target of bunTargets) run(bunBuild(target));
  const timings = await alternate(
    [
      {
        name: "copies (cp), one after the other",
        prepare: () => void execFileSync("sh", ["-c", `rm -rf ${copies} && mkdir ${copies}`]),
        run: ["sh", "-c", `for f in "$@"; do cp "$f" ${copies}/$(echo "$f" | tr / _); done`, "sh", ...files],
      },
      { name: "sbp build", cwd: dir, env, prepare: (round) => write("main.ts", source(round)), run: build },
      {
        name: "bun build --compile, six times",
        cwd: dir,
        env,
        prepare: (round) => write("main.ts", source(-round)),
        run: ["sh", "-c", bunTargets.map((target) => bunBuild(target).join(" ")).join(" && ")],
      },
    ],
    rounds,
  );
  console.log(
    `Six targets after a change of one line\n\n${table(timings, "copies (cp), one after the other")}\n`,
  );

  const rows = await Promise.all(
    outputs(dir).map(async ({ target, path }, index) => {
      const theirs = readdirSync(dir).find((name) => name.startsWith(`bun-${bunTargets[index]}`))!;
      return [
        target,
        megabytes(statSync(path).size),
        megabytes(english[index]!.raw),
        megabytes(english[index]!.gzip),
        megabytes(statSync(join(dir, theirs)).size),
        megabytes(await gzipSize(join(dir, theirs))),
      ];
    }),
  );
  const head = ["target", "raw", '`"locales": ["en"]` raw', "gzip -6", "bun raw", "bun gzip -6"];
  console.log(
    `Sizes\n\n${[head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")}\n`,
  );
}

function outputs(dir: string): { target: string; path: string }[] {
  const manifest = JSON.parse(readFileSync(join(dir, "dist/sbp-manifest.json"), "utf8"));
  return manifest.outputs.map(({ target, path }: { target: string; path: string }) => ({
    target,
    path: join(dir, "dist", path),
  }));
}

/** By the program gzip, whose results Node's zlib misses by some percent. */
async function gzipSize(path: string): Promise<number> {
  let size = 0;
  const { stdout } = spawn("gzip", ["-6", "--stdout", path], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const chunk of stdout) size += (chunk as Buffer).length;
  return size;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
