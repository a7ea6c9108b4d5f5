import type { Identified, Manifest, ManifestPackage, PackedPackage } from "@sbp/manifest";
import type { Inspected, InspectedFile, InspectedImages } from "../inspect.ts";
import type { Channel, Colors } from "../terminal.ts";
import { printable, table, wrap } from "./text.ts";
import { count, formatBytes } from "./units.ts";

interface Shown {
  readonly tree: boolean;
  readonly files: boolean;
}

/** Columns of what stands before facts. */
const labelWidth = 11;
/** Columns of a tree: 40 packages deep. */
const deepest = 120;
/** What people ask for first. */
const mainParts = ["v8", "openssl", "uv", "zlib", "undici", "icu", "sqlite"];

/** An executable or an image for people. All texts come from the file: nothing in them reaches the terminal but what can be printed. */
export function renderInspected(inspected: Inspected, shown: Shown, { paint, width }: Channel): string {
  const lines =
    inspected.what === "image" ? ofImages(inspected, shown, paint) : ofFile(inspected, shown, paint);
  const facts = lines.flatMap((line) =>
    typeof line === "string" ? line : labelled(line, Math.min(width(), 120), paint),
  );
  return facts.join("\n");
}

function ofFile(inspected: InspectedFile, shown: Shown, paint: Colors): Line[] {
  return inspected.what === "sbp" ? ofSbp(inspected, shown, paint) : ofOther(inspected, shown, paint);
}

function ofImages({ file, images }: InspectedImages, shown: Shown, paint: Colors): Line[] {
  return images.flatMap(({ platform, digest, size, layers, user, entrypoint, executable }, index): Line[] => [
    ...(index > 0 ? [""] : []),
    `${paint.bold(printable(file))}  image for ${printable(platform)}  ${formatBytes(size)} in ${count(layers, "layer")}`,
    ["digest", digest],
    ["user", user ?? "root"],
    ["starts", entrypoint.length > 0 ? entrypoint.join(" ") : "what its command says"],
    "",
    ...(executable
      ? ofFile({ ...executable, file: executable.path }, shown, paint)
      : ["  what it starts is no executable of the image"]),
  ]);
}

/** A line as it is, or a label and its facts. */
type Line = string | readonly [label: string, text: string];

function labelled([label, text]: readonly [string, string], width: number, paint: Colors): string[] {
  return wrap(printable(text), width - labelWidth - 4).map(
    (line, index) => `  ${paint.dim((index === 0 ? label : "").padEnd(labelWidth))}  ${line}`,
  );
}

function ofSbp(inspected: InspectedFile & { readonly what: "sbp" }, shown: Shown, paint: Colors): Line[] {
  const { manifest, size, files = [] } = inspected;
  const { app, target, runtime, libraries, packages, addons = [], embedded, source, build } = manifest;
  const bundled = packages.reduce((sum, one) => sum + (one.bundled?.bytes ?? 0), 0);
  const title = `${paint.bold(printable(`${app.name} ${app.version}`))}  ${printable(target)}  ${formatBytes(size)}`;
  return [
    title,
    [
      "runtime",
      `Node.js ${runtime.version}${runtime.own ? ", one of your own" : ""}${partsText(runtime.parts)}`,
    ],
    ...(libraries ? [["libraries", `${librariesText(libraries)} (${libraries.distribution})`] as const] : []),
    ...(source
      ? [["source", `${source.revision}${source.dirty ? ", with changes that are not in it" : ""}`] as const]
      : []),
    ["build", `sbp ${build.sbp}${optionsText(build.options)}`],
    [
      "code",
      `${formatBytes(app.bytes ?? 0)}${bundled > 0 ? `; ${formatBytes(bundled)} of packages went into it` : ""}`,
    ],
    ...(embedded
      ? [["embedded", `${count(embedded.files, "file")}, ${formatBytes(embedded.bytes)}`] as const]
      : []),
    ...(addons.length > 0
      ? ["", `  ${paint.bold(count(addons.length, "native addon"))}`, ...addons.map(addonLine)]
      : []),
    "",
    `  ${paint.bold(packages.length === 0 ? "no packages" : count(packages.length, "package"))}`,
    ...(shown.tree ? treeLines(manifest, paint) : packageLines(packages, shown, paint)),
    ...(shown.files && files.length > 0
      ? [
          "",
          `  ${paint.bold("embedded file system")}`,
          ...table(
            files.map(({ path, bytes }) => [`    ${printable(path)}`, formatBytes(bytes)]),
            [1],
          ),
        ]
      : []),
  ];
}

function partsText(parts: Manifest["runtime"]["parts"]): string {
  if (!parts) return "";
  const named = mainParts.filter((name) => name in parts).map((name) => `${name} ${parts[name]}`);
  const more = Object.keys(parts).length - named.length;
  return ` (${named.join(", ")}${more > 0 ? `, and ${more} more` : ""})`;
}

function librariesText({ packages }: NonNullable<Manifest["libraries"]>): string {
  return packages.map(({ name, version }) => `${name} ${version}`).join(", ");
}

function optionsText({ codeCache, selfContained, inspect, strip }: Manifest["build"]["options"]): string {
  const said = [
    selfContained === true ? "self-contained" : "",
    codeCache === true ? "code cache" : codeCache === false ? "no code cache" : "",
    inspect === true ? "lets debuggers in" : "",
    Array.isArray(strip) && strip.length > 0 ? "runtime stripped" : "",
  ].filter((text) => text !== "");
  return said.map((text) => `, ${text}`).join("");
}

function addonLine({ path, bytes }: NonNullable<Manifest["addons"]>[number]): string {
  return `    ${printable(path)}  ${formatBytes(bytes)}`;
}

function packageLines(packages: readonly ManifestPackage[], { files }: Shown, paint: Colors): string[] {
  const rows = table(
    packages.map((one) => [
      `    ${printable(one.name)}`,
      printable(one.version),
      paint.dim(printable(one.license ?? "no licence named")),
      one.bundled ? formatBytes(one.bundled.bytes) : "",
      one.carried ? `${formatBytes(one.carried.bytes)} in ${count(one.carried.files, "file")}` : "",
    ]),
    [3],
  );
  return rows.flatMap((row, index) => [row, ...(files ? fileLines(packages[index]!, paint) : [])]);
}

function fileLines({ files = [], removedFiles = [] }: ManifestPackage, paint: Colors): string[] {
  return [
    ...table(
      files.map(({ path, bytes }) => [`      ${printable(path)}`, formatBytes(bytes)]),
      [1],
    ),
    ...removedFiles.map((path) => paint.dim(`      ${printable(path)}  nothing left`)),
  ];
}

/** Each package below what needs it; again only by name where it came before. */
function treeLines({ app, packages }: Manifest, paint: Colors): string[] {
  const lines: string[] = [];
  const seen = new Set<number>();
  const below = (indices: readonly number[], indent: string) =>
    indices.map((index, nr) => ({ index, indent, isLast: nr === indices.length - 1 })).reverse();
  const waiting = below(app.dependencies ?? [], "");
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { index, indent, isLast } = next;
    const { name, version, dependencies = [] } = packages[index]!;
    const isAgain = seen.has(index);
    seen.add(index);
    const text = printable(`${name} ${version}`);
    const more = isAgain && dependencies.length > 0 ? paint.dim("  (above)") : "";
    lines.push(`    ${paint.dim(indent + (isLast ? "└─ " : "├─ "))}${text}${more}`);
    const inner = `${indent}${isLast ? "   " : "│  "}`;
    if (!isAgain && inner.length <= deepest) waiting.push(...below(dependencies, inner));
  }
  const others = packages.filter((_, index) => !seen.has(index));
  return [
    ...lines,
    ...(others.length > 0 ? [`    ${paint.dim("needed by what only shows when it runs:")}`] : []),
    ...others.map(({ name, version }) => `    ${printable(`${name} ${version}`)}`),
  ];
}

const tools: Readonly<Record<Exclude<Identified["what"], "sbp">, string>> = {
  node: "Node.js, without an app",
  "node-sea": "single executable application of Node.js",
  bun: "executable made by Bun",
  deno: "executable made by Deno",
  pkg: "executable made by pkg",
  go: "Go program",
  other: "executable of an unknown kind",
};

function ofOther(
  inspected: Exclude<InspectedFile, { readonly what: "sbp" }>,
  shown: Shown,
  paint: Colors,
): Line[] {
  const { what, target, size, file } = inspected;
  const title = `${paint.bold(printable(file))}  ${tools[what]}  ${target ?? "of another platform"}  ${formatBytes(size)}`;
  if (what === "go") return [title, ...goLines(inspected, paint)];
  if (what === "other") return [title, ["unknown", "what is in it, and who made it"]];
  return [
    title,
    ...(what === "pkg" && inspected.app
      ? [["app", `${inspected.app.name} ${inspected.app.version}`] as const]
      : []),
    ["runtime", inspected.runtimeVersion ?? "of an unknown version"],
    ...inspected.facts.map((fact) => ["known", fact] as const),
    ...inspected.unknown.map((fact) => ["unknown", fact] as const),
    ...(what === "pkg" ? packedLines(inspected.packages, shown, paint) : []),
  ];
}

function packedLines(packages: readonly PackedPackage[], { files }: Shown, paint: Colors): string[] {
  const rows = table(
    packages.map((one) => [
      `    ${printable(one.name)}`,
      printable(one.version ?? "of an unknown version"),
      paint.dim(printable(one.license ?? "no licence named")),
      count(one.files.length, "file"),
    ]),
  );
  return [
    "",
    `  ${paint.bold(packages.length === 0 ? "no packages" : count(packages.length, "package"))}`,
    ...rows.flatMap((row, index) => [
      row,
      ...(files ? packages[index]!.files.map((path) => `      ${printable(path)}`) : []),
    ]),
  ];
}

function goLines(
  { goVersion, path, main, modules, settings }: Extract<InspectedFile, { readonly what: "go" }>,
  paint: Colors,
): Line[] {
  const shown = ["vcs.revision", "vcs.modified", "CGO_ENABLED", "-ldflags", "-tags"].filter(
    (name) => name in settings,
  );
  return [
    ["built by", goVersion],
    ...(path === undefined ? [] : [["package", path] as const]),
    ...(main ? [["module", `${main.path} ${main.version}`] as const] : []),
    ...(shown.length > 0
      ? [["settings", shown.map((name) => `${name}=${settings[name]}`).join(", ")] as const]
      : []),
    "",
    `  ${paint.bold(modules.length === 0 ? "no other modules" : count(modules.length, "module"))}`,
    ...table(
      modules.map(({ path, version, replacedBy }) => [
        `    ${printable(path)}`,
        printable(version),
        replacedBy ? printable(`=> ${replacedBy.path} ${replacedBy.version}`.trimEnd()) : "",
      ]),
    ),
  ];
}
