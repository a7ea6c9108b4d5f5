import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import type { Diagnostic, SourceLocation } from "@sbp/core";
import type { Metafile } from "esbuild";
import type { Excluded } from "./exclude.ts";
import { isDependency } from "./run-time-files.ts";

export interface LeftImportsRequest {
  readonly projectDir: string;
  readonly metafile: Metafile;
  /** Name of the main file. */
  readonly main: string;
  /** The option of this name. */
  readonly external: readonly string[];
  readonly excluded: Excluded;
  /** Whether an import of a source is there at run time, because what it names is carried. */
  isCarried(source: string, name: string): boolean;
}

/** An import that is neither bundled nor carried. */
export interface LeftImport {
  readonly name: string;
  /** In few words. */
  readonly because: string;
  readonly diagnostic: Diagnostic;
}

/** What the bundle still imports, Node's own modules aside: the user should know, or cannot have it. */
export function leftImports({
  projectDir,
  metafile,
  main,
  external,
  excluded,
  isCarried,
}: LeftImportsRequest): LeftImport[] {
  const kept = new Set(metafile.outputs[main]?.imports.map((left) => left.path).filter(isForeign));
  if (kept.size === 0) return [];
  const imports: LeftImport[] = [];
  const wanted = external.map(toPattern);
  for (const [file, input] of Object.entries(metafile.inputs)) {
    const seen = new Set<string>();
    for (const { path: name, kind, external: left } of input.imports) {
      if (!left || !kept.has(name) || seen.has(name) || isCarried(file, name)) continue;
      seen.add(name);
      const option = excluded.hasImport(name)
        ? "exclude"
        : wanted.some((pattern) => pattern.test(name))
          ? "external"
          : undefined;
      const location = locate(projectDir, file, name);
      const { because, ...found } = describe(name, kind, option, isDependency(file));
      imports.push({ name, because, diagnostic: { ...found, location } });
    }
  }
  return imports;
}

function describe(
  name: string,
  kind: string,
  /** The one that wants it. */
  option: string | undefined,
  inDependency: boolean,
): Omit<Diagnostic, "location"> & Pick<LeftImport, "because"> {
  if (option)
    return {
      severity: "info",
      code: "SBP_BUNDLE_EXTERNAL",
      because: `"${option}" names it`,
      message: `"${name}" stays outside the bundle, as "${option}" says`,
    };
  // Dependencies that do this often do without, too (the app's own import of them says more: native.ts).
  const severity = inDependency ? "info" : "warning";
  if (name.endsWith(".node"))
    return {
      severity,
      code: "SBP_BUNDLE_NATIVE",
      because: "a native addon that is not there",
      message: `The native addon "${name}" is not in the executable: loading it fails at run time`,
    };
  if (kind === "import-statement")
    return {
      severity: "error",
      code: "SBP_BUNDLE_UNRESOLVED",
      because: "Node cannot import it",
      message: `Could not resolve "${name}": Node cannot import it`,
      hint: "Install it as a package, or copy it into the sources.",
    };
  if (kind === "require-resolve" && /^\.{0,2}\//.test(name))
    return {
      severity,
      code: "SBP_BUNDLE_DYNAMIC",
      because: "looked up at run time",
      message: `"${name}" is looked up at run time and is not in the bundle`,
      hint: "Import it, or read it from a path that is there at run time.",
    };
  return {
    severity: "info",
    code: "SBP_BUNDLE_OPTIONAL",
    because: "not installed",
    message: `"${name}" is not installed: asking for it fails at run time, as it does under node`,
  };
}

function isForeign(name: string): boolean {
  // Newer runtimes know built-in modules that this one does not.
  return !isBuiltin(name) && !name.startsWith("node:") && name !== "<runtime>";
}

/** As esbuild reads it: `*` stands for anything, and a package's name for its paths too. */
function toPattern(external: string): RegExp {
  const text = external.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${text}${external.includes("*") ? "" : "(/.*)?"}$`, "s");
}

/** esbuild does not say where: the first place where the file writes the name as text. */
export function locate(projectDir: string, file: string, name: string): SourceLocation {
  let source: string;
  try {
    source = readFileSync(path.resolve(projectDir, file), "utf8");
  } catch {
    return { file };
  }
  const index = ['"', "'", "`"].map((quote) => source.indexOf(quote + name + quote)).find((at) => at >= 0);
  if (index === undefined) return { file };
  const before = source.slice(0, index).split(/\r?\n/);
  const lineStart = index - before[before.length - 1]!.length;
  const lineText = /^[^\r\n]*/.exec(source.slice(lineStart))![0];
  return {
    file,
    line: before.length,
    column: index - lineStart + 1,
    length: name.length + 2,
    ...(lineText.length <= 500 && { lineText }),
  };
}
