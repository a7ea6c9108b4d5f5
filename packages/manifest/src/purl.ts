import type { ManifestLibraries, ManifestLibrary, ManifestPackage } from "./manifest.ts";

/** The package URL of an npm package (purl specification, type npm): `pkg:npm/%40scope/name@1.2.3`. */
export function purlOf({ name, version }: Pick<ManifestPackage, "name" | "version">): string {
  return `pkg:npm/${name.split("/").map(encode).join("/")}@${encode(version)}`;
}

/** The package URL of a library's package (type deb): `pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12`. */
export function libraryPurlOf(
  { name, version, architecture }: Pick<ManifestLibrary, "name" | "version" | "architecture">,
  { distribution }: Pick<ManifestLibraries, "distribution">,
): string {
  const [vendor = ""] = distribution.split("-", 1);
  return (
    `pkg:deb/${encode(vendor)}/${encode(name)}@${encode(version)}` +
    `?arch=${encode(architecture)}&distro=${encode(distribution)}`
  );
}

/** As encodeURIComponent, which leaves some characters that package URLs want encoded, and encodes the colon. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%3A", ":");
}
