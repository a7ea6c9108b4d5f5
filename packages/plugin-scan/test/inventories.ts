import type { Manifest, ManifestPackage } from "@sbp/manifest";
import type { Inventory } from "../src/inventory/inventory.ts";
import { inventoryOfManifest } from "../src/inventory/of-manifest.ts";

const file = (path: string, bytes = 100) => ({ path, bytes });

export function bundled(
  name: string,
  version: string,
  files: readonly string[],
  more: Partial<ManifestPackage> = {},
): ManifestPackage {
  return {
    name,
    version,
    license: "MIT",
    bundled: { bytes: 100 * files.length, files: files.length },
    files: files.map((path) => file(path)),
    ...more,
  };
}

export function manifest(packages: readonly ManifestPackage[], more: Partial<Manifest> = {}): Manifest {
  return {
    format: 1,
    app: { name: "@acme/shop", version: "1.2.0", dependencies: packages.map((_, index) => index) },
    target: "linux-x64",
    runtime: { name: "node", version: "22.1.0", parts: { undici: "5.28.3", openssl: "3.0.13", v8: "12.4" } },
    packages,
    build: { sbp: "0.1.0", options: {} },
    ...more,
  };
}

export function inventory(packages: readonly ManifestPackage[], more: Partial<Manifest> = {}): Inventory {
  const made = manifest(packages, more);
  return inventoryOfManifest(
    made,
    {
      kind: "executable",
      name: made.app.name,
      version: made.app.version,
      target: made.target,
      path: "dist/linux-x64/shop",
      sha256: "ab".repeat(32),
      size: 110_000_000,
      maker: "sbp",
      ...(made.source && { source: made.source }),
    },
    [],
  );
}

/** An app with something of everything: a scoped package, odd licences, libraries, what was left out. */
export const shop = (): Inventory =>
  inventory(
    [
      bundled("@babel/traverse", "7.23.0", ["lib/index.js"], { license: "(MIT OR Apache-2.0)" }),
      bundled("express", "4.17.1", ["index.js", "lib/response.js"], {
        dependencies: [3],
        integrity:
          "sha512-mHJ9O79RqluphRrcw2X/GTh3k9tVv8YcoyY4Kkh4WDMUYKRZUq0h1o0w2rrrxBqM7VoeUVqgb27xlEMXTnYt4g==",
      }),
      bundled("lodash", "4.17.15", ["_baseSet.js", "pick.js"], { license: "SEE LICENSE IN LICENSE" }),
      bundled("qs", "6.7.0", ["lib/parse.js"], { license: "BSD-3-Clause" }),
    ],
    {
      app: { name: "@acme/shop", version: "1.2.0", dependencies: [0, 1, 2] },
      shaken: [{ name: "minimist", version: "1.2.5" }],
      libraries: {
        distribution: "debian-12",
        packages: [
          {
            name: "libc6",
            version: "2.36-9+deb12u10",
            architecture: "amd64",
            source: "glibc",
            license: "LGPL-2.1-or-later",
          },
        ],
      },
      source: { revision: "0123456789012345678901234567890123456789", dirty: true },
    },
  );
