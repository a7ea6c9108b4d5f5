import { isSbpError, SbpError } from "../error.ts";
import { checkCancellation } from "./check-cancellation.ts";
import { checkDeterminism } from "./check-determinism.ts";
import { checkEnvironment } from "./check-environment.ts";
import { checkErrors } from "./check-errors.ts";
import { checkFiles } from "./check-files.ts";
import { checkOutput } from "./check-output.ts";
import { checkWrites } from "./check-writes.ts";
import { readVariables } from "./environment.ts";
import {
  type Checked,
  type ContractCheck,
  contractChecks,
  errorsOf,
  type Finding,
  type Mistake,
} from "./finding.ts";
import type { PluginFixture } from "./fixture.ts";
import { PluginRig } from "./plugin-rig.ts";

export interface ContractOptions {
  /** Which checks. Default: all. */
  readonly checks?: readonly ContractCheck[];
  /** What users get wrong, and the code that the plugin must answer with. Part of `errors`. */
  readonly mistakes?: Readonly<Record<string, Mistake>>;
  /** How long a cancelled run may take to end, in milliseconds. Default: 10,000, for busy machines. */
  readonly patience?: number;
}

const checkers = {
  output: checkOutput,
  determinism: checkDeterminism,
  files: checkFiles,
  environment: checkEnvironment,
  writes: checkWrites,
  cancellation: checkCancellation,
  errors: checkErrors,
} as const satisfies Record<ContractCheck, (checked: Checked) => Promise<readonly string[]>>;

/**
 * Runs a plugin several times on a fixture and tells where it breaks the contract; nothing where it does not. The
 * environment of the process changes meanwhile: run one at a time. Throws where the plugin does not run on the fixture.
 */
export async function checkContract(
  fixture: PluginFixture,
  { checks = contractChecks, mistakes = {}, patience = 10_000 }: ContractOptions = {},
): Promise<readonly Finding[]> {
  const rig = await PluginRig.create(fixture);
  try {
    const { result: first, names } = await readVariables(() => rig.run());
    if (first.outcome !== "done") throw fixtureFails(first.errors[0], errorsOf(first));
    const checked: Checked = { fixture, rig, first, variables: names, mistakes, patience };
    const findings: Finding[] = [];
    for (const check of contractChecks) {
      if (!checks.includes(check)) continue;
      const messages = await checkers[check](checked);
      findings.push(...messages.map((message) => ({ check, message })));
    }
    return findings;
  } finally {
    rig.remove();
  }
}

function fixtureFails(error: unknown, what: string): Error {
  return isSbpError(error) ? error : new SbpError("SBP_PLUGIN_OUTPUT", `The plugin ends with ${what}`);
}
