import { exitCodes, SbpError } from "../error.ts";
import { entryTaker } from "./builtins.ts";
import type { ErrorCollector } from "./config-error.ts";
import { foundEntry, namedEntry } from "./entry.ts";
import type { JsonDocument } from "./json-document.ts";
import type { PackageFile } from "./package-file.ts";
import type { GivenStep } from "./step-options.ts";

export interface EntrySources {
  readonly dir: string;
  readonly cwd: string;
  /** From the command line, for the first bundle step. */
  readonly entry: string | undefined;
  readonly document: JsonDocument;
  readonly packageFile: PackageFile | undefined;
}

/** The steps, with the entry in the options of every bundle step. */
export async function giveEntries(
  steps: readonly GivenStep[],
  sources: EntrySources,
  errors: ErrorCollector,
): Promise<readonly GivenStep[]> {
  const first = steps.find(({ use }) => use === entryTaker);
  if (sources.entry !== undefined && !first) await errors.attempt(() => refuseEntry(sources));
  return Promise.all(
    steps.map(async (step) => {
      if (step.use !== entryTaker) return step;
      const named = (step === first ? sources.entry : undefined) ?? step.options.entry;
      // Of a wrong type: the schema's affair.
      if (named !== undefined && typeof named !== "string") return step;
      const entry = await errors.attempt(() => entryOf(step, named, step === first, sources));
      // Where there is none, the rest of the options is checked all the same.
      return { ...step, options: { ...step.options, entry: entry ?? named ?? "src/main.ts" } };
    }),
  );
}

function entryOf(
  step: GivenStep,
  named: string | undefined,
  isFirst: boolean,
  sources: EntrySources,
): string {
  const { dir, cwd, entry, document, packageFile } = sources;
  if (named === undefined) return foundEntry(dir, packageFile);
  if (isFirst && entry !== undefined) return namedEntry(dir, cwd, named);
  return namedEntry(dir, dir, named, document.locate([...step.path, "entry"]));
}

function refuseEntry({ entry, document }: EntrySources): never {
  throw new SbpError("SBP_ENTRY_UNUSED", `The pipeline has no "${entryTaker}" step to give the entry to`, {
    location: document.locate(["pipeline"], "key"),
    hint: `Leave ${JSON.stringify(entry)} out, or add { "use": "${entryTaker}" } to the pipeline.`,
    exitCode: exitCodes.badUsage,
  });
}
