/*
 * A module that is imported by `import()` as well as by others is started when it is first asked for: esbuild has each of the
 * others call its start. Where they get it from a source that passes on all it exports,
 *
 *   export * from "./memory.js";        in a package with "sideEffects": false
 *
 * that call stands in this source, and esbuild (0.28.2) leaves it out with the rest of it: "memory is not a function".
 * So such sources have to be kept.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type * as esbuild from "esbuild";
import { slashes } from "./entry.ts";
import { exactly } from "./exactly.ts";

type Inputs = esbuild.Metafile["inputs"];

/** The sources that were left out of a bundle though starts of modules hang on them; relative to the project. */
export function lostReexports(
  { inputs, outputs }: esbuild.Metafile,
  main: string,
  projectDir: string,
): Set<string> {
  const started = startedLater(inputs);
  const lost = new Set<string>();
  if (started.size === 0) return lost;
  const left = outputs[main]?.inputs ?? {};
  const candidates = Object.keys(inputs).filter(
    (input) => !started.has(input) && !left[input]?.bytesInOutput && inputs[input]!.format === "esm",
  );
  const leads = (input: string) =>
    inputs[input]!.imports.some(
      ({ path: target, kind }) => kind === "import-statement" && (started.has(target) || lost.has(target)),
    );
  // One may pass on what another passes on.
  for (let known = -1; known < lost.size; ) {
    known = lost.size;
    for (const input of candidates)
      if (!lost.has(input) && leads(input) && passesOn(path.resolve(projectDir, input))) lost.add(input);
  }
  return lost;
}

/** ES modules that are started when they are asked for: what `import()` and `require` lead to, and what these import. */
function startedLater(inputs: Inputs): Set<string> {
  const started = new Set<string>();
  const add = (target: string) => {
    if (inputs[target]?.format === "esm") started.add(target);
  };
  for (const { imports } of Object.values(inputs))
    for (const { path: target, kind } of imports)
      if (kind === "dynamic-import" || kind === "require-call") add(target);
  for (const input of started) for (const { path: target } of inputs[input]!.imports) add(target);
  return started;
}

function passesOn(file: string): boolean {
  try {
    return /\bexport\s*\*\s*from\b/.test(readFileSync(file, "utf8"));
  } catch {
    return false;
  }
}

/** Has esbuild take it that something happens in these sources, relative to the project. */
export function keepReexports(
  kept: ReadonlySet<string>,
  { inputs }: esbuild.Metafile,
  projectDir: string,
): esbuild.Plugin {
  const specifiers = Object.values(inputs).flatMap(({ imports }) =>
    imports.flatMap(({ path: target, original }) => (original && kept.has(target) ? [original] : [])),
  );
  const asking = {};
  return {
    name: "reexports",
    setup(setup) {
      setup.onResolve(
        { filter: exactly(new Set(specifiers)) },
        async ({ path: specifier, pluginData, ...rest }) => {
          if (pluginData === asking) return undefined;
          const found = await setup.resolve(specifier, { ...rest, pluginData: asking });
          const source = slashes(path.relative(projectDir, found.path));
          return found.errors.length === 0 && found.namespace === "file" && kept.has(source)
            ? { path: found.path, sideEffects: true }
            : undefined;
        },
      );
    },
  };
}
