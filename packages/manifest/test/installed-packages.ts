import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { Manifest, ManifestPackage } from "../src/index.ts";

const root = join(import.meta.dirname, "../../..");

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

/** As many packages of this repository as are asked for: with their real files, hashes, licences and dependencies. */
export function installedPackages(count: number): ManifestPackage[] {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, Locked>;
  };
  const nameOf = (place: string) => place.slice(place.lastIndexOf("node_modules/") + 13);
  const taken = Object.entries(packages)
    .filter(([place, { link }]) => place.includes("node_modules/") && !link && existsSync(join(root, place)))
    .slice(0, count)
    .sort(([a, { version: v = "" }], [b, { version: w = "" }]) =>
      nameOf(a) === nameOf(b) ? (v < w ? -1 : 1) : nameOf(a) < nameOf(b) ? -1 : 1,
    );
  const indices = new Map(taken.map(([place], index) => [place, index]));
  const resolve = (from: string, name: string): number | undefined => {
    for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
      const found = indices.get(`${at === "" ? "" : `${at}/`}node_modules/${name}`);
      if (found !== undefined || at === "") return found;
    }
  };
  return taken.map(([place, { version = "", license, integrity, ...locked }]) => {
    const files = scriptsIn(join(root, place));
    const names = Object.keys({ ...locked.dependencies, ...locked.optionalDependencies });
    const dependencies = [...new Set(names.flatMap((name) => resolve(place, name) ?? []))].sort(
      (a, b) => a - b,
    );
    return {
      name: nameOf(place),
      version,
      ...(license !== undefined && { license }),
      ...(files.length > 0 && {
        bundled: { bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), files: files.length },
      }),
      ...(dependencies.length > 0 && { dependencies }),
      ...(integrity !== undefined && { integrity }),
      ...(files.length > 0 && { files }),
    };
  });
}

function scriptsIn(folder: string): { path: string; bytes: number }[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.[cm]?js$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !relative(folder, file).includes("node_modules"))
    .map((file) => ({ path: relative(folder, file).replaceAll("\\", "/"), bytes: statSync(file).size }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A manifest that says all that can be said, around these packages. */
export function manifestOf(packages: readonly ManifestPackage[]): Manifest {
  return {
    format: 1,
    app: {
      name: "@acme/health",
      version: "1.2.3",
      bytes: 1_234_567,
      dependencies: packages.map((_, nr) => nr),
    },
    target: "linux-x64",
    runtime: { name: "node", version: "26.10.0", parts },
    packages,
    libraries: {
      distribution: "debian-12",
      packages: ["libatomic1", "libc6", "libgcc-s1", "libstdc++6"].map((name) => ({
        name,
        version: "12.2.0-14+deb12u1",
        architecture: "amd64",
        source: "gcc-12",
        license: "GPL-3.0-or-later WITH GCC-exception-3.1",
      })),
    },
    addons: [{ path: "build/Release/own.node", bytes: 12_345 }],
    embedded: { files: 12, bytes: 345_678 },
    build: {
      sbp: "0.1.0",
      options: {
        name: "health",
        codeCache: "auto",
        strip: [{ symbols: "strip", locales: ["en"] }],
        selfContained: true,
      },
    },
    source: { revision: "0123456789abcdef0123456789abcdef01234567", dirty: true },
    shaken: [{ name: "left-pad", version: "1.3.0" }],
  };
}

/** As many as Node 26 has. */
const parts = Object.fromEntries(
  [
    ...[
      "acorn",
      "ada",
      "amaro",
      "ares",
      "brotli",
      "cldr",
      "icu",
      "libffi",
      "lief",
      "llhttp",
      "merve",
      "modules",
    ],
    ...["napi", "nbytes", "ncrypto", "nghttp2", "openssl", "simdjson", "simdutf", "sqlite", "tz", "undici"],
    ...["unicode", "uv", "uvwasi", "v8", "zlib", "zstd"],
  ].map((name, nr) => [name, `${nr}.${(nr * 7) % 11}.${(nr * 5) % 13}`]),
);
