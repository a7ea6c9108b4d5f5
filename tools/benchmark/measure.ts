import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One thing to time: a command, or work of this process. */
export interface Subject {
  readonly name: string;
  /** Runs before each round, unmeasured. */
  readonly prepare?: (round: number) => void | Promise<void>;
  readonly run: ((round: number) => void | Promise<void>) | readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Seconds. CPU is user plus system time of the command; undefined for work of this process. */
export interface Timing {
  readonly name: string;
  readonly median: number;
  readonly minimum: number;
  readonly cpu: number | undefined;
}

/**
 * Times all subjects round by round, so that whatever else the machine does hits all of them alike. The first round
 * warms up and does not count.
 */
export async function alternate(subjects: readonly Subject[], rounds: number): Promise<Timing[]> {
  const walls = subjects.map((): number[] => []);
  const cpus = subjects.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, subject] of subjects.entries()) {
      await subject.prepare?.(round);
      const started = process.hrtime.bigint();
      const cpu = await runOnce(subject, round);
      const wall = Number(process.hrtime.bigint() - started) / 1e9;
      if (round === 0) continue;
      walls[index]!.push(wall);
      if (cpu !== undefined) cpus[index]!.push(cpu);
    }
  }
  return subjects.map(({ name }, index) => ({
    name,
    median: median(walls[index]!),
    minimum: Math.min(...walls[index]!),
    cpu: cpus[index]!.length > 0 ? median(cpus[index]!) : undefined,
  }));
}

async function runOnce({ name, run, cwd, env }: Subject, round: number): Promise<number | undefined> {
  if (typeof run === "function") {
    await run(round);
    return undefined;
  }
  // bash's `times` gives the CPU seconds of the children, however many processes they are.
  const script = '"$@" >/dev/null 2>&1; code=$?; times; exit $code';
  const { status, stdout } = spawnSync("bash", ["-c", script, "bash", ...run], {
    cwd,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${name} failed with ${status}: ${run.join(" ")}`);
  const children = stdout.trim().split("\n").at(-1)!;
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
    0,
  );
}

/**
 * Runs a command of node's, as words, and returns the most memory in bytes that its process had resident. The kernel's
 * number for the process: that of getrusage starts with the parent's.
 */
export function peakMemory(words: readonly string[], { cwd, env }: PeakOptions): number {
  const told = join(cwd, "peak");
  const preload = join(cwd, "peak.cjs");
  writeFileSync(
    preload,
    `const { readFileSync, writeFileSync } = require("node:fs");
process.on("exit", () => writeFileSync(${JSON.stringify(told)}, readFileSync("/proc/self/status")));`,
  );
  const [node, ...rest] = words;
  execFileSync(node!, ["--require", preload, ...rest], { cwd, env, stdio: "pipe" });
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(told, "utf8"))![1]) * 1024;
}

export interface PeakOptions {
  /** Gets files, too. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** A Markdown table; the ratio is of medians, to the subject named `floor`. */
export function table(timings: readonly Timing[], floor: string): string {
  const base = timings.find(({ name }) => name === floor)!.median;
  const rows = timings.map(({ name, median, minimum, cpu }) => [
    name,
    median.toFixed(3),
    minimum.toFixed(3),
    cpu?.toFixed(2) ?? "",
    (median / base).toFixed(2),
  ]);
  const head = ["", "median s", "minimum s", "CPU s", `ratio to ${floor}`];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
