import type { Component, Subject } from "../inventory/inventory.ts";

/** The package URL of what was scanned. */
export function subjectPurl({ kind, name, version, sha256 }: Subject): string {
  const encoded = name.split("/").map((part) => encodeURIComponent(part));
  // The type oci knows no namespace: its name is the last part of the repository's.
  if (kind === "image" && sha256) return `pkg:oci/${encoded.at(-1)!.toLowerCase()}@sha256%3A${sha256}`;
  const type = kind === "image" ? "oci" : kind === "project" ? "npm" : "generic";
  const checksum = kind === "executable" && sha256 ? `?checksum=sha256:${sha256}` : "";
  return `pkg:${type}/${encoded.join("/")}@${encodeURIComponent(version || "0")}${checksum}`;
}

/** What a component is called within a document: its package URL, else what it is. */
export function componentRef({ kind, name, version, purl }: Component): string {
  return purl ?? `${kind}:${name}@${version}`;
}

/** The components that are there: what the bundler left out is no part of it. Each reference once. */
export function presentComponents(components: readonly Component[]): readonly Component[] {
  const seen = new Set<string>();
  return components.filter((component) => {
    const ref = componentRef(component);
    if (component.place === "removed" || seen.has(ref)) return false;
    seen.add(ref);
    return true;
  });
}

/** Subresource Integrity as an algorithm and its hash in hex: of several the strongest. Undefined for none. */
export function integrityHash(
  integrity: string | undefined,
): { readonly algorithm: "SHA-512" | "SHA-384" | "SHA-256" | "SHA-1"; readonly hex: string } | undefined {
  const names = { sha512: "SHA-512", sha384: "SHA-384", sha256: "SHA-256", sha1: "SHA-1" } as const;
  const lengths = { sha512: 64, sha384: 48, sha256: 32, sha1: 20 } as const;
  for (const name of ["sha512", "sha384", "sha256", "sha1"] as const) {
    const found = integrity?.split(/\s+/).find((one) => one.startsWith(`${name}-`));
    if (!found) continue;
    const bytes = Buffer.from(found.slice(name.length + 1).split("?", 1)[0]!, "base64");
    if (bytes.length === lengths[name]) return { algorithm: names[name], hex: bytes.toString("hex") };
  }
  return undefined;
}
