/* What is known against Go's modules and its standard library. */
import type { Database } from "./database/database.ts";
import type { Evidence } from "./evidence.ts";
import { type Finding, factsOf } from "./finding.ts";
import type { Component } from "./inventory/inventory.ts";
import { packageKey } from "./osv/advisory.ts";
import { evaluate } from "./osv/evaluate.ts";
import { stdlibVersion } from "./osv/go-version.ts";

/** As advisories call it. Those on `toolchain` are on the machine that builds: it is not in what it made. */
const stdlib = "stdlib";

/** Of a component of kind `go` or `go-module`. */
export function goFindings(component: Component, database: Database): Finding[] {
  const known = knownAs(component);
  if (!known) return [];
  const key = packageKey("Go", known.name);
  return database.advisoriesOf(key).flatMap((advisory): Finding[] => {
    const verdict = evaluate(advisory, key, known.version);
    if (!verdict) return [];
    const { fixedIn, functions, unclear } = verdict;
    return [
      {
        ...factsOf(advisory),
        component,
        ...evidence(known.name, functions, unclear),
        fixedIn,
        command: fixedIn === undefined ? undefined : commandFor(known.name, fixedIn),
      },
    ];
  });
}

/** The name and version that advisories have; undefined for code that no version tells: a folder's, a compiler under development. */
function knownAs({ kind, name, version, purl }: Component) {
  if (kind === "go") {
    const release = stdlibVersion(version);
    return release === undefined ? undefined : { name: stdlib, version: release };
  }
  return purl === undefined ? undefined : { name, version };
}

/** Components of Go that no advisory can be looked up for. */
export function unknownToAdvisories(components: readonly Component[]): readonly Component[] {
  return components.filter(
    (component) => (component.kind === "go" || component.kind === "go-module") && !knownAs(component),
  );
}

/** @param packages those of the module that have the fault, as the advisory names them */
function evidence(module: string, packages: readonly string[], unclear: boolean): Evidence {
  const what = module === stdlib ? "the standard library" : "the module";
  if (unclear)
    return {
      level: "undetermined",
      because: "the record has a range that cannot be read: look at it yourself",
    };
  if (packages.length === 0)
    return { level: "package", because: `${what} is in; the advisory names no package of it` };
  const named = packages.length > 3 ? `${packages.slice(0, 3).join(", ")}, …` : packages.join(", ");
  return {
    level: "undetermined",
    because: `${what} is in; whether ${named} is, govulncheck can tell`,
  };
}

function commandFor(module: string, fixedIn: string): string | undefined {
  return module === stdlib ? undefined : `go get ${module}@v${fixedIn.replace(/^v/, "")}`;
}
