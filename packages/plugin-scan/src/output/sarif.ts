/* SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import { isThere } from "../finding.ts";
import { titleOf } from "../inventory/inventory.ts";
import type { JudgedCheck, JudgedFinding } from "../policy.ts";
import type { ScanResult } from "../result.ts";
import type { Severity } from "../severity.ts";

const levels: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  critical: "error",
  high: "error",
  unknown: "error",
  medium: "warning",
  low: "note",
};
/** What GitHub sorts by, a score of CVSS. */
const scores: Readonly<Record<Severity, string>> = {
  critical: "9.5",
  high: "8.0",
  unknown: "8.0",
  medium: "5.5",
  low: "2.0",
};

export function sarif({ findings, checks, inventory, tool }: ScanResult): string {
  const rules = new Map<string, object>();
  for (const { id, summary, severity, url, aliases } of findings)
    if (!rules.has(id))
      rules.set(id, {
        id,
        name: "VulnerableDependency",
        shortDescription: { text: sentence(summary || id) },
        fullDescription: { text: sentence(summary || id) },
        helpUri: url,
        help: { text: `${sentence(summary || id)}\n${[id, ...aliases].join(", ")}\n${url}` },
        properties: { tags: ["security", "vulnerability"], "security-severity": scores[severity] },
      });
  for (const { rule, message, hint, severity } of checks)
    if (!rules.has(rule))
      rules.set(rule, {
        id: rule,
        name: pascalCase(rule),
        shortDescription: { text: sentence(rule.startsWith("hardening/") ? message : pascalWords(rule)) },
        fullDescription: { text: sentence(rule.startsWith("hardening/") ? message : pascalWords(rule)) },
        help: { text: hint },
        properties: { tags: ["security", rule.split("/", 1)[0]!], "security-severity": scores[severity] },
      });
  const ids = [...rules.keys()];
  const uri = uriOf(inventory.subject.path);
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "sbp scan",
            version: tool,
            semanticVersion: tool,
            rules: [...rules.values()],
          },
        },
        automationDetails: { id: `sbp-scan/${inventory.subject.name}/` },
        columnKind: "utf16CodeUnits",
        results: [
          ...findings.map((finding) => findingResult(finding, ids.indexOf(finding.id), uri)),
          ...checks.map((check) => checkResult(check, ids.indexOf(check.rule), uri)),
        ],
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function findingResult(finding: JudgedFinding, ruleIndex: number, uri: string) {
  const { id, severity, summary, component, because, fixedIn, command, level } = finding;
  const upgrade =
    fixedIn === undefined ? "No version mends it." : `Mended in ${fixedIn}${command ? `: ${command}` : ""}.`;
  return {
    ruleId: id,
    ruleIndex,
    ...(isThere(finding)
      ? {
          kind: level === "undetermined" || level === "unreachable" ? "review" : "fail",
          level: levels[severity],
        }
      : { kind: "notApplicable", level: "none" }),
    message: {
      text: `${titleOf(component)}: ${sentence(summary || id)} Evidence (${level}): ${because}. ${upgrade}`,
    },
    ...place(uri, component.purl ?? titleOf(component), "module"),
    ...identity(id, component.purl ?? titleOf(component)),
    ...suppressions(finding),
  };
}

function checkResult(check: JudgedCheck, ruleIndex: number, uri: string) {
  const { rule, severity, message, place: where, hint } = check;
  return {
    ruleId: rule,
    ruleIndex,
    kind: "fail",
    level: levels[severity],
    message: { text: `${sentence(message)} ${hint}` },
    ...place(uri, where, "resource"),
    ...identity(rule, where ?? ""),
    ...suppressions(check),
  };
}

function place(uri: string, fullyQualifiedName: string | undefined, kind: string) {
  return {
    locations: [
      {
        physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } },
        ...(fullyQualifiedName && { logicalLocations: [{ fullyQualifiedName, kind }] }),
      },
    ],
  };
}

/** What a finding is recognised by in the next run. */
function identity(rule: string, where: string) {
  const hash = createHash("sha256").update(`${rule}\0${where}`).digest("hex");
  return { partialFingerprints: { "sbpScan/v1": hash.slice(0, 32) } };
}

function suppressions({ ignored }: Pick<JudgedFinding, "ignored">) {
  if (!ignored) return {};
  return { suppressions: [{ kind: "external", status: "accepted", justification: ignored.reason }] };
}

function uriOf(path: string): string {
  return path.startsWith("/") ? pathToFileURL(path).href : encodeURI(path.replaceAll("\\", "/"));
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function pascalWords(rule: string): string {
  return rule.replace(/[/-]/g, " ");
}

function pascalCase(rule: string): string {
  return pascalWords(rule)
    .split(" ")
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
    .join("");
}
