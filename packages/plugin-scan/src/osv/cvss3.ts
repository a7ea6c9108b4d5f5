/** The metrics' weights: CVSS 3.1 §7.4. PR differs where the scope changes. */
const weights: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  PR: { N: 0.85, L: 0.62, H: 0.27 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};
const privilegesWithChangedScope: Readonly<Record<string, number>> = { N: 0.85, L: 0.68, H: 0.5 };

/** The base score of a vector of CVSS 3.0 or 3.1 (§7.1), 0 to 10; undefined for what is none. */
export function cvss3BaseScore(vector: string): number | undefined {
  const [version, ...parts] = vector.slice(0, 200).split("/");
  if (version !== "CVSS:3.0" && version !== "CVSS:3.1") return undefined;
  const metrics = new Map(parts.map((part) => part.split(":", 2) as [string, string]));
  const scope = metrics.get("S");
  const values: Record<string, number> = {};
  for (const [metric, table] of Object.entries(weights)) {
    const own = metric === "PR" && scope === "C" ? privilegesWithChangedScope : table;
    const letter = metrics.get(metric) ?? "";
    if (!Object.hasOwn(own, letter)) return undefined;
    values[metric] = own[letter]!;
  }
  if (scope !== "U" && scope !== "C") return undefined;
  const { AV, AC, PR, UI, C, I, A } = values as Record<"AV" | "AC" | "PR" | "UI" | "C" | "I" | "A", number>;
  const base = 1 - (1 - C) * (1 - I) * (1 - A);
  const impact = scope === "U" ? 6.42 * base : 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15;
  if (impact <= 0) return 0;
  const exploitability = 8.22 * AV * AC * PR * UI;
  const sum = impact + exploitability;
  return roundUp(Math.min(scope === "U" ? sum : 1.08 * sum, 10));
}

/** To one decimal, upwards, by whole numbers: CVSS 3.1 appendix A. */
function roundUp(value: number): number {
  const whole = Math.round(value * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
}
