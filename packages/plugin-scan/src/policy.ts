/* What a project accepts: one policy for every output. Pure. */
import { type Check, type Finding, isThere } from "./finding.ts";
import { type Severity, severityRank } from "./severity.ts";

export type FailOn = Exclude<Severity, "unknown"> | "never";

/** A finding that is accepted. */
export interface Ignore {
  /** A vulnerability by any of its names, or the rule of a check. */
  readonly id: string;
  readonly reason: string;
  /** The last day on which it holds, `YYYY-MM-DD`; without, for good. */
  readonly expires?: string | undefined;
  /** Only in this package. */
  readonly package?: string | undefined;
}

export interface Policy {
  readonly failOn: FailOn;
  readonly ignore: readonly Ignore[];
}

export interface Judgement {
  readonly findings: readonly JudgedFinding[];
  readonly checks: readonly JudgedCheck[];
  /** True where what is refused is there. */
  readonly refused: boolean;
  /** On entries of `ignore` that have expired or that nothing needs. */
  readonly notes: readonly IgnoreNote[];
}

export interface IgnoreNote {
  readonly kind: "expired" | "unused";
  readonly entry: Ignore;
}

interface Judged {
  /** The entry that accepts it. */
  readonly ignored: Ignore | undefined;
  /** It is one of those that `failOn` refuses. */
  readonly refused: boolean;
}
export type JudgedFinding = Finding & Judged;
export type JudgedCheck = Check & Judged;

/** @param today the day on which entries may have expired, `YYYY-MM-DD`; undefined where none is known: then none has */
export function judge(
  findings: readonly Finding[],
  checks: readonly Check[],
  { failOn, ignore }: Policy,
  today: string | undefined,
): Judgement {
  const valid = ignore.filter((entry) => !hasExpired(entry, today));
  const used = new Set<Ignore>();
  const accept = (entry: Ignore | undefined) => {
    if (entry) used.add(entry);
    return entry;
  };
  const refuses = (severity: Severity) =>
    failOn !== "never" && severityRank(severity) >= severityRank(failOn);
  const judgedFindings = findings.map((finding): JudgedFinding => {
    const ignored = accept(valid.find((entry) => coversFinding(entry, finding)));
    return { ...finding, ignored, refused: !ignored && isThere(finding) && refuses(finding.severity) };
  });
  const judgedChecks = checks.map((check): JudgedCheck => {
    const ignored = accept(valid.find((entry) => coversCheck(entry, check)));
    return { ...check, ignored, refused: !ignored && refuses(check.severity) };
  });
  return {
    findings: judgedFindings,
    checks: judgedChecks,
    refused: [...judgedFindings, ...judgedChecks].some(({ refused }) => refused),
    notes: ignore.flatMap((entry): IgnoreNote[] => {
      if (hasExpired(entry, today)) return [{ kind: "expired", entry }];
      return used.has(entry) ? [] : [{ kind: "unused", entry }];
    }),
  };
}

function hasExpired({ expires }: Ignore, today: string | undefined): boolean {
  return expires !== undefined && today !== undefined && expires < today;
}

function coversFinding(entry: Ignore, { id, aliases, component }: Finding): boolean {
  const named = [id, ...aliases].some((name) => name.toLowerCase() === entry.id.toLowerCase());
  return named && (entry.package === undefined || entry.package === component.name);
}

/** The package of a check's entry is the place: `hardening/x` in one file only. */
function coversCheck(entry: Ignore, { rule, place }: Check): boolean {
  return rule === entry.id && (entry.package === undefined || entry.package === place);
}
