import { defineCommand } from "../command.ts";
import { rebase } from "../rebase.ts";
import { renderRebase } from "../render/rebase.ts";
import { renderSummary } from "../render/summary.ts";
import { exitCodeOf } from "../run-build.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  summary: "Give an executable another runtime",
  description: `Puts another version of Node.js under the app of an executable that sbp built, without the app's sources:
for security fixes of Node. The result is what a build from the sources would give with that runtime, byte for
byte. It takes the place of FILE, unless --output names another, and only once it is whole.`,
  arguments: [
    { name: "file", required: true, description: "An executable that sbp built, for whatever target" },
  ],
  options: {
    runtime: {
      type: "string",
      value: "RUNTIME",
      description:
        "node@26, node@26.10.0, or the path of a Node.js executable of your own (default: the newest of the same line)",
    },
    "runtime-version": {
      type: "string",
      value: "VERSION",
      description: "The exact version of a runtime given by its path, where it cannot be run here",
    },
    libs: {
      type: "boolean",
      description: "Keep the version of Node, and renew the libraries that an executable for Linux carries",
    },
    certificate: {
      type: "string",
      value: "FILE",
      description: "Sign with this certificate and key (PKCS #12: .pfx, .p12), for Windows and macOS",
    },
    "password-env": {
      type: "string",
      value: "NAME",
      description: "The environment variable that holds the certificate's password",
    },
    output: { type: "string", short: "o", value: "FILE", description: "Write here, and leave FILE as it is" },
    offline: { type: "boolean", description: "Fetch nothing: use what earlier rebases and the store have" },
    force: { type: "boolean", description: "Run every step, whatever the store has" },
  },
  examples: [
    { command: "sbp rebase dist/linux-x64/health", description: "The newest Node of the same line" },
    { command: "sbp rebase health.exe --runtime node@26.10.0", description: "This very version" },
    { command: "sbp rebase health --runtime node@24 --output health-24", description: "Into another file" },
    {
      command: "sbp rebase app --runtime ./node --runtime-version 26.9.0",
      description: "A runtime of your own",
    },
    { command: "sbp rebase health --libs", description: "The same Node, new C libraries (Linux)" },
    {
      command: "sbp rebase a.exe --certificate a.pfx --password-env PW",
      description: "Signed again",
    },
  ],
  async run({ cwd, globals, options, positionals, terminal }) {
    const [file] = positionals;
    if (file === undefined)
      throw usageError("sbp rebase needs an executable", "For instance: sbp rebase dist/linux-x64/health");
    const { result, rebased } = await rebase({ cwd, globals, terminal, options, file });
    const json = JSON.parse(JSON.stringify({ outcome: result.outcome, ms: result.ms, ...rebased }));
    const { errors } = result;
    const exitCode = exitCodeOf(result);
    if (globals.quiet) return { exitCode, json, errors };
    const { paint } = terminal.out;
    const text = rebased ? renderRebase(rebased, result.ms, paint) : renderSummary(result, paint);
    return { exitCode, json, errors, text };
  },
});
