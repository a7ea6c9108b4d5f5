import { Version } from "@cyclonedx/cyclonedx-library/Spec";
import { JsonStrictValidator } from "@cyclonedx/cyclonedx-library/Validation";
import { expect, test } from "vitest";
import { type Format, formats, formatted } from "../src/outputs.ts";
import { inventory } from "./inventories.ts";
import { scan } from "./scanned.ts";

/* What is written, and what validators that are not ours say of it; of SARIF in sarif.slow.test.ts. */

const written = async (format: Format, result = scan()) => (await formatted(result, format))!;

test.for([
  "cyclonedx",
  "cyclonedx-vex",
] as const)("%s is valid by CycloneDX's strict schema", async (format) => {
  const validator = new JsonStrictValidator(Version.v1dot6);
  expect(await validator.validate(await written(format))).toBeNull();
  // It would say so: a field that is unknown to it.
  const broken = (await written(format)).replace('"components"', '"komponents"');
  expect(await validator.validate(broken)).not.toBeNull();
});

test("the same scan gives the same bytes", async () => {
  for (const format of formats) expect(await written(format)).toBe(await written(format));
});

test("SARIF: what is there fails, what is not there is not applicable, what is accepted is suppressed", async () => {
  const { runs } = JSON.parse(await written("sarif"));
  const of = (id: string) => runs[0].results.find(({ ruleId }: { ruleId: string }) => ruleId === id);
  expect(of("GHSA-hrpp-h998-j3pp")).toMatchObject({ kind: "fail", level: "error" });
  expect(of("GHSA-35jh-r3h4-6jhm")).toMatchObject({ kind: "notApplicable", level: "none" });
  expect(of("GHSA-p6mc-m468-83gw")).toMatchObject({
    suppressions: [{ status: "accepted", justification: 'keys are ours: "a", <b>' }],
  });
});

test("OpenVEX: code that was left out is not affected, for the reason that it is not present", async () => {
  const { statements } = JSON.parse(await written("openvex"));
  const of = (name: string) =>
    statements.find(({ vulnerability }: { vulnerability: { name: string } }) => vulnerability.name === name);
  expect(of("GHSA-35jh-r3h4-6jhm")).toMatchObject({
    status: "not_affected",
    justification: "vulnerable_code_not_present",
  });
  expect(of("GHSA-xvch-5gv4-984h")).toMatchObject({
    status: "not_affected",
    justification: "vulnerable_code_not_present",
  });
  expect(of("GHSA-hrpp-h998-j3pp")).toMatchObject({
    status: "affected",
    action_statement: expect.stringContaining("6.7.3"),
  });
  // Section "Status Labels" of the specification: who is not affected says why, who is affected what to do.
  for (const { status, justification, action_statement } of statements) {
    expect(justification !== undefined).toBe(status === "not_affected");
    expect(action_statement !== undefined).toBe(status === "affected");
  }
});

test("OpenVEX: without a finding there is no statement, and no document", async () => {
  const clean = inventory([], { runtime: { name: "node", version: "26.10.0" } });
  expect(await formatted(scan(clean), "openvex")).toBeUndefined();
});

test("CycloneDX VEX refers only to components that it has", async () => {
  const { components, metadata, vulnerabilities, dependencies } = JSON.parse(await written("cyclonedx-vex"));
  const refs = new Set([metadata.component, ...components].map((component) => component["bom-ref"]));
  for (const { affects, analysis } of vulnerabilities) {
    expect(refs).toContain(affects[0].ref);
    expect(analysis.state).toMatch(/^(exploitable|in_triage|not_affected)$/);
  }
  for (const { ref, dependsOn = [] } of dependencies)
    for (const one of [ref, ...dependsOn]) expect(refs).toContain(one);
});

test("SPDX: every relationship is between elements that are there; licences are expressions", async () => {
  const document = JSON.parse(await written("spdx"));
  expect(document).toMatchObject({
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
  });
  expect(document.creationInfo.created).toBe("2026-06-01T12:00:00Z");
  const ids = new Set([
    "SPDXRef-DOCUMENT",
    ...document.packages.map(({ SPDXID }: { SPDXID: string }) => SPDXID),
  ]);
  expect(ids.size).toBe(document.packages.length + 1);
  for (const { spdxElementId, relatedSpdxElement } of document.relationships)
    for (const id of [spdxElementId, relatedSpdxElement]) expect(ids).toContain(id);
  for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
  const of = (name: string) => document.packages.find((one: { name: string }) => one.name === name);
  expect(of("lodash")).toMatchObject({
    licenseDeclared: "NOASSERTION",
    licenseComments: "SEE LICENSE IN LICENSE",
  });
  expect(of("@babel/traverse")).toMatchObject({ licenseDeclared: "(MIT OR Apache-2.0)" });
  expect(of("express").checksums).toEqual([
    { algorithm: "SHA512", checksumValue: expect.stringMatching(/^[0-9a-f]{128}$/) },
  ]);
  // What was left out is no part of it.
  expect(of("minimist")).toBeUndefined();
});

test("a report names what it judged, and why", async () => {
  const report = JSON.parse(await written("json"));
  expect(report).toMatchObject({
    format: 1,
    refused: true,
    database: { records: 39, date: "2026-06-01T12:40:59Z" },
  });
});
