import type { JsonObject } from "@sbp/core";
import type { Finding } from "../finding.ts";
import type { Component } from "../inventory/inventory.ts";
import type { JudgedCheck, JudgedFinding } from "../policy.ts";
import type { ScanResult } from "../result.ts";

/** The scan as this tool's own JSON; docs/scan.md describes it. */
export function reportJson(result: ScanResult): JsonObject {
  const { inventory, findings, checks, database, undetermined, notes, refused, at, tool } = result;
  const { subject, components } = inventory;
  const json = {
    format: 1,
    tool: `sbp ${tool}`,
    at,
    subject: { ...subject },
    components: components.map((component) => componentJson(component)),
    database,
    findings: findings.map((finding) => findingJson(finding)),
    checks: checks.map((check) => checkJson(check)),
    undetermined,
    ignored: notes.map(({ kind, entry }) => ({ kind, ...entry })),
    refused,
  };
  // What is undefined is left out.
  return JSON.parse(JSON.stringify(json)) as JsonObject;
}

export function componentJson({ kind, name, version, place, purl, license, bytes, dev }: Component) {
  return { kind, name, version, place, purl, license, bytes, dev };
}

export function findingJson(finding: Finding & Partial<Pick<JudgedFinding, "ignored" | "refused">>) {
  const { component, level, because, ...facts } = finding;
  const { kind, name, version, purl } = component;
  return { ...facts, component: { kind, name, version, purl }, level, because };
}

function checkJson({ rule, severity, message, place, hint, ignored, refused }: JudgedCheck) {
  return { rule, severity, message, place, hint, ignored, refused };
}
