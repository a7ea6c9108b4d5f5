import { findProject, hostTarget, planBuild, targets } from "@sbp/core";
import { defineCommand } from "../command.ts";
import { openProject } from "../project.ts";
import { table } from "../render/text.ts";

const systems = { linux: "Linux", darwin: "macOS", win32: "Windows" } as const;

export const command = defineCommand({
  summary: "List the targets that executables can be built for",
  description: `Lists all targets, which of them this machine is, and which of them the project builds. Every machine builds
for every target.`,
  options: {},
  examples: [
    { command: "sbp targets", description: "All targets" },
    { command: "sbp targets --json | jq -r '.targets[].name'", description: "Their names, for scripts" },
  ],
  async run({ cwd, globals, terminal }) {
    const built = await targetsOfProject(cwd, globals.config);
    const rows = targets.map((name) => ({
      name,
      system: systems[name.split("-")[0] as keyof typeof systems],
      host: name === hostTarget(),
      ...(built && { built: built.includes(name) }),
    }));
    const { paint } = terminal.out;
    const lines = table(
      rows.map(({ name, system, host, built: isBuilt }) => [
        name,
        system,
        [...(host ? ["this machine"] : []), ...(isBuilt ? ["built by this project"] : [])].join(", "),
      ]),
    );
    const head = paint.dim("TARGET        SYSTEM");
    return { json: { targets: rows }, text: [head, ...lines].join("\n") };
  },
});

/** Undefined where there is no config, which would say. */
async function targetsOfProject(cwd: string, config: string | undefined) {
  const { configFile } = findProject(cwd, config);
  return configFile === undefined ? undefined : planBuild(await openProject({ cwd, configFile })).targets;
}
