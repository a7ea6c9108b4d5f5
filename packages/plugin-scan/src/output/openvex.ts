/* OpenVEX 0.2.0: https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md */
import { createHash } from "node:crypto";
import type { JudgedFinding } from "../policy.ts";
import type { ScanResult } from "../result.ts";
import { componentRef, subjectPurl } from "./purl.ts";

/** Undefined where there is nothing to state: the format knows no document without statements. */
export function openVex(result: ScanResult): string | undefined {
  const { findings, inventory, at, tool } = result;
  if (findings.length === 0) return undefined;
  const { subject } = inventory;
  const purl = subjectPurl(subject);
  const statements = findings.map((finding) => ({
    vulnerability: {
      "@id": finding.url,
      name: finding.id,
      ...(finding.summary && { description: finding.summary }),
      ...(finding.aliases.length > 0 && { aliases: finding.aliases }),
    },
    products: [
      {
        "@id": purl,
        identifiers: { purl },
        ...(subject.sha256 && { hashes: { "sha-256": subject.sha256 } }),
        subcomponents: [
          {
            "@id": componentRef(finding.component),
            ...(finding.component.purl && { identifiers: { purl: finding.component.purl } }),
          },
        ],
      },
    ],
    ...statusOf(finding, subject.kind === "project"),
  }));
  const digest = createHash("sha256")
    .update(JSON.stringify([at, statements]))
    .digest("hex");
  const document = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": `https://openvex.dev/docs/public/vex-${digest}`,
    author: "sbp scan",
    timestamp: at,
    version: 1,
    tooling: `sbp ${tool}`,
    statements,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function statusOf({ level, because, ignored, fixedIn, command }: JudgedFinding, isProject: boolean) {
  const status_notes = ignored ? `${because}. Accepted: ${ignored.reason}` : because;
  // Without an executable nobody knows what is in it.
  if (level === "removed" || (level === "lockfile" && !isProject))
    return {
      status: "not_affected",
      status_notes,
      justification: level === "removed" ? "vulnerable_code_not_present" : "component_not_present",
    };
  if (level === "undetermined" || level === "unreachable" || level === "lockfile")
    return { status: "under_investigation", status_notes };
  const upgrade =
    fixedIn === undefined ? "No version is known to mend it: do without it." : `Upgrade to ${fixedIn}.`;
  return { status: "affected", status_notes, action_statement: command ? `${upgrade} ${command}` : upgrade };
}
