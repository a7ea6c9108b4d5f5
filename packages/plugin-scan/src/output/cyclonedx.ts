/*
 * A bill of materials, and with findings a VEX, in CycloneDX 1.6 by its own library. No serial number, no time: the same executable
 * gives the same bytes.
 */
import {
  ComponentScope,
  ComponentType,
  HashAlgorithm,
  Vulnerability as VulnerabilityEnums,
} from "@cyclonedx/cyclonedx-library/Enums";
import {
  Bom,
  BomRef,
  Component as CdxComponent,
  ComponentRepository,
  HashDictionary,
  LicenseExpression,
  LicenseRepository,
  NamedLicense,
  Property,
  PropertyRepository,
  SpdxLicense,
  Tools,
  Vulnerability,
} from "@cyclonedx/cyclonedx-library/Models";
import { JSON as CdxJson, JsonSerializer } from "@cyclonedx/cyclonedx-library/Serialize";
import { isSupportedSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";
import { Spec1dot6 } from "@cyclonedx/cyclonedx-library/Spec";
import { isThere } from "../finding.ts";
import type { Component, Inventory } from "../inventory/inventory.ts";
import type { JudgedFinding } from "../policy.ts";
import type { ScanResult } from "../result.ts";
import { componentRef, integrityHash, presentComponents, subjectPurl } from "./purl.ts";
import { spdxLicense } from "./spdx-license.ts";

/** The bill of materials. */
export function cycloneDxSbom(inventory: Inventory, tool: string): string {
  return serialized(bomOf(inventory, tool));
}

/** The bill of materials with what is known against it, and whether that concerns it (VEX). */
export function cycloneDxVex(result: ScanResult): string {
  const bom = bomOf(
    result.inventory,
    result.tool,
    result.findings.map(({ component }) => component),
  );
  for (const finding of result.findings)
    bom.vulnerabilities.add(vulnerabilityOf(finding, result.inventory.subject.kind === "project"));
  return serialized(bom);
}

function serialized(bom: Bom): string {
  const serializer = new JsonSerializer(new CdxJson.Normalize.Factory(Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

/** @param mentioned components that have to be in it since something refers to them, though nothing of them is left */
function bomOf(
  { subject, components, direct }: Inventory,
  tool: string,
  mentioned: readonly Component[] = [],
): Bom {
  const present = presentComponents(components);
  const absent = mentioned.filter((component) => !present.includes(component));
  const known = new Map<string, CdxComponent>();
  for (const component of [...present, ...absent]) {
    const ref = componentRef(component);
    if (!known.has(ref)) known.set(ref, componentOf(component));
  }
  for (const component of present) {
    const own = known.get(componentRef(component))!;
    for (const index of component.dependencies ?? []) {
      const other = known.get(componentRef(components[index]!));
      if (other && other !== own) own.dependencies.add(other.bomRef);
    }
  }
  const purl = subjectPurl(subject);
  const main = new CdxComponent(
    subject.kind === "image" ? ComponentType.Container : ComponentType.Application,
    subject.name,
    {
      bomRef: purl,
      version: subject.version,
      purl,
      ...(subject.sha256 && { hashes: new HashDictionary([[HashAlgorithm["SHA-256"], subject.sha256]]) }),
      properties: new PropertyRepository(
        Object.entries({
          "sbp:target": subject.target,
          "sbp:source:revision": subject.source?.revision,
          "sbp:source:dirty": subject.source?.dirty && "true",
        }).flatMap(([name, value]) => (value === undefined ? [] : [new Property(name, value)])),
      ),
    },
  );
  // What the app imports; without that, everything that nothing else needs.
  const roots = direct?.map((index) => components[index]!) ?? [];
  const others = present.filter((component) => component.kind !== "npm" || direct === undefined);
  for (const component of [...roots, ...others])
    main.dependencies.add(known.get(componentRef(component))!.bomRef);
  const bom = new Bom({ components: new ComponentRepository(known.values()) });
  bom.metadata.component = main;
  bom.metadata.tools = new Tools({
    components: new ComponentRepository([
      new CdxComponent(ComponentType.Application, "sbp", { version: tool, bomRef: `sbp@${tool}` }),
    ]),
  });
  return bom;
}

function componentOf(component: Component): CdxComponent {
  const { kind, name, version, purl, license, integrity, place, bytes, dev } = component;
  const [group, ...rest] = kind === "npm" && name.startsWith("@") ? name.split("/") : [undefined, name];
  const hash = integrityHash(integrity);
  const type = ["npm", "library", "go-module", "node-part"].includes(kind)
    ? ComponentType.Library
    : ComponentType.Platform;
  const made = new CdxComponent(type, rest.join("/"), {
    bomRef: componentRef(component),
    version,
    ...(group && { group }),
    ...(purl && { purl }),
    ...(hash && { hashes: new HashDictionary([[hash.algorithm as HashAlgorithm, hash.hex]]) }),
    scope: dev || place === "removed" ? ComponentScope.Excluded : ComponentScope.Required,
    properties: new PropertyRepository([
      new Property("sbp:place", place),
      ...(bytes === undefined ? [] : [new Property("sbp:bytes", String(bytes))]),
    ]),
  });
  if (license !== undefined) made.licenses = new LicenseRepository([licenseOf(license)]);
  return made;
}

function licenseOf(license: string): LicenseExpression | NamedLicense | SpdxLicense {
  const isId: (text: string) => boolean = isSupportedSpdxId;
  if (isId(license)) return new SpdxLicense(license as SpdxLicense["id"]);
  const expression = spdxLicense(license);
  return expression === undefined
    ? new NamedLicense(license.slice(0, 500))
    : new LicenseExpression(expression);
}

function vulnerabilityOf(finding: JudgedFinding, isProject: boolean): Vulnerability.Vulnerability {
  const { id, aliases, summary, severity, url, component, command, fixedIn } = finding;
  const ref = componentRef(component);
  const made = new Vulnerability.Vulnerability({
    bomRef: `${id} ${ref}`,
    id,
    source: new Vulnerability.Source({ name: sourceName(id), url }),
    description: summary || id,
    ratings: new Vulnerability.RatingRepository([
      new Vulnerability.Rating({
        severity: severity as VulnerabilityEnums.Severity,
        method: VulnerabilityEnums.RatingMethod.Other,
      }),
    ]),
    affects: new Vulnerability.AffectRepository([new Vulnerability.Affect(new BomRef(ref))]),
    analysis: analysisOf(finding, isProject),
  });
  for (const alias of aliases)
    made.references.add(
      new Vulnerability.Reference(alias, new Vulnerability.Source({ name: sourceName(alias) })),
    );
  if (fixedIn !== undefined) made.recommendation = `Upgrade to ${fixedIn}${command ? `: ${command}` : ""}`;
  return made;
}

function analysisOf(finding: JudgedFinding, isProject: boolean): Vulnerability.Analysis {
  const { AnalysisState, AnalysisJustification } = VulnerabilityEnums;
  const { level, ignored, because } = finding;
  const detail = ignored ? `${because}. Accepted: ${ignored.reason}` : because;
  if (!isThere(finding) && !(level === "lockfile" && isProject))
    return new Vulnerability.Analysis({
      state: AnalysisState.NotAffected,
      justification: AnalysisJustification.CodeNotPresent,
      detail,
    });
  const state = level === "code" || level === "package" ? AnalysisState.Exploitable : AnalysisState.InTriage;
  return new Vulnerability.Analysis({ state, detail });
}

function sourceName(id: string): string {
  const known = { GHSA: "GitHub Advisories", MAL: "OSV", CVE: "NVD", NODE: "Node.js" } as const;
  return known[id.split("-", 1)[0] as keyof typeof known] ?? "OSV";
}
