/** From bad to worse; `unknown` is what nobody has rated. */
export const severities = ["unknown", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

/** What a severity counts as in an order. What nobody has rated counts as high, until somebody does. */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity === "unknown" ? "high" : severity);
}

const names: Readonly<Record<string, Severity>> = {
  low: "low",
  moderate: "medium",
  medium: "medium",
  high: "high",
  critical: "critical",
};

/** The words of GitHub's, npm's and Node's advisories. */
export function severityNamed(word: unknown): Severity {
  return (typeof word === "string" && names[word.toLowerCase()]) || "unknown";
}

/** The qualitative scale of CVSS 3.1 §5 and 4.0 §6. A score of 0 is no vulnerability, yet somebody has reported one. */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  if (score >= 4) return "medium";
  return "low";
}
