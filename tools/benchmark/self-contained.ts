import { execFileSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "./measure.ts";

export interface Setting {
  /** An empty folder. */
  readonly dir: string;
  /** The command sbp, as words. */
  readonly sbp: readonly string[];
  /** Of the version that is embedded. */
  readonly node: string;
  readonly bun: string;
  readonly deno: string;
  readonly env: NodeJS.ProcessEnv;
  readonly rounds: number;
}

/** Milliseconds and MB. */
interface Usage {
  readonly cpu: number;
  readonly resident: number;
}

// It tells itself what it took, when it ends.
const hello = `console.log("hello");
process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e3, resident: maxRSS / 1024 }));
});
`;

/** What it costs a hello for Linux to carry its libraries: at its start, and in its size beside others. */
export function selfContained({ dir, sbp, node, bun, deno, env, rounds }: Setting): void {
  const build = (name: string, selfContained: boolean, strip: object = {}) => {
    const folder = join(dir, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{"name":"hello"}');
    writeFileSync(join(folder, "main.cjs"), hello);
    const pipeline = [
      { use: "bundle", entry: "main.cjs" },
      { use: "cross-target", targets: ["linux-x64"], runtime: "node@26.10.0" },
      { use: "strip", ...strip },
      { use: "embed-runtime", selfContained },
    ];
    writeFileSync(join(folder, "sbp.config.json"), JSON.stringify({ pipeline }));
    execFileSync(sbp[0]!, [...sbp.slice(1), "build", "--quiet"], { cwd: folder, env, stdio: "inherit" });
    return join(folder, "dist/linux-x64/hello");
  };
  const whole = build("whole", true);
  const starts = [
    { name: "node hello.cjs", run: [node, join(dir, "whole/main.cjs")] },
    { name: 'executable, `"selfContained": false`', run: [build("linked", false)] },
    { name: "executable", run: [whole] },
  ].map((start) => ({ ...start, usages: [] as Usage[] }));
  // The first round warms up and does not count.
  for (let round = 0; round <= rounds; round++)
    for (const { run, usages } of starts) {
      const usage = usageOf(run);
      if (round > 0) usages.push(usage);
    }
  const rows = starts.map(({ name, usages }) => {
    const cpus = usages.map(({ cpu }) => cpu);
    const resident = median(usages.map((usage) => usage.resident));
    return [name, median(cpus).toFixed(1), Math.min(...cpus).toFixed(1), `${resident.toFixed(1)} MB`];
  });
  print("Start-up of a self-contained executable", [
    ["", "CPU ms, median", "CPU ms, minimum", "resident"],
    ...rows,
  ]);

  const theirs = join(dir, "bun-hello");
  execFileSync(bun, ["build", "--compile", join(dir, "whole/main.cjs"), "--outfile", theirs], {
    cwd: dir,
    stdio: "pipe",
  });
  const sizes = [
    ["sbp", whole],
    ['sbp, `"locales": ["en"]`', build("english", true, { locales: ["en"] })],
    [
      'sbp, `"locales": ["en"], "encodings": "none"`',
      build("utf-8", true, { locales: ["en"], encodings: "none" }),
    ],
    ["bun", theirs],
    // What it compiles into is no package of the registry: this is the whole program, which is all that can be measured.
    ["deno itself", deno],
  ] as const;
  print("Sizes of a hello for linux-x64", [
    ["", "raw", "gzip -6", "gzip -9", "zstd -19"],
    ...sizes.map(([name, path]) => {
      const compressed = ["gzip -6", "gzip -9", "zstd -19 -q"].map((words) => compressedSize(words, path));
      return [name, ...[statSync(path).size, ...compressed].map(megabytes)];
    }),
  ]);
}

/** A shell between keeps what this process has resident from being counted as the program's. */
function usageOf(command: readonly string[]): Usage {
  const printed = execFileSync("sh", ["-c", '"$@"; exit $?', "sh", ...command], { encoding: "utf8" });
  return JSON.parse(printed.trim().split("\n").at(-1)!);
}

function compressedSize(command: string, path: string): number {
  const words = ["-c", `${command} -c "$1" | wc -c`, "sh", path];
  return Number(execFileSync("sh", words, { encoding: "utf8" }));
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

function print(title: string, [head, ...rows]: readonly (readonly string[])[]): void {
  const lines = [head!, head!.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
  console.log(`${title}\n\n${lines.join("\n")}\n`);
}
