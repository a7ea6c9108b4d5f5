import { rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isSbpError } from "../error.ts";
import { withEnvironment } from "./environment.ts";
import { type Checked, errorsOf } from "./finding.ts";
import type { PluginFixture } from "./fixture.ts";
import { type PluginResult, PluginRig } from "./plugin-rig.ts";

/** A plugin with a thousand inputs is not run a thousand times. */
const mostFiles = 12;

/**
 * Takes away what the plugin read: files, programs, the files of artifacts. It may do without; if it does not, its error
 * has a code and names what is missing. Then the mistakes that its author has listed.
 */
export async function checkErrors({ fixture, first, mistakes }: Checked): Promise<string[]> {
  const messages: string[] = [];
  const files = first.inputs.flatMap(({ kind, name }) => (kind === "file" ? [name] : []));
  const own = files.filter((name) => Object.hasOwn(fixture.files ?? {}, name)).slice(0, mostFiles);
  for (const name of own) {
    const run = await runOnce(fixture, (rig) => rmSync(join(rig.dir, name)));
    messages.push(...judged(run, `Without "${name}"`, basename(name), basename(dirname(name))));
  }
  const tools = [...new Set(first.inputs.flatMap(({ kind, name }) => (kind === "tool" ? [name] : [])))];
  if (tools.length > 0) {
    const run = await withEnvironment({ PATH: "" }, () => runOnce(fixture));
    messages.push(...judged(run, "Without the program", ...tools));
  }
  for (const [kind, given] of Object.entries(fixture.artifacts ?? {})) {
    const none = { files: {} };
    const empty = { ...fixture.artifacts, [kind]: typeof given === "function" ? () => none : none };
    messages.push(
      ...judged(await runOnce({ ...fixture, artifacts: empty }), `With an empty "${kind}" artifact`),
    );
  }
  for (const [name, { change, code }] of Object.entries(mistakes)) {
    const run = await runMistake({ ...fixture, ...change });
    const codes = Array.isArray(run) ? run : run.errors.map((error) => error.code);
    if (!codes.includes(code))
      messages.push(`The mistake "${name}" ends with ${codes.join(", ") || "no error"}, not with ${code}`);
    else if (!Array.isArray(run)) messages.push(...judged(run, `The mistake "${name}"`));
  }
  return messages;
}

async function runOnce(fixture: PluginFixture, prepare = (_rig: PluginRig) => {}): Promise<PluginResult> {
  const rig = await PluginRig.create(fixture);
  try {
    prepare(rig);
    return await rig.run();
  } finally {
    rig.remove();
  }
}

/** A mistake in the options is refused before anything runs: then the codes are all there is. */
async function runMistake(fixture: PluginFixture): Promise<PluginResult | string[]> {
  try {
    return await runOnce(fixture);
  } catch (error) {
    if (!isSbpError(error)) throw error;
    return [error.code, ...error.diagnostics.map(({ code }) => code)];
  }
}

/**
 * What is wrong with the errors of a run; nothing where it went well. `names`: one of them must be named (a package's
 * folder says as much as its file).
 */
function judged(run: PluginResult, when: string, ...names: readonly string[]): string[] {
  return run.errors.flatMap((error) => {
    const text = [error, ...error.diagnostics]
      .map(({ message, hint, location }) => `${message} ${hint ?? ""} ${location?.file ?? ""}`)
      .join("\n");
    if (error.code === "SBP_PLUGIN_THREW")
      return [
        `${when} it throws an error without a code (${errorsOf(run)}): throw new SbpError(code, message, { hint })`,
      ];
    if (/\bundefined\b|\[object |\bNaN\b/.test(text) || error.message.trim() === "")
      return [`${when} its error says nothing that helps: ${text.trim()}`];
    if (names.length > 0 && !names.some((name) => text.includes(name)))
      return [`${when} its error does not name it: ${error.message}`];
    return [];
  });
}
