import { relative, sep } from "node:path";
import { type Action, type Plan, type Project, planBuild, type Step, type Target } from "@sbp/core";
import type { TargetConfiguration } from "nx/src/config/workspace-json-project-json";

export interface SbpPluginOptions {
  /** What the names of all targets begin with. Default: "sbp:". */
  readonly prefix?: string;
}

type Inputs = NonNullable<TargetConfiguration["inputs"]>;
type Targets = Record<string, TargetConfiguration>;

/**
 * The tasks of a project, each of which Nx caches and may run on another machine:
 *
 *     sbp:bundle ──► sbp:linux-x64 ───┬─► sbp:image ──► sbp:scan ──► sbp:build
 *                └─► sbp:win32-x64 ───┴──────────────────────────────►
 *
 * - `sbp:bundle`: up to the app's bundle.
 * - one per target, named after it: up to the executable.
 * - one for each step behind the executables, named after what it makes or after the step: `sbp:image`, `sbp:scan`, ….
 * - `sbp:build`: the whole, once all others are there; and `sbp:dev`, which goes on.
 */
export function inferTargets(
  project: Project,
  workspaceRoot: string,
  { prefix = "sbp:" }: SbpPluginOptions = {},
): Targets {
  const plan = planBuild(project);
  const inputs = inputsOf(project, workspaceRoot);
  const outDir = `{projectRoot}/${posix(relative(project.dir, project.outDir))}`;
  const targets: Targets = {};
  const add = (name: string, target: TargetConfiguration) => {
    targets[`${prefix}${name}`] = target;
    return `${prefix}${name}`;
  };

  const bundle = plan.actions.find(({ transform }) => transform.produces.includes("bundle"));
  const first = bundle ? [add("bundle", task(`build --until ${bundle.step.id}`, [], inputs, []))] : [];
  const executableStep = lastStepThatMakes(plan, "executable");
  const lanes = executableStep
    ? plan.targets.map((target) =>
        add(
          target,
          task(`build --target ${target} --until ${executableStep.id}`, first, inputs, [
            `${outDir}/${target}`,
          ]),
        ),
      )
    : first;
  let last = lanes;
  for (const step of stepsBehind(plan, executableStep)) {
    const outputs = outputsOf(plan, step, outDir);
    last = [add(nameOf(step), task(`build --until ${step.id}`, last, inputs, outputs))];
  }
  add("build", buildTarget(last.length > 0 ? last : lanes, inputs, [`${outDir}/sbp-manifest.json`]));
  add("dev", {
    command: "sbp dev",
    options: { cwd: "{projectRoot}" },
    continuous: true,
    cache: false,
    metadata: { technologies: ["sbp"], description: "Rebuild and restart on every change" },
  });
  return targets;
}

/** The build of everything. */
export function buildTarget(
  dependsOn: readonly string[],
  inputs: Inputs,
  outputs: readonly string[] = [],
): TargetConfiguration {
  return inputs.length === 0
    ? { command: "sbp build", options: { cwd: "{projectRoot}" }, cache: false }
    : task("build", dependsOn, inputs, outputs);
}

function task(
  command: string,
  dependsOn: readonly string[],
  inputs: Inputs,
  outputs: readonly string[],
): TargetConfiguration {
  return {
    command: `sbp ${command}`,
    options: { cwd: "{projectRoot}" },
    cache: true,
    dependsOn: [...dependsOn],
    inputs,
    outputs: [...outputs],
    metadata: { technologies: ["sbp"], description: `sbp ${command}` },
  };
}

/**
 * All that a build can read. Too much costs a run that finds nothing to do; too little would be a wrong hit. What npm
 * has installed Nx adds by itself.
 */
function inputsOf({ dir, outDir, files }: Project, workspaceRoot: string): Inputs {
  const inside = (file: string) => !relative(dir, file).startsWith("..");
  const shared = files
    .filter((file) => !inside(file) && !file.includes(`${sep}node_modules${sep}`))
    .map((file) => `{workspaceRoot}/${posix(relative(workspaceRoot, file))}`);
  return [
    "{projectRoot}/**/*",
    `!{projectRoot}/${posix(relative(dir, outDir))}/**/*`,
    "^default",
    "{workspaceRoot}/tsconfig*.json",
    ...[...new Set(shared)].sort(),
    { env: "SOURCE_DATE_EPOCH" },
    // Code caches are made for the building machine's own target.
    { runtime: "node -p process.platform+process.arch" },
  ];
}

function lastStepThatMakes({ actions }: Plan, kind: string): Step | undefined {
  return actions.filter(({ transform }) => transform.produces.includes(kind)).at(-1)?.step;
}

/** The steps of the config behind another one that publish something. */
function stepsBehind({ project, actions }: Plan, step: Step | undefined): readonly Step[] {
  const publishes = (one: Step) =>
    actions.some((action) => action.step === one && action.published.length > 0);
  return project.steps.slice(step ? project.steps.indexOf(step) + 1 : 0).filter(publishes);
}

/** `image` for scratch-image, as one would ask for it; other steps by their own names. */
function nameOf({ id }: Step): string {
  return id === "scratch-image" ? "image" : id;
}

/** What the step adds: files and layouts have a dot in their names, unlike the folders of targets and executables in them. */
function outputsOf({ actions, targets }: Plan, step: Step, outDir: string): readonly string[] {
  const own = actions.filter((action: Action) => action.step === step && action.published.length > 0);
  const folders = new Set<Target | undefined>(own.map(({ target }) => target));
  return [
    ...targets.filter((target) => folders.has(target)).map((target) => `${outDir}/${target}/*.*`),
    ...(folders.has(undefined) ? [`${outDir}/*.*`] : []),
  ];
}

function posix(path: string): string {
  return path.split(sep).join("/");
}
