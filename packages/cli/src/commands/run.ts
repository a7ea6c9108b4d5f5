import { buildOptions, thisMachine } from "../build-options.ts";
import { defineCommand } from "../command.ts";
import { exitCodeOf, runBuild } from "../run-build.ts";
import { runExecutable } from "../run-executable.ts";

export const command = defineCommand({
  summary: "Build for this machine and run the app",
  description: `Builds the executable for this machine and runs it in its place: with the same standard input and output, the
signals that sbp gets, and its exit code (128 and the signal's number where a signal ended it). What sbp itself
has to say goes to standard error, with --json as well.`,
  passThrough: { name: "args", description: "The arguments for the app" },
  options: buildOptions,
  examples: [
    { command: "sbp run", description: "Build and run" },
    { command: "sbp run -- --port 8080", description: "The same with arguments" },
  ],
  leavesStdout: true,
  async run({ cwd, globals, options, passedThrough, terminal }) {
    const target = thisMachine();
    const result = await runBuild({
      cwd,
      globals,
      terminal,
      options,
      targets: [target],
      leavesStdout: true,
    });
    if (result.outcome !== "done")
      return { exitCode: exitCodeOf(result), json: { outcome: result.outcome }, errors: result.errors };
    const { exitCode, signal } = await runExecutable(result, target, passedThrough, cwd);
    return { exitCode, json: { outcome: "done", signal } };
  },
});
