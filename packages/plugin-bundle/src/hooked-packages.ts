/*
 * Packages that another changes while node loads them (tracing, monitoring): hooks on `require` and `import` see nothing of what is
 * bundled, so these stay files.
 *
 *   new InstrumentationNodeModuleDefinition("express", …)     in a package that depends on require-in-the-middle
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Built } from "./build.ts";
import { readPackageJson, slashes } from "./entry.ts";
import { nameOf, packageFolder } from "./packages.ts";
import type { Places } from "./places.ts";

/**
 * How such a package says what it changes; the names stand in the same source. `functionQuery` is in what
 * @apm-js-collab/code-transformer is given.
 */
const registers = /\b(?:Instrumentation[A-Z]\w*|Hook|addHook|_load|functionQuery)\b/;

/** Who depends on one of these changes what others load. */
const hooks = new Set([
  "require-in-the-middle",
  "import-in-the-middle",
  "@opentelemetry/instrumentation",
  "@apm-js-collab/tracing-hooks",
]);

/**
 * By folder relative to the project: why these bundled packages are carried. `outside` are folders of packages that are not in
 * the bundle at all.
 */
export function hookedPackages(
  builts: readonly Built[],
  outside: Iterable<string>,
  { places: { projectDir }, filesIn }: { places: Places; filesIn: (folder: string) => readonly string[] },
): Map<string, string> {
  const inputs = [...new Set(builts.flatMap(({ metafile }) => Object.keys(metafile.inputs)))];
  const folders = [...new Set(inputs.flatMap((input) => packageFolder(input) ?? []))];
  const others = [...outside].filter((folder) => !folders.includes(folder));
  const changing = [...folders, ...others].filter((folder) => {
    const { dependencies, peerDependencies } = readPackageJson(path.resolve(projectDir, folder)) ?? {};
    return Object.keys({ ...Object(dependencies), ...Object(peerDependencies) }).some((name) =>
      hooks.has(name),
    );
  });
  if (changing.length === 0) return new Map();
  const byName = new Map(folders.map((folder) => [nameOf(folder), folder]));
  const found = new Map<string, string>();
  const sources = others
    .filter((folder) => changing.includes(folder))
    .flatMap((folder) => filesIn(path.resolve(projectDir, folder)))
    .map((file) => slashes(path.relative(projectDir, file)));
  for (const input of [...inputs, ...sources]) {
    const changer = changing.find((folder) => packageFolder(input) === folder);
    if (changer === undefined || !/\.[cm]?js$/.test(input)) continue;
    for (const name of namesIn(path.resolve(projectDir, input))) {
      const folder = byName.get(name);
      const isImported = folder !== undefined && folder !== changer && !dependsOn(projectDir, changer, name);
      if (isImported && !hooks.has(name))
        found.set(folder, `${nameOf(changer)} changes it while it is loaded`);
    }
  }
  return found;
}

/** Texts and keys of objects that could name a package. */
function namesIn(file: string): string[] {
  try {
    const code = readFileSync(file, "utf8");
    if (!registers.test(code)) return [];
    return [...code.matchAll(/(["'`])((?:@[\w.-]+\/)?[\w.-]+)\1|^\s*([a-z][\w]*):/gm)].map(
      ([, , text, key]) => text ?? key ?? "",
    );
  } catch {
    return [];
  }
}

/** What it depends on it uses, like any other package. */
function dependsOn(projectDir: string, folder: string, name: string): boolean {
  const { dependencies, peerDependencies } = readPackageJson(path.resolve(projectDir, folder)) ?? {};
  return name in { ...Object(dependencies), ...Object(peerDependencies) };
}
