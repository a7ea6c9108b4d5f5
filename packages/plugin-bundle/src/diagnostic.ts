import { builtinModules } from "node:module";
import path from "node:path";
import {
  type Diagnostic,
  exitCodes,
  installAll,
  installCommand,
  nearest,
  SbpError,
  type SourceLocation,
} from "@sbp/core";
import type { Location, Message } from "esbuild";
import { readPackageJson, similarFile, slashes } from "./entry.ts";
import { nameOf, packageFolder } from "./packages.ts";

/** By esbuild's name for it. */
const dynamic: ReadonlyMap<string, string> = new Map([
  [
    "unsupported-require-call",
    "What this require() loads only shows at run time, and may not be in the executable",
  ],
  [
    "unsupported-dynamic-import",
    "What this import() loads only shows at run time, and may not be in the executable",
  ],
  [
    "indirect-require",
    "What is loaded by handing on require only shows at run time, and may not be in the executable",
  ],
]);

/** A longer line is generated code: nobody wants to see it. */
const longestLine = 500;

export function isTopLevelAwait(message: Message): boolean {
  return message.text.startsWith("Top-level await is currently not supported");
}

/**
 * esbuild's warnings, without those that warn of nothing. With `hasNamed`, the user has named what cannot be told (files,
 * packages), and need not be warned of it.
 */
export function toWarnings(messages: readonly Message[], hasNamed: boolean): Diagnostic[] {
  // What require.resolve looks up is carried, or told of otherwise (gather.ts, external.ts).
  const isKnown = (message: Message) => message.id === "require-resolve-not-external";
  const told = messages.filter(
    (message) =>
      !isKnown(message) && !isTypeofRequire(message) && !isResolved(message) && !ignoredPackage(message),
  );
  return [
    ...told.map((message) => toWarning(message, hasNamed)),
    ...ignoredImports(messages.filter((message) => ignoredPackage(message) !== undefined)),
  ];
}

/** The package of an import that does nothing, since the package says that it has no side effects. */
function ignoredPackage({ id, text }: Message): string | undefined {
  const file = id === "ignored-bare-import" ? /"([^"]+)"/.exec(text)?.[1] : undefined;
  const folder = file && packageFolder(file);
  return folder && nameOf(folder);
}

/** What compilers and bundlers leave behind, by the dozen: one note for all. */
function ignoredImports(messages: readonly Message[]): Diagnostic[] {
  if (messages.length === 0) return [];
  const packages = [...new Set(messages.flatMap((message) => ignoredPackage(message) ?? []))].sort();
  const imports = messages.length === 1 ? "An import is" : `${messages.length} imports are`;
  const message = `${imports} left out, since by "sideEffects" in package.json nothing happens when this is imported: ${packages.join(", ")}`;
  const location = toLocation(messages[0]!.location);
  return [{ severity: "info", code: "SBP_BUNDLE_WARNING", message, ...(location && { location }) }];
}

/** `require(require.resolve("./a"))`: what is looked up is carried. */
function isResolved({ id, location }: Message): boolean {
  if (id !== "unsupported-require-call" || !location) return false;
  const from = Buffer.from(location.lineText).subarray(location.column).toString();
  return /^require\s*\(\s*require\.resolve\(\s*(["'`])[^"'`]*\1\s*\)\s*\)/.test(from);
}

/** `typeof require` asks whether there is one, and loads nothing. */
function isTypeofRequire({ id, location }: Message): boolean {
  if (id !== "indirect-require" || !location) return false;
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  return /\btypeof\s*\(?\s*$/.test(before);
}

function toWarning(message: Message, hasNamed: boolean): Diagnostic {
  const location = toLocation(message.location);
  if (!dynamic.has(message.id))
    return {
      // That nothing happens when it is imported is what its package.json says.
      severity: message.id === "ignored-bare-import" ? "info" : "warning",
      code: "SBP_BUNDLE_WARNING",
      message: message.text,
      ...(location && { location }),
      ...(message.notes[0] && { hint: message.notes[0].text }),
    };
  return {
    // Dependencies do this often, and mostly where it does no harm; in the app's own sources it is worth a look.
    severity: hasNamed || message.location?.file.includes("node_modules/") ? "info" : "warning",
    code: "SBP_BUNDLE_DYNAMIC",
    message: dynamic.get(message.id)!,
    ...(location && { location }),
    hint: 'Write the name out; or name what it can be: files in "assets", packages in "external" of the step bundle.',
  };
}

/** One error for all that esbuild found. */
export async function failure(messages: readonly Message[], projectDir: string): Promise<SbpError> {
  const diagnostics = await Promise.all(messages.map((message) => toError(message, projectDir)));
  const first = diagnostics[0]!;
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
  return new SbpError(first.code, first.message + more, {
    ...(first.location && { location: first.location }),
    ...(first.hint && { hint: first.hint }),
    diagnostics,
    ...(first.code === "SBP_BUNDLE_OPTION" && { exitCode: exitCodes.badUsage }),
  });
}

async function toError(message: Message, projectDir: string): Promise<Diagnostic> {
  const location = toLocation(message.location);
  const code = codeOf(message);
  const hint = await hintFor(code, message, projectDir);
  return {
    severity: "error",
    code,
    message: message.text + (message.location && !location ? ` in ${optionOf(message.location)}` : ""),
    ...(location && { location }),
    ...(hint && { hint }),
  };
}

function codeOf(message: Message): string {
  if (message.text.startsWith("Could not resolve")) return "SBP_BUNDLE_UNRESOLVED";
  if (isTopLevelAwait(message)) return "SBP_BUNDLE_TOP_LEVEL_AWAIT";
  if (message.text.startsWith("No matching export")) return "SBP_BUNDLE_EXPORT";
  if (message.text.startsWith("No loader is configured")) return "SBP_BUNDLE_LOADER";
  if (message.location && isFile(message.location)) return "SBP_BUNDLE_SYNTAX";
  return "SBP_BUNDLE_OPTION";
}

async function hintFor(code: string, message: Message, projectDir: string): Promise<string | undefined> {
  if (code === "SBP_BUNDLE_UNRESOLVED") {
    const name = /^Could not resolve "(.*)"/.exec(message.text)?.[1] ?? "";
    return unresolvedHint(name, message, projectDir);
  }
  if (code === "SBP_BUNDLE_TOP_LEVEL_AWAIT")
    return 'CommonJS has no top-level await: set "format" of the step bundle to "auto" or "esm".';
  if (code === "SBP_BUNDLE_LOADER") {
    const extension = /"(\.[^"]+)" files/.exec(message.text)?.[1] ?? ".ext";
    return `Say how to read it in "loader" of the step bundle, for example {"${extension}": "text"}.`;
  }
  return message.notes.map((note) => note.text).join(" ") || undefined;
}

async function unresolvedHint(name: string, message: Message, projectDir: string): Promise<string> {
  if (/^\.{0,2}\//.test(name) || name === "." || name === "..") {
    const folder = path.dirname(path.resolve(projectDir, message.location?.file ?? ""));
    const guess = await similarFile(path.resolve(folder, name));
    if (!guess) return "There is no such file.";
    const relative = slashes(path.relative(folder, guess));
    return `Did you mean "${relative.startsWith(".") ? relative : `./${relative}`}"?`;
  }
  if (/^(#|@\/|~)/.test(name))
    return name.startsWith("#")
      ? 'Add it to "imports" in package.json.'
      : 'Is it an alias? Add it to "paths" in tsconfig.json.';
  const alias = aliasHint(name, projectDir);
  if (alias) return alias;
  // esbuild knows best about packages that are there and do not export the path.
  const reason = message.notes.find((note) => /not exported|was not found|remapped|disabled/.test(note.text));
  if (reason) return reason.text.replace(/:$/, ".");
  return packageHint(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name, projectDir);
}

/** What module-alias leads elsewhere when the app runs. */
function aliasHint(name: string, projectDir: string): string | undefined {
  const aliases = Object.entries(Object(readPackageJson(projectDir)?.["_moduleAliases"]));
  for (const [alias, target] of aliases)
    if (name === alias || name.startsWith(`${alias}/`))
      return (
        'module-alias says where it is when the app runs, and a bundler does not see that. Add to "paths" of ' +
        `"compilerOptions" in tsconfig.json: "${alias}/*": ["./${slashes(path.posix.normalize(`${target}/*`))}"].`
      );
  return undefined;
}

function packageHint(name: string, projectDir: string): string {
  const manifest = readPackageJson(projectDir) ?? {};
  const declared = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"].flatMap(
    (field) => Object.keys((manifest[field] as object | null | undefined) ?? {}),
  );
  if (declared.includes(name)) return `package.json has it, node_modules has not: ${installAll(projectDir)}`;
  // Whoever mistypes a name should not just be told to install what bears it.
  const guess = nearest(name, [...declared, ...builtinModules]);
  const install = installCommand(projectDir, name, "app");
  return guess ? `Did you mean "${guess}"? If not: ${install}` : install;
}

/** What esbuild calls a file may be an option: `(define name)`. */
function isFile({ file }: Location): boolean {
  return !file.startsWith("(");
}

function optionOf({ file, lineText }: Location): string {
  return `"${lineText}" ${file}`;
}

/** esbuild counts columns from 0 and in UTF-8 bytes. */
export function toLocation(location: Location | null): SourceLocation | undefined {
  if (!location || !isFile(location)) return undefined;
  const line = Buffer.from(location.lineText);
  const before = line.subarray(0, location.column).toString().length;
  const length = line.subarray(location.column, location.column + location.length).toString().length;
  return {
    file: location.file,
    line: location.line,
    column: before + 1,
    ...(length > 0 && { length }),
    ...(location.lineText.length <= longestLine && { lineText: location.lineText }),
  };
}
