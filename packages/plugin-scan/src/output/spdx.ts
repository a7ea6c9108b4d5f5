/* A bill of materials in SPDX 2.3 as JSON: https://spdx.github.io/spdx-spec/v2.3/ */
import { createHash } from "node:crypto";
import type { Component, Inventory } from "../inventory/inventory.ts";
import { componentRef, integrityHash, presentComponents, subjectPurl } from "./purl.ts";
import { spdxLicense } from "./spdx-license.ts";

const documentId = "SPDXRef-DOCUMENT";
const subjectId = "SPDXRef-Subject";

/** @param created RFC 3339 in UTC: the format asks for a time; give one that does not depend on the clock for the same bytes */
export function spdxSbom(inventory: Inventory, tool: string, created: string): string {
  const { subject, components, direct } = inventory;
  const present = presentComponents(components);
  const ids = new Map(present.map((component) => [componentRef(component), idOf(component)]));
  const relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[] = [
    relation(documentId, "DESCRIBES", subjectId),
  ];
  for (const component of present) {
    const id = ids.get(componentRef(component))!;
    if (component.place === "lockfile")
      relationships.push(relation(id, component.dev ? "DEV_DEPENDENCY_OF" : "DEPENDENCY_OF", subjectId));
    else relationships.push(relation(subjectId, "CONTAINS", id));
    for (const index of component.dependencies ?? []) {
      const other = ids.get(componentRef(components[index]!));
      if (other !== undefined && other !== id) relationships.push(relation(id, "DEPENDS_ON", other));
    }
  }
  for (const index of direct ?? []) {
    const id = ids.get(componentRef(components[index]!));
    if (id !== undefined) relationships.push(relation(subjectId, "DEPENDS_ON", id));
  }
  const packages = [
    subjectPackage(inventory),
    ...present.map((component) => packageOf(component, ids.get(componentRef(component))!)),
  ];
  const body = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: documentId,
    name: `${subject.name}-${subject.version}`,
    creationInfo: { created, creators: [`Tool: sbp-${tool}`] },
    packages,
    relationships: unique(relationships),
  };
  // A name of its own for each document, which the same document has again.
  const digest = createHash("sha256").update(JSON.stringify(body)).digest("hex");
  const documentNamespace = `https://spdx.org/spdxdocs/${encodeURIComponent(subject.name)}-${digest.slice(0, 32)}`;
  return `${JSON.stringify({ ...body, documentNamespace }, null, 2)}\n`;
}

function relation(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

function unique<T>(relationships: readonly T[]): T[] {
  return [...new Map(relationships.map((one) => [JSON.stringify(one), one])).values()];
}

function subjectPackage({ subject }: Inventory) {
  const { name, version, sha256, kind } = subject;
  return {
    SPDXID: subjectId,
    name,
    ...(version && { versionInfo: version }),
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    primaryPackagePurpose: kind === "image" ? "CONTAINER" : "APPLICATION",
    ...(sha256 && { checksums: [{ algorithm: "SHA256", checksumValue: sha256 }] }),
    externalRefs: [purlReference(subjectPurl(subject))],
  };
}

function packageOf(component: Component, SPDXID: string) {
  const { name, version, purl, license, integrity } = component;
  const hash = integrityHash(integrity);
  return {
    SPDXID,
    name,
    ...(version && { versionInfo: version }),
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: spdxLicense(license) ?? "NOASSERTION",
    ...(license !== undefined &&
      spdxLicense(license) === undefined && { licenseComments: license.slice(0, 500) }),
    copyrightText: "NOASSERTION",
    ...(hash && { checksums: [{ algorithm: hash.algorithm.replace("-", ""), checksumValue: hash.hex }] }),
    ...(purl && { externalRefs: [purlReference(purl)] }),
  };
}

function purlReference(referenceLocator: string) {
  return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator };
}

/** Letters, digits, dots and hyphens only; what is replaced is told apart by a hash. */
function idOf(component: Component): string {
  const ref = componentRef(component);
  const readable = `${component.kind}-${component.name}-${component.version}`
    .replace(/[^A-Za-z0-9.-]/g, "-")
    .slice(0, 100);
  return `SPDXRef-${readable}-${createHash("sha256").update(ref).digest("hex").slice(0, 8)}`;
}
