/* What can be known of an executable that sbp did not make, and what cannot. */
import type { ByteSource } from "@sbp/executable";
import {
  type GoModule,
  type Identified,
  type IdentifiedForeign,
  type IdentifiedPkg,
  identify,
  type PackedPackage,
  purlOf,
} from "@sbp/manifest";
import type { Component, Inventory, Subject } from "./inventory.ts";
import { runtimeComponents } from "./of-manifest.ts";

/** Undefined for what is no executable. Throws ManifestError for damaged headers. */
export async function inventoryOfForeign(
  source: ByteSource,
  facts: Omit<Subject, "version" | "target">,
): Promise<Inventory | undefined> {
  const found = await identify(source);
  if (!found) return undefined;
  const subject = { ...facts, version: "", target: found.target };
  switch (found.what) {
    case "go":
      return goInventory(found, subject);
    case "other":
    case "sbp":
      return { subject, components: [], unknown: ["It does not say what it consists of."] };
    case "pkg": {
      const inventory = runtimeInventory(found, { ...subject, ...found.app });
      return {
        ...inventory,
        components: [...found.packages.flatMap((one) => packageComponent(one)), ...inventory.components],
      };
    }
    default:
      return runtimeInventory(found, subject);
  }
}

/** Where the runtime is all that is known. */
function runtimeInventory(found: IdentifiedForeign | IdentifiedPkg, subject: Subject): Inventory {
  const { what, runtimeVersion, unknown } = found;
  return {
    subject: { ...subject, maker: what },
    components: runtimeVersion === undefined ? [] : runtimeOf(what, runtimeVersion),
    unknown: [
      ...unknown.map((one) => `${one[0]!.toUpperCase()}${one.slice(1)}: nobody can tell from the file.`),
      ...(runtimeVersion === undefined
        ? ["Which version of the runtime it has: the file does not tell."]
        : []),
    ],
  };
}

function runtimeOf(what: IdentifiedForeign["what"] | "pkg", version: string): Component[] {
  if (what !== "bun" && what !== "deno") return runtimeComponents(version, {});
  const repository = what === "bun" ? "oven-sh/bun" : "denoland/deno";
  const tag = what === "bun" ? "bun-v" : "v";
  return [
    {
      kind: what,
      name: what,
      version,
      place: "bundled",
      purl: `pkg:github/${repository}@${tag}${encodeURIComponent(version)}`,
      license: "MIT",
    },
  ];
}

/** None for one whose version is not known: `unknown` says how many these are. */
function packageComponent({ name, version, license, files }: PackedPackage): Component[] {
  if (version === undefined) return [];
  const purl = purlOf({ name, version });
  return [
    { kind: "npm", name, version, place: "carried", purl, ...(license !== undefined && { license }), files },
  ];
}

function goInventory(
  { goVersion, main, path, modules, settings }: Extract<Identified, { what: "go" }>,
  subject: Subject,
): Inventory {
  const name = (main?.path ?? path ?? subject.name).split("/").at(-1)!;
  return {
    subject: { ...subject, name, version: main?.version.replace(/^\(devel\)$/, "") ?? "", maker: "go" },
    components: [
      {
        kind: "go",
        name: "go",
        version: goVersion.replace(/^go/, ""),
        place: "bundled",
        purl: `pkg:golang/stdlib@${encodeURIComponent(goVersion.replace(/^go/, ""))}`,
        license: "BSD-3-Clause",
      },
      // The program's own is a module like others, where it has a version.
      ...[...(main && hasVersion(main) ? [main] : []), ...modules].map((module) => moduleComponent(module)),
    ],
    build: settings,
    unknown: [],
  };
}

function hasVersion({ version }: GoModule): boolean {
  return version.startsWith("v");
}

function moduleComponent(module: GoModule): Component {
  const { replacedBy } = module;
  const common = { kind: "go-module", place: "bundled" } as const;
  // A folder of the build's machine: nobody else knows code by that name.
  if (replacedBy && /^(?:\.{0,2}\/|[A-Za-z]:)/.test(replacedBy.path))
    return { ...common, name: module.path, version: module.version };
  const { path, version } = replacedBy ?? module;
  return {
    ...common,
    name: path,
    version,
    purl: `pkg:golang/${path.split("/").map(encodeURIComponent).join("/")}@${encodeURIComponent(version)}`,
  };
}
