import { definePlugin, SbpError, type Target } from "@sbp/core";

const options = {
  type: "object",
  properties: {
    package: {
      type: "string",
      pattern: "^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$",
      description: "The name that people install. Those of the platforms have the target behind it.",
      examples: ["@acme/greet"],
    },
  },
  required: ["package"],
} as const;

/**
 * Packages for npm: one per target with the executable, which npm installs on that platform alone (`os`, `cpu`), and the one
 * that people install, which has them as optional dependencies and a script that starts the one that is there.
 */
export default definePlugin({
  name: "npm-packages",
  options,
  transforms: [
    {
      name: "platform",
      consumes: ["executable"],
      produces: ["npm-platform"],
      scope: "target",
      usesApp: true,
      async run({ options, artifacts, target, app, write }) {
        const [file] = artifacts.executable.files;
        if (!file) throw new SbpError("NPM_EXECUTABLE", "The executable artifact has no file");
        const name = `${options.package}-${target}`;
        const [os, cpu] = target!.split("-");
        const manifest = {
          name,
          version: app!.version,
          description: `${options.package} for ${target}`,
          os: [os],
          cpu: [cpu],
          files: ["bin"],
          // Where Yarn would keep it zipped it could not be started.
          preferUnplugged: true,
        };
        await write("npm-platform", { name, file: file.path }, async (out) => {
          await out.file(`npm/package.json`, json(manifest));
          await out.file(
            `npm/bin/${file.path}`,
            { artifact: artifacts.executable, file: file.path },
            { executable: true },
          );
        });
      },
    },
    {
      name: "main",
      consumesLanes: ["npm-platform"],
      produces: ["npm-main"],
      scope: "project",
      usesApp: true,
      async run({ options, lanes, app, write }) {
        const { name, version } = app!;
        const platforms = [...lanes].map(([target, made]) => [target, made["npm-platform"]!.meta] as const);
        const manifest = {
          name: options.package,
          version,
          bin: { [name]: "bin/start.cjs" },
          files: ["bin"],
          optionalDependencies: Object.fromEntries(
            platforms.map(([, meta]) => [String(meta["name"]), version]),
          ),
        };
        const table = Object.fromEntries(
          platforms.map(([target, meta]) => [target, `${meta["name"]}/bin/${meta["file"]}`]),
        );
        await write("npm-main", {}, async (out) => {
          await out.file("npm/package.json", json(manifest));
          await out.file("npm/bin/start.cjs", startScript(options.package, table), { executable: true });
        });
      },
    },
  ],
});

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Runs wherever npm does, so it says what it needs in old words. */
function startScript(name: string, table: Readonly<Partial<Record<Target, string>>>): string {
  return `#!/usr/bin/env node
"use strict";
const { spawnSync } = require("node:child_process");
const files = ${JSON.stringify(table, null, 2)};
const target = process.platform + "-" + process.arch;
let file;
try {
  file = require.resolve(files[target]);
} catch {
  const known = Object.keys(files).join(", ");
  console.error(
    files[target]
      ? ${JSON.stringify(`${name} is there without its part for this machine: install again, without --no-optional.`)}
      : ${JSON.stringify(name)} + " is made for " + known + ", not for " + target + ".",
  );
  process.exit(1);
}
const { status, signal, error } = spawnSync(file, process.argv.slice(2), { stdio: "inherit" });
if (error) throw error;
if (signal) process.kill(process.pid, signal);
process.exitCode = status;
`;
}
