import { lstat, mkdir, readdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { type Artifact, type RunContext, SbpError } from "@sbp/core";
import type { CommandOptions } from "./options.ts";
import { runShell } from "./shell.ts";

type Context = RunContext<CommandOptions>;

/** Of what a failed command has printed, this many lines are shown. */
const shownLines = 40;

/**
 * Runs the command and keeps what it has made. Throws SBP_COMMAND_FAILED with its output, and SBP_COMMAND_OUTPUT for what
 * cannot be kept.
 */
export async function runCommand(context: Context): Promise<void> {
  const { options, projectDir, signal, tool, log, progress } = context;
  for (const name of options.tools) await tool(name);
  await declareInputs(context);
  const outputs = new Map<string, string>();
  for (const kind of [options.produces].flat()) outputs.set(kind, await context.tmp());
  const env = { ...(await environment(context)), ...variables("OUT", outputs) };
  const { code, killed, output } = await runShell(options.run, {
    cwd: projectDir,
    env,
    signal,
    onLine(line) {
      log.debug(line);
      progress(line.slice(0, 200));
    },
  });
  signal.throwIfAborted();
  if (code !== 0)
    throw failed(options.run, killed ? `was ended by ${killed}` : `ended with exit code ${code}`, output);
  for (const [kind, folder] of outputs) await keep(kind, folder, context);
}

async function declareInputs({ options, projectDir, dependOn, report }: Context): Promise<void> {
  for (const name of options.env) dependOn({ env: name });
  const excluded = options.inputs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const included = options.inputs.filter((glob) => !glob.startsWith("!"));
  if (included.length === 0) return;
  dependOn({ glob: included, ignore: excluded });
  const { glob } = await import("tinyglobby");
  for (const pattern of included) {
    const files = await glob([pattern], {
      cwd: projectDir,
      ignore: excluded,
      dot: true,
      expandDirectories: false,
    });
    if (files.length > 0) continue;
    report({
      severity: "warning",
      code: "SBP_COMMAND_INPUTS",
      message: `"${pattern}" of "inputs" matches no file`,
      hint: 'A folder needs a pattern for what is in it: "docs/**".',
    });
  }
}

/** What the command sees: little, so that nothing else can change its result. */
async function environment(context: Context): Promise<Record<string, string>> {
  const { options, target, app, artifacts, lanes } = context;
  const home = await context.tmp();
  const given: Record<string, string> = { LANG: "C.UTF-8", TZ: "UTC", HOME: home, TMPDIR: home };
  const system = process.platform === "win32" ? ["SystemRoot", "ComSpec", "PATHEXT"] : [];
  for (const name of ["PATH", ...system, ...options.env]) {
    const value = process.env[name];
    if (value !== undefined) given[name] = value;
  }
  if (process.platform === "win32") Object.assign(given, { TEMP: home, TMP: home, USERPROFILE: home });
  if (target) given["SBP_TARGET"] = target;
  if (app) Object.assign(given, { SBP_APP_NAME: app.name, SBP_APP_VERSION: app.version });
  const inputs = new Map<string, string>();
  for (const kind of options.consumes) {
    const folder = await context.tmp();
    await copyFiles(artifacts[kind]!, folder);
    inputs.set(kind, folder);
  }
  for (const kind of options.consumesLanes) {
    const folder = await context.tmp();
    for (const [lane, made] of lanes) await copyFiles(made[kind]!, join(folder, lane));
    inputs.set(kind, folder);
  }
  return { ...given, ...variables("IN", inputs) };
}

/** `SBP_IN_TARGET_PACKAGES` for the kind `target-packages`. */
function variables(direction: "IN" | "OUT", folders: ReadonlyMap<string, string>): Record<string, string> {
  const entries = [...folders].map(([kind, folder]) => [
    `SBP_${direction}_${kind.toUpperCase().replaceAll("-", "_")}`,
    folder,
  ]);
  return Object.fromEntries(entries);
}

async function copyFiles(artifact: Artifact, folder: string): Promise<void> {
  for (const { path } of artifact.files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await artifact.copy(path, file);
  }
}

async function keep(kind: string, folder: string, { write }: Context): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .sort();
  const variable = Object.keys(variables("OUT", new Map([[kind, folder]])))[0];
  if (paths.length === 0) {
    throw new SbpError("SBP_COMMAND_OUTPUT", `The command wrote no file to $${variable}`, {
      hint: `It must put the "${kind}" artifact there; a command that makes none has no "produces".`,
    });
  }
  await write(kind, {}, async (out) => {
    for (const path of paths) {
      const file = join(folder, path);
      const found = await lstat(file);
      if (!found.isFile()) {
        throw new SbpError("SBP_COMMAND_OUTPUT", `"${path}" in $${variable} is a link, or no file at all`, {
          hint: "Artifacts hold plain files: copy what the link leads to.",
        });
      }
      await out.file(path, { copyOf: file }, { executable: (found.mode & 0o100) !== 0 });
    }
  });
}

function failed(command: string, how: string, output: string): SbpError {
  const [first, ...more] = command.split("\n");
  const lines = output.trimEnd().split("\n");
  const shown = lines.slice(-shownLines).map((line) => `  ${line}`);
  const left = lines.length > shownLines ? [`  (${lines.length - shownLines} lines before)`] : [];
  const text = output.trim() === "" ? [] : [...left, ...shown];
  return new SbpError(
    "SBP_COMMAND_FAILED",
    [`\`${first}${more.length > 0 ? " …" : ""}\` ${how}`, ...text].join("\n"),
    {
      hint: "It runs in the project's folder with PATH alone: what else it reads of the environment must stand in `env`.",
    },
  );
}
