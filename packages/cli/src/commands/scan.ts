import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodes, SbpError } from "@sbp/core";
import type { Format, ScanResult } from "@sbp/plugin-scan";
import {
  type CommandContext,
  type CommandResult,
  defineCommand,
  type OptionTable,
  type OptionValues,
} from "../command.ts";
import { interruptible } from "../interrupt.ts";
import { annotate, annotating } from "../render/annotations.ts";
import { jsonLine } from "../render/json.ts";
import { unknownWord, usageError } from "../usage-error.ts";

const options = {
  db: {
    type: "string",
    value: "PATH",
    description:
      "A folder of OSV records or a zip of them (default: the config's, else what --update-db fetched)",
  },
  "fail-on": {
    type: "string",
    value: "LEVEL",
    values: ["low", "medium", "high", "critical", "never"],
    description: "Refuse from this severity on: low, medium, high (default), critical, never",
  },
  format: {
    type: "string",
    value: "FORMAT",
    values: ["cyclonedx", "spdx", "sarif", "openvex", "cyclonedx-vex", "json", "html"],
    description: "Print a document instead: cyclonedx, spdx, sarif, openvex, cyclonedx-vex, json, html",
  },
  output: { type: "string", value: "FILE", description: "Write the document to a file" },
  against: {
    type: "string",
    value: "OLD",
    description: "Tell what has changed since an older file or image",
  },
  lockfile: {
    type: "string",
    value: "FILE",
    description: "Tell too of what a lock file has and the executable has not",
  },
  target: { type: "string", value: "TARGET", description: "Of several images, that for this target" },
  online: { type: "boolean", description: "Ask npm's registry for advisories as well, as npm audit does" },
  "no-secrets": { type: "boolean", description: "Do not look for keys, tokens and passwords" },
  "plain-http": { type: "boolean", description: "Speak to the registry of an image without TLS" },
  "update-db": { type: "boolean", description: "Fetch the database of vulnerabilities; needs a network" },
} as const satisfies OptionTable;
export type ScanOptions = OptionValues<typeof options>;

export const command = defineCommand({
  summary: "Tell what is in a file or image, and what is known against it",
  description: `Reads what an executable carries, without running it, and looks it up in a database of vulnerabilities: packages that are
really in it, Node.js and its parts. An image (layout, tar, or in a registry) is searched for executables; a project's folder
tells what its lock file has. The policy is that of the step scan; what it refuses ends with exit code 3, whatever the format.`,
  arguments: [
    { name: "subject", required: true, description: "An executable, an image or a project's folder" },
  ],
  options,
  examples: [
    { command: "sbp scan dist/linux-x64/health", description: "What is in it, and what is known against it" },
    { command: "sbp scan registry.example/acme/health:1.2.0", description: "The same of an image" },
    {
      command: "sbp scan dist/linux-x64/health --format sarif",
      description: "For code scanning",
    },
    {
      command: "sbp scan new/health --against old/health",
      description: "Packages and findings that have changed",
    },
    { command: "sbp scan --update-db", description: "Fetch the database" },
  ],
  async run(context) {
    const { globals, terminal } = context;
    return interruptible(
      (signal) => (context.options["update-db"] ? update(context, signal) : scan(context, signal)),
      () => !globals.quiet && terminal.err.line("  cancelling; once more to stop at once"),
    );
  },
});

type Context = CommandContext<typeof options>;

async function update({ globals, terminal }: Context, signal: AbortSignal): Promise<CommandResult> {
  const { defaultOrigins, fetchedDatabase, updateDatabase } = await (
    await import("@sbp/plugin-scan")
  ).scanning();
  // A mirror has the files under the same names.
  const mirror = process.env["SBP_ADVISORIES_URL"]?.replace(/\/+$/, "");
  const origins = mirror
    ? {
        npm: `${mirror}/npm/all.zip`,
        debian: `${mirror}/Debian/all.zip`,
        go: `${mirror}/Go/all.zip`,
        node: `${mirror}/node-core/index.json`,
      }
    : defaultOrigins;
  const updated = await updateDatabase(fetchedDatabase(), origins, {
    signal,
    progress: (message) => {
      if (!globals.quiet && !globals.json) terminal.err.line(`  ${message}`);
    },
  });
  const json = { ...updated };
  if (globals.quiet) return { json };
  const date = updated.date.slice(0, 10);
  return { json, text: `${updated.records} records, the newest of ${date}, in ${updated.folder}` };
}

async function scan(context: Context, signal: AbortSignal): Promise<CommandResult> {
  const { cwd, globals, options, positionals } = context;
  const [subject] = positionals;
  if (subject === undefined)
    throw usageError(
      "sbp scan needs to know what to scan",
      "Name an executable, an image or a folder: sbp scan dist/linux-x64/app.",
    );
  const { formats } = await (await import("@sbp/plugin-scan")).scanning();
  const format = formats.find((one) => one === options.format);
  if (options.format !== undefined && !format)
    throw unknownWord("format", options.format, formats, `One of ${formats.join(", ")}.`);
  if (options.output !== undefined && !format)
    throw usageError("--output needs a document to write", `Say which with --format: ${formats.join(", ")}.`);
  const { scanAgainst, scanCommand } = await import("../scan.ts");
  const request = { cwd, configFile: globals.config, subject, options, format, signal };
  if (options.against !== undefined) {
    if (format)
      throw usageError("--against has no documents", "Use it without --format; --json gives it to programs.");
    const { before, after } = await scanAgainst({ ...request, against: options.against });
    return diffResult(before, after, context);
  }
  const result = await scanCommand(request);
  return format ? documentResult(result, format, context) : textResult(result, context);
}

function exitCodeOf({ refused }: ScanResult): number {
  return refused ? exitCodes.policy : exitCodes.done;
}

async function textResult(result: ScanResult, { globals, terminal }: Context): Promise<CommandResult> {
  const { renderScan, scanDiagnostics } = await import("../render/scan.ts");
  const { componentJson, findingJson, reportJson } = await (await import("@sbp/plugin-scan")).scanning();
  const exitCode = exitCodeOf(result);
  if (annotating()) for (const diagnostic of scanDiagnostics(result)) terminal.err.line(annotate(diagnostic));
  if (globals.json) {
    for (const component of result.inventory.components)
      terminal.out.line(jsonLine({ type: "component", ...componentJson(component) }));
    for (const finding of result.findings)
      terminal.out.line(jsonLine({ type: "finding", ...findingJson(finding) }));
    for (const check of result.checks) terminal.out.line(jsonLine({ type: "check", ...check }));
    const { components: _, findings: __, checks: ___, ...facts } = reportJson(result);
    return { exitCode, json: { outcome: result.refused ? "refused" : "done", ...facts } };
  }
  return { exitCode, json: {}, ...(!globals.quiet && { text: renderScan(result, terminal.out.paint) }) };
}

async function documentResult(result: ScanResult, format: Format, context: Context): Promise<CommandResult> {
  const { cwd, globals, options } = context;
  const { formatted } = await (await import("@sbp/plugin-scan")).scanning();
  const text = await formatted(result, format);
  const exitCode = exitCodeOf(result);
  const json = { outcome: result.refused ? "refused" : "done", refused: result.refused };
  if (text === undefined) {
    if (!globals.quiet && !globals.json)
      context.terminal.err.line("nothing is known against it: there is no statement to write");
    return { exitCode, json };
  }
  if (options.output === undefined)
    return globals.json
      ? { exitCode, json: { ...json, document: JSON.parse(text) } }
      : { exitCode, json, text: text.trimEnd() };
  const file = resolve(cwd, options.output);
  await writeFile(file, text).catch((error: Error) => {
    throw new SbpError("SBP_WRITE", `The document cannot be written: ${error.message}`, {
      location: { file },
      cause: error,
    });
  });
  return { exitCode, json: { ...json, file }, ...(!globals.quiet && { text: `wrote ${options.output}` }) };
}

async function diffResult(
  before: ScanResult,
  after: ScanResult,
  { globals, terminal }: Context,
): Promise<CommandResult> {
  const { renderDiff } = await import("../render/scan-diff.ts");
  const { componentJson, diffScans, findingJson } = await (await import("@sbp/plugin-scan")).scanning();
  const diff = diffScans(before, after);
  const exitCode = exitCodeOf(after);
  const json = JSON.parse(
    JSON.stringify({
      outcome: after.refused ? "refused" : "done",
      added: diff.added.map((one) => componentJson(one)),
      removed: diff.removed.map((one) => componentJson(one)),
      changed: diff.changed,
      newFindings: diff.newFindings.map((one) => findingJson(one)),
      fixedFindings: diff.fixedFindings.map((one) => findingJson(one)),
      bytes: diff.bytes,
    }),
  );
  return { exitCode, json, ...(!globals.quiet && { text: renderDiff(diff, after, terminal.out.paint) }) };
}
