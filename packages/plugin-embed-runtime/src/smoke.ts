import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes, type RunContext, SbpError, type Target } from "@sbp/core";
import { findEmulator } from "./emulator.ts";
import { runtimeMeta } from "./runtime-meta.ts";
import type { SmokeOptions } from "./smoke-options.ts";
import { type Supervised, supervise } from "./supervised.ts";
import { readTemplate } from "./template-meta.ts";

/** Lines of each stream that an error shows: the last ones. */
const shownLines = 20;

/** Tries the executable of a target, where it can run here. Throws SBP_SMOKE where it does not do what is expected. */
export async function runSmoke(context: RunContext<{ smoke: SmokeOptions }>): Promise<void> {
  const { artifacts, options, signal, progress, log, write } = context;
  const { args = [], stdin = "", env = {}, exitCode, stdout, timeout } = options.smoke;
  const executable = artifacts["executable"]!;
  const { target, codeCache } = await readTemplate(artifacts["template"]!);
  const host = runtimeMeta(artifacts["host-runtime"]!).target;
  const emulator =
    target !== host && typeof codeCache === "string" ? await findEmulator(context, host, target) : undefined;
  if (target !== host && !emulator) {
    const because = `an executable for ${target} does not run on ${host}`;
    log.info(`not tried: ${because}`);
    await write("smoke", { tried: false, because }, () => {});
    return;
  }

  const { path: name } = executable.files.find((file) => file.executable)!;
  progress(`running ${name}`);
  const scratch = await context.tmp();
  const folders = {
    program: join(scratch, "program"),
    empty: join(scratch, "empty"),
    home: join(scratch, "home"),
  };
  for (const folder of Object.values(folders)) await mkdir(folder);
  const program = join(folders.program, name);
  await executable.copy(name, program);

  const pattern = typeof stdout === "object" ? expression(stdout.matches) : undefined;
  const isExpected = (printed: string) =>
    typeof stdout === "string"
      ? printed.trim() === stdout.trim()
      : pattern === undefined || pattern.test(printed);
  const isService = exitCode === "running";
  if (isService && stdout === undefined)
    throw new SbpError(
      "SBP_SMOKE_OPTION",
      'smoke: "running" needs "stdout", which tells when it has been seen to run',
      {
        hint: 'Give what the app prints when it is ready: "stdout": { "matches": "^listening" }.',
        exitCode: exitCodes.badUsage,
      },
    );
  const result = await supervise({
    command: [...((emulator?.command ?? []) as [string]), program, ...args] as [string, ...string[]],
    cwd: folders.empty,
    // What it extracts goes away as well.
    env: { PATH: "/usr/bin:/bin", ...windowsVariables(), HOME: folders.home, TMPDIR: folders.home, ...env },
    stdin,
    timeout,
    signal,
    isEnough: (printed) => isService && isExpected(printed),
  }).catch((error) => {
    signal.throwIfAborted();
    throw failed(target, `it cannot be started: ${error.message}`);
  });
  const wrong =
    mistake(result, exitCode, timeout) ?? (isExpected(result.stdout) ? undefined : wrongOutput(stdout));
  if (wrong !== undefined) throw failed(target, wrong, result);
  const under = emulator ? ` under ${emulator.name}` : "";
  const because = isService ? `it ran${under}` : `exit code ${exitCode}${under}`;
  await write("smoke", { tried: true, because }, () => {});
}

/** Without them, no program of Windows finds its libraries. */
function windowsVariables(): Record<string, string> {
  const { SystemRoot } = process.env;
  return process.platform === "win32" && SystemRoot ? { SystemRoot } : {};
}

/** What is wrong with how it ended, if anything. */
function mistake(
  { ending }: Supervised,
  expected: SmokeOptions["exitCode"],
  timeout: number,
): string | undefined {
  if (ending === "timeout")
    return `it has not ended within ${timeout} s${expected === "running" ? ", nor printed what it should" : ""}`;
  if (ending === "enough") return undefined;
  const how = "signal" in ending ? `it was ended by ${ending.signal}` : `it ended with code ${ending.code}`;
  if (expected === "running") return `${how} instead of running on`;
  return "code" in ending && ending.code === expected ? undefined : `${how} instead of code ${expected}`;
}

function wrongOutput(expected: SmokeOptions["stdout"]): string {
  return typeof expected === "object"
    ? `its standard output does not match /${expected.matches}/`
    : `its standard output is not ${JSON.stringify(expected)}`;
}

function expression(text: string): RegExp {
  try {
    return new RegExp(text, "mu");
  } catch (error) {
    throw new SbpError(
      "SBP_SMOKE_OPTION",
      `smoke: "matches" is no regular expression: ${(error as Error).message}`,
      {
        hint: "In JSON, a backslash is written twice.",
        exitCode: exitCodes.badUsage,
      },
    );
  }
}

function failed(target: Target, what: string, result?: Supervised): SbpError {
  const output = result
    ? [...shown("standard output", result.stdout), ...shown("standard error", result.stderr)]
    : [];
  const message = [`The executable for ${target} does not do what "smoke" expects: ${what}`, ...output].join(
    "\n",
  );
  return new SbpError("SBP_SMOKE", message, {
    hint: "It was run in an empty folder with next to no environment; nothing was put into the output folder.",
    exitCode: exitCodes.policy,
  });
}

function shown(name: string, text: string): string[] {
  const lines = text.trimEnd().split(/\r?\n/);
  if (text.trim() === "") return [`  ${name}: nothing`];
  const last = lines.slice(-shownLines).map((line) => `    ${line.slice(0, 500)}`);
  return [
    `  ${name}${lines.length > shownLines ? `, the last ${shownLines} lines of ${lines.length}` : ""}:`,
    ...last,
  ];
}
