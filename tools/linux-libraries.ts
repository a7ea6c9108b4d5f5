/*
 * Makes what is in packages/libs-linux-x64 and packages/libs-linux-arm64: the C and C++ libraries that executables for Linux
 * carry, out of Debian packages that are pinned here. Run it after changing a pin (Debian's mirrors keep the newest
 * version only); what it writes is committed, so that building sbp takes no Debian. Needs apt and dpkg, not root, and
 * changes nothing of the machine: apt works on a state of its own.
 *
 *   node --conditions=@sbp/source tools/linux-libraries.ts          writes
 *   node --conditions=@sbp/source tools/linux-libraries.ts --check  compares
 */
import { readdir, readFile, realpath, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { fromBytes, planElfStrip, readElf } from "@sbp/executable";
import { keepFiles, sha256, unpackDebian } from "./debian-packages.ts";

const packages = join(import.meta.dirname, "../packages");

interface Pin {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly licence: string;
  /** Its libraries, by the names that programs need them by. */
  readonly libraries: readonly string[];
  readonly sha256: { readonly amd64: string; readonly arm64: string };
}

const glibc = { version: "2.36-9+deb12u14", source: "glibc", licence: "LGPL-2.1-or-later" };
const gcc = {
  version: "12.2.0-14+deb12u1",
  source: "gcc-12",
  licence: "GPL-3.0-or-later WITH GCC-exception-3.1",
};
const pins: readonly Pin[] = [
  {
    name: "libc6",
    ...glibc,
    libraries: [
      ...["libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "libresolv.so.2", "librt.so.1"],
      "libutil.so.1",
    ],
    sha256: {
      amd64: "ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf",
      arm64: "01f4330719fd4f65580e16ea5a0527f372fca750e8f588d26deaf09f2d3b1cf4",
    },
  },
  {
    name: "libgcc-s1",
    ...gcc,
    libraries: ["libgcc_s.so.1"],
    sha256: {
      amd64: "3016e62cb4b7cd8038822870601f5ed131befe942774d0f745622cc77d8a88f7",
      arm64: "576926b283613db80168ddf76380a3bd877602778cf0d226caa7bfbfa71eacf3",
    },
  },
  {
    name: "libstdc++6",
    ...gcc,
    libraries: ["libstdc++.so.6"],
    sha256: {
      amd64: "5cd3171216d4ab0fc911cfe9c35509bf2dd8f47761c43b7f6a4296701551a24d",
      arm64: "26e138c677a985775331373828a6c286c551ff397cb735d00e2383cb273d1cb2",
    },
  },
  {
    name: "libatomic1",
    ...gcc,
    libraries: ["libatomic.so.1"],
    sha256: {
      amd64: "fbd4e154a6b444229ea002cc209df099209c0adc09102e5fd21239a3d2b55e2d",
      arm64: "1693aa13ce2b30d061a519fc28b77b9bab8c8e45804ced5969d99821e1bc2159",
    },
  },
  // The licence of the three before.
  {
    name: "gcc-12-base",
    ...gcc,
    libraries: [],
    sha256: {
      amd64: "1896a2aacf4ad681ff5eacc24a5b0ca4d5d9c9b9c9e4b6de5197bc1e116ea619",
      arm64: "674cf6cba6d432bd200c45fe866c1652c7a53523cc2e7a613e05bc4abf7b5440",
    },
  },
];

const targets = {
  "linux-x64": { machine: "x86-64", architecture: "amd64", loader: "ld-linux-x86-64.so.2" },
  "linux-arm64": { machine: "aarch64", architecture: "arm64", loader: "ld-linux-aarch64.so.1" },
} as const;

/** Texts that the copyright files of Debian refer to. */
const commonLicences = {
  "LGPL-2.1": "dc626520dcd53a22f727af3ee42c770e56c97a64fe3adb063799d8ab032fe551",
  "GPL-3": "3972dc9744f6499f0f9b2dbf76696f2ae7ad8af9b23dde66d6af86c9dfb36986",
} as const;

/** The files of one of the packages, by path in it. */
async function filesOf(target: keyof typeof targets): Promise<ReadonlyMap<string, Uint8Array>> {
  const { machine, architecture, loader } = targets[target];
  const debs = pins.map(({ name, version, sha256 }) => ({ name, version, sha256: sha256[architecture] }));
  const root = await unpackDebian(architecture, debs);
  try {
    const found = await sharedObjects(root);
    const files = new Map<string, Uint8Array>();
    const libraries = [];
    for (const pin of pins) {
      const names = pin.name === "libc6" ? [loader, ...pin.libraries] : pin.libraries;
      for (const name of names) {
        const path = found.get(name);
        if (!path) throw new Error(`the packages for ${architecture} have no ${name}`);
        const bytes = await stripped(await readFile(path));
        const params = {
          [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        };
        files.set(`libs/${name}.br`, brotliCompressSync(bytes, { params }));
        libraries.push({ name, package: pin.name, size: bytes.length, sha256: sha256(bytes) });
      }
    }
    for (const name of ["libc6", "gcc-12-base"])
      files.set(`licenses/${name}.txt`, await readFile(join(root, "usr/share/doc", name, "copyright")));
    for (const [name, digest] of Object.entries(commonLicences)) {
      const text = await readFile(join("/usr/share/common-licenses", name));
      if (sha256(text) !== digest) throw new Error(`${name} is not the text that was pinned`);
      files.set(`licenses/${name}.txt`, text);
    }
    const closure = {
      format: 1,
      machine,
      loader,
      libraries: libraries.sort((a, b) => (a.name < b.name ? -1 : 1)),
      packages: pins
        .filter((pin) => pin.libraries.length > 0)
        .map(({ name, version, source, licence, sha256 }) => ({
          name,
          version,
          architecture,
          source,
          licence,
          sha256: sha256[architecture],
        })),
      distribution: "Debian 12",
    };
    files.set("src/closure.json", Buffer.from(`${JSON.stringify(closure, undefined, 2)}\n`));
    return files;
  } finally {
    await rm(dirname(root), { recursive: true });
  }
}

/** Without what a running program cannot see. */
async function stripped(bytes: Uint8Array): Promise<Uint8Array> {
  const edit = planElfStrip(await readElf(fromBytes(bytes)));
  const result = Uint8Array.from(bytes.subarray(0, edit.keep));
  for (const patch of edit.patches) result.set(patch.bytes, patch.offset);
  return result;
}

/** Files by the name that programs know them by: links are followed. */
async function sharedObjects(root: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!/\.so\.\d+$/.test(entry.name) || entry.parentPath.includes("/gconv")) continue;
    // An absolute link leads out of the folder: such a one belongs to no package here.
    const path = await realpath(join(entry.parentPath, entry.name));
    if (path.startsWith(root)) found.set(entry.name, path);
  }
  return found;
}

for (const target of Object.keys(targets) as (keyof typeof targets)[])
  await keepFiles(join(packages, `libs-${target}`), await filesOf(target));
