import { parseTargets, targetWords, thisMachine } from "../build-options.ts";
import { defineCommand } from "../command.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  summary: "Run the app, and again after every change",
  description: `Builds the app's bundle and runs it with this Node.js; builds and restarts whenever a file changes that the build
has read, the config and plugins included. A build that fails leaves the last good process running. The app has the terminal's
standard input as soon as it asks for it; until then keys restart (r), build all steps (b), pick targets (t), open the
report (o) and quit (q). What sbp itself has to say goes to standard error, with --json as well.`,
  passThrough: { name: "args", description: "The arguments for the app" },
  options: {
    until: {
      type: "string",
      value: "STEP",
      description: "Run the pipeline up to this step on every change (a step, or what it makes: image)",
    },
    target: {
      type: "string",
      multiple: true,
      value: "TARGET",
      values: targetWords,
      description:
        'Targets for --until: a name, a list with commas, "all" or "host" (default: host); repeatable',
    },
    push: {
      type: "boolean",
      description:
        "Bring every new image to the registry that the step scratch-image names (--until image is understood)",
    },
    "plain-http": {
      type: "boolean",
      description: "Speak to the registry without TLS (always so with one on this machine)",
    },
    "no-restart": { type: "boolean", description: "Only build: run nothing" },
    "no-standby": { type: "boolean", description: "Start no process ahead of time" },
    inspect: { type: "boolean", description: "Let a debugger attach to the app (127.0.0.1:9229)" },
    "inspect-port": { type: "string", value: "[HOST:]PORT", description: "The same at another place" },
    "env-file": {
      type: "string",
      multiple: true,
      value: "FILE",
      description: "Set the app's environment from this file; a change of it restarts the app; repeatable",
    },
    clear: { type: "boolean", description: "Clear the screen before each restart" },
    poll: { type: "boolean", description: "Look at the files again and again (network drives)" },
    offline: { type: "boolean", description: "Fetch nothing: use what the lock file and the store have" },
    "frozen-lock": { type: "boolean", description: "Refuse to change sbp.lock.json" },
    strict: { type: "boolean", description: "Take warnings for errors" },
    concurrency: {
      type: "string",
      value: "N",
      description: "Run at most N actions at once (default: one per processor)",
    },
  },
  examples: [
    { command: "sbp dev", description: "Run, and restart on save" },
    { command: "sbp dev -- --port 8080", description: "The same with arguments" },
    {
      command: "sbp dev --env-file .env --inspect",
      description: "With an environment, and open for a debugger",
    },
    { command: "sbp dev --until image --no-restart", description: "Only bring the image up to date" },
    { command: "sbp dev --push --target linux-arm64", description: "Save, and the registry has the image" },
  ],
  leavesStdout: true,
  async run({ cwd, globals, options, passedThrough, terminal }) {
    const { Dev } = await import("../dev/dev.ts");
    const exitCode = await new Dev({
      cwd,
      globals,
      terminal,
      args: passedThrough,
      targets: parseTargets(options.target) ?? [thisMachine()],
      until: options.until ?? (options.push ? "image" : undefined),
      push: options.push,
      plainHttp: options["plain-http"],
      poll: options.poll,
      restart: !options["no-restart"],
      standby: !options["no-standby"],
      clear: options.clear,
      inspect: parseInspect(options.inspect, options["inspect-port"]),
      envFiles: options["env-file"],
      options,
    }).run();
    return { exitCode, json: { outcome: "done" } };
  },
});

/** Throws SBP_USAGE for what is no place to listen at. */
function parseInspect(isOn: boolean, place: string | undefined): { host: string; port: number } | undefined {
  if (place === undefined) return isOn ? { host: "127.0.0.1", port: 9229 } : undefined;
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(place);
  if (!match || Number(match[2]) > 65535) throw usageError(`--inspect-port ${place}: not [HOST:]PORT`);
  return { host: match[1] ?? "127.0.0.1", port: Number(match[2]) };
}
