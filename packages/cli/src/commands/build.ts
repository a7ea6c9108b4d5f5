import { isWorkspaceRoot } from "@sbp/core";
import { buildOptions, parseTargets, targetWords } from "../build-options.ts";
import { defineCommand } from "../command.ts";
import { compressedSizes } from "../compressed-size.ts";
import { wantsPush } from "../push.ts";
import { pushBuilt } from "../push-built.ts";
import { RegistryClients } from "../registry-clients.ts";
import { renderSummary } from "../render/summary.ts";
import { exitCodeOf, runBuild } from "../run-build.ts";

export const command = defineCommand({
  summary: "Build the executables",
  description: `Builds the project's pipeline and puts its outputs under dist/, a folder per target. Steps whose inputs did
not change are not run again. Without a config the built-in pipeline builds the entry that package.json names.

At the top of a workspace of npm, pnpm, Yarn or Bun it builds every package with an sbp.config.json, each after those that
it depends on.`,
  arguments: [{ name: "entry", description: "The app's entry, in place of the config's" }],
  options: {
    target: {
      type: "string",
      multiple: true,
      value: "TARGET",
      values: targetWords,
      description: 'Build for this target: a name, a list with commas, "all" or "host"; repeatable',
    },
    until: {
      type: "string",
      value: "STEP",
      values: ["bundle", "executable", "image"],
      description: "Stop after this step: its name, or what it makes (bundle, executable, image)",
    },
    ...buildOptions,
    filter: {
      type: "string",
      multiple: true,
      value: "PATTERN",
      description: "In a workspace: only these projects, by name or ./place; !PATTERN leaves out; repeatable",
    },
    since: { type: "string", value: "REF", description: "In a workspace: only what changed since a commit" },
    sizes: { type: "boolean", description: "Show compressed sizes (gzip) as well" },
  },
  examples: [
    { command: "sbp build", description: "All targets of sbp.config.json" },
    { command: "sbp build src/main.ts", description: "This entry, config or not" },
    { command: "sbp build --target linux-x64,linux-arm64", description: "Two targets, from any machine" },
    {
      command: "sbp build --since main --filter './services/*'",
      description: "In a workspace: the services that changed, or that use what changed",
    },
    {
      command: "sbp build --frozen-lock --offline",
      description: "Exactly what the lock file and the store have",
    },
  ],
  async run({ cwd, globals, options, positionals, terminal }) {
    const targets = parseTargets(options.target);
    const choice = { filter: options.filter, since: options.since };
    const isChosen = options.filter.length > 0 || options.since !== undefined;
    if (isChosen || (positionals.length === 0 && globals.config === undefined && isWorkspaceRoot(cwd))) {
      const { runWorkspaceBuild, workspaceAt } = await import("../workspace-build.ts");
      const workspace = await workspaceAt(cwd, choice);
      if (workspace)
        return runWorkspaceBuild(workspace, { cwd, globals, terminal, options, targets, choice });
    }
    const result = await runBuild({ cwd, globals, terminal, options, targets, entry: positionals[0] });
    const sizes =
      options.sizes && result.outcome === "done"
        ? await compressedSizes(result.outputs.map(({ path }) => path))
        : undefined;
    const exitCode = exitCodeOf(result);
    const { errors, ...facts } = result;
    const outputs = result.outputs.map((output) => ({ ...output, gzip: sizes?.get(output.path) }));
    // JSON.stringify leaves out what is undefined.
    const json = JSON.parse(JSON.stringify({ ...facts, outputs }));
    const summary = renderSummary(result, terminal.out.paint, sizes);
    if (!wantsPush(result) || options.offline)
      return globals.quiet ? { exitCode, json, errors } : { exitCode, json, errors, text: summary };
    const isShown = !globals.quiet && !globals.json;
    const clients = new RegistryClients(false);
    const request = { reference: undefined, dryRun: false, clients };
    const pushed = await pushBuilt(result, request, { terminal, isShown }).finally(() => clients.close());
    const withPush = { exitCode, json: { ...json, push: pushed.json }, errors };
    return globals.quiet ? withPush : { ...withPush, text: `${summary}\n${pushed.text}` };
  },
});
