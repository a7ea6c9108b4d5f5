/*
 * The vulnerabilities of Node.js itself, as its security working group lists them: `vuln/core/index.json` of nodejs/security-wg,
 * an object of entries by their numbers.
 */
import { validRange } from "semver";
import { type Severity, severityNamed } from "../severity.ts";

export interface CoreEntry {
  readonly number: number;
  readonly cve: readonly string[];
  /** Ranges in npm's words: a version is affected that `vulnerable` has and `patched` has not. */
  readonly vulnerable: string;
  readonly patched: string;
  /** `all`, or platforms in Node's words. */
  readonly platforms: readonly string[];
  readonly severity: Severity;
  readonly summary: string;
  readonly url: string | undefined;
}

const longestRange = 2000;
const longestSummary = 300;

type Fields = Readonly<Record<string, unknown>>;

/** True for an object of numbered entries. */
export function isCoreIndex(value: unknown): value is Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const [first] = Object.entries(value);
  return (
    first !== undefined && /^\d+$/.test(first[0]) && typeof (first[1] as Fields)?.["vulnerable"] === "string"
  );
}

/** Throws RangeError for an entry that cannot be judged by. */
export function readCoreIndex(index: Fields): CoreEntry[] {
  return Object.entries(index).map(([key, value]) => {
    const entry = value as Fields | null;
    const { vulnerable, patched, cve, affectedEnvironments } = entry ?? {};
    const fixed = typeof patched === "string" && patched.trim() === "" ? undefined : patched;
    if (!/^\d{1,9}$/.test(key) || !isRange(vulnerable) || !(fixed === undefined || isRange(fixed)))
      throw new RangeError(`entry ${JSON.stringify(key.slice(0, 20))} of Node's index is malformed`);
    return {
      number: Number(key),
      cve: textsOf(cve),
      vulnerable,
      patched: fixed ?? "",
      platforms: affectedEnvironments === undefined ? ["all"] : textsOf(affectedEnvironments),
      severity: severityNamed(entry!["severity"]),
      summary: summaryOf(entry!),
      url: typeof entry!["ref"] === "string" ? entry!["ref"] : undefined,
    };
  });
}

function isRange(value: unknown): value is string {
  return typeof value === "string" && value.length <= longestRange && validRange(value) !== null;
}

function summaryOf({ description, overview }: Fields): string {
  const whole = typeof description === "string" ? description : typeof overview === "string" ? overview : "";
  // Newer entries have no title: the first sentence is one.
  const paragraph = whole
    .trim()
    .split(/\n\s*\n/, 1)[0]!
    .replace(/\s+/g, " ");
  const sentence = /^.*?[.!?](?= |$)/.exec(paragraph)?.[0] ?? paragraph;
  return sentence.length > longestSummary ? `${sentence.slice(0, longestSummary)}…` : sentence;
}

function textsOf(value: unknown): readonly string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === "string");
}
