import type { Diagnostic, SourceLocation } from "../error.ts";
import { isFileStat } from "../file-stat.ts";
import { sha256 } from "../hash.ts";
import { globOf } from "../inputs.ts";
import { isArtifactPath } from "./artifact-path.ts";
import type { ActionRecord, StoredTrace, Trace } from "./stored-file.ts";

/*
 * Records are files that anybody may have written: nothing of them is used before its shape is known. Hashes name files of
 * the store, paths name files of the output folder. What a build asks every time, the inputs, is looked at first; the
 * rest of a trace only when it is the answer.
 */

type Fields = Readonly<Record<string, unknown>>;

/** The record of a fingerprint that a value is, or undefined. Its traces have sound inputs; ask `isSound` for the rest. */
export function recordOf(value: unknown, fingerprint: string): ActionRecord | undefined {
  if (!isObject(value) || value.fingerprint !== fingerprint) return undefined;
  const { plugin, step, target, traces } = value;
  if (!isText(plugin) || !isText(step) || !isOptional(target, isText) || !Array.isArray(traces))
    return undefined;
  return { ...(value as unknown as ActionRecord), traces: traces.filter(hasSoundInputs) };
}

/** Over everything in the trace: a bit that tips is not to change a result. */
export function checkOf({ id, inputs, artifacts, diagnostics }: Trace): string {
  return sha256(JSON.stringify([id, inputs, artifacts, diagnostics]));
}

/** True when the trace is as it was written, and something that can be used. */
export function isSound(trace: StoredTrace): boolean {
  try {
    const isWhole = isListOf(trace.artifacts, isArtifact) && isListOf(trace.diagnostics, isDiagnostic);
    return isWhole && trace.check === checkOf(trace);
  } catch {
    // Nested without end.
    return false;
  }
}

function hasSoundInputs(trace: unknown): trace is StoredTrace {
  return isObject(trace) && isHash(trace.id) && isListOf(trace.inputs, isTraceInput);
}

/** True for an input as traces have it. */
export function isTraceInput({ kind, name, value, versionArgs }: Fields): boolean {
  if (!isText(name) || !isText(value)) return false;
  if (kind === "tool") return isTexts(versionArgs);
  if (versionArgs !== undefined) return false;
  if (kind === "pin") return isPin(name);
  return kind === "glob" ? isGlob(name) : ["file", "directory", "env"].includes(kind as string);
}

function isPin(name: string): boolean {
  try {
    const words: unknown = JSON.parse(name);
    return isTexts(words) && (words as unknown[]).length === 2;
  } catch {
    return false;
  }
}

function isGlob(name: string): boolean {
  try {
    const { patterns, ignore } = globOf(name);
    return isTexts(patterns) && isTexts(ignore);
  } catch {
    return false;
  }
}

function isArtifact({ kind, digest, meta, files }: Fields): boolean {
  if (!isText(kind) || !isHash(digest) || !isObject(meta) || !isListOf(files, isFile)) return false;
  const paths = (files as { path: string }[]).map(({ path }) => path);
  return paths.every((path, index) => index === 0 || paths[index - 1]! < path);
}

function isFile(file: Fields): boolean {
  const { path, executable, size, sha256, blob, composition } = file;
  if (!isArtifactPath(path) || typeof executable !== "boolean" || !isSize(size) || !isHash(sha256))
    return false;
  if (composition !== undefined) return blob === undefined && isComposition(composition, size);
  return isBlob(blob) && blob.sha256 === sha256 && blob.executable === executable && blob.size === size;
}

function isComposition(value: unknown, size: number): boolean {
  if (!isObject(value)) return false;
  const { base, patches, tail } = value;
  if (!isBlob(base) || !isBlob(tail) || base.size + tail.size !== size) return false;
  return isListOf(
    patches,
    ({ offset, bytes }) =>
      isSize(offset) && isText(bytes) && offset + Buffer.byteLength(bytes, "base64") <= base.size,
  );
}

function isBlob(value: unknown): value is Fields & { readonly size: number } {
  if (!isObject(value)) return false;
  const { sha256, executable, size, stat } = value;
  return isHash(sha256) && typeof executable === "boolean" && isSize(size) && isFileStat(stat);
}

export function isDiagnostic(value: unknown): value is Diagnostic {
  if (!isObject(value)) return false;
  const { severity, code, message, location, hint } = value;
  return (
    ["error", "warning", "info"].includes(severity as string) &&
    isText(code) &&
    isText(message) &&
    isOptional(hint, isText) &&
    isOptional(location, isLocation)
  );
}

export function isLocation(value: unknown): value is SourceLocation {
  if (!isObject(value)) return false;
  const { file, line, column, length, lineText } = value;
  return (
    isText(file) && isOptional(lineText, isText) && [line, column, length].every((n) => isOptional(n, isSize))
  );
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isListOf(value: unknown, isOne: (one: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((one) => isObject(one) && isOne(one));
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isHash(value: unknown): boolean {
  return isText(value) && /^[0-9a-f]{64}$/.test(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
