/*
 * A workspace of many services: `node --conditions=@sbp/source tools/benchmark/fleet.ts` (after `npm run build`). The runtimes are
 * small, so that what is measured is the work per project, not copies of 120 MB.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fleet } from "../fleet-files.ts";
import { median } from "./measure.ts";

const root = join(import.meta.dirname, "../..");
const sbp = join(root, "packages/cli/dist/main.js");
const rounds = Number(process.env.ROUNDS ?? 5);
// Adds about 0.1 s to every start of Node 20 and helps nobody here.
delete process.env.NODE_EXTRA_CA_CERTS;

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
  readonly summary: string;
}

/** Runs sbp, or a script in its place, and has its peak of memory told by the process itself. */
function run(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Measured {
  const hook =
    "data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS+'\\n'))";
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", hook, ...words], {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(stderr);
  const peak = Number(/^peak (\d+)$/m.exec(stderr)?.[1]) / 1024;
  return { seconds, megabytes: peak, summary: stdout.trim().split("\n").at(-1)! };
}

/** What a build does before anything runs: members found, configs read and checked, actions planned. */
const planner = `
import { planBuild, readWorkspace } from ${JSON.stringify(join(root, "packages/core/dist/index.js"))};
import { loadProject } from ${JSON.stringify(join(root, "packages/cli/dist/index.js"))};
const { members } = await readWorkspace(process.cwd());
const loaded = new Map();
let actions = 0;
for (const { dir, isProject } of members)
  if (isProject) actions += planBuild(await loadProject({ cwd: dir, loaded })).actions.length;
console.log(actions);
`;

console.log(
  "| services | first build | plan | nothing changed | per service | one library changed | peak memory |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const services of [10, 50, 200]) {
  const dir = mkdtempSync(join(tmpdir(), "sbp-fleet-"));
  try {
    const { files, usersOfFirst } = fleet(services);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    }
    const script = join(dir, "plan.mjs");
    writeFileSync(script, planner);
    const env = { ...process.env, SBP_CACHE_DIR: join(dir, "cache") };
    const first = run([sbp, "build"], dir, env);
    const times = (words: readonly string[]) => Array.from({ length: rounds }, () => run(words, dir, env));
    const plans = times([script]);
    const unchanged = times([sbp, "build"]);
    const changed = Array.from({ length: rounds }, (_, round) => {
      const text = `export const lib0 = (text: string) => text + "round ${round}";\n`;
      writeFileSync(join(dir, "libs/lib-0/src/main.ts"), text);
      const one = run([sbp, "build"], dir, env);
      if (!one.summary.includes(`: ${usersOfFirst.length} built`)) throw new Error(one.summary);
      return one;
    });
    const seconds = (all: readonly Measured[]) => median(all.map((one) => one.seconds));
    const show = (value: number) => `${value.toFixed(2)} s`;
    const perService = `${((seconds(unchanged) / services) * 1000).toFixed(1)} ms`;
    const peak = Math.max(...[first, ...unchanged, ...changed].map(({ megabytes }) => megabytes));
    console.log(
      `| ${services} | ${show(first.seconds)} | ${show(seconds(plans))} | ${show(seconds(unchanged))} | ${perService} | ${show(seconds(changed))}, ${usersOfFirst.length} built | ${Math.round(peak)} MB |`,
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
}
