import { exitCodes, SbpError, type Target } from "@sbp/core";
import { defaultRuntime, type Options } from "./options.ts";
import { exactVersionOf, isRange } from "./version-range.ts";

/** An official runtime by range. */
export interface RangeRequest {
  readonly kind: "range";
  /** As the config has it, `node@26`: the key in the lock. */
  readonly key: string;
  readonly range: string;
}
/** A runtime of the user's own. */
export interface PathRequest {
  readonly kind: "path";
  /** As the config has it. */
  readonly path: string;
  /** Exact, without a leading "v". */
  readonly version: string | undefined;
}
export type RuntimeRequest = RangeRequest | PathRequest;

type RuntimeOption = Options["runtime"];

/** What the option asks for, for one target. Throws SBP_RUNTIME_UNKNOWN and SBP_RUNTIME_PATH_VERSION. */
export function runtimeRequest(option: RuntimeOption, target: Target): Promise<RuntimeRequest> {
  if (typeof option === "string" || "path" in option) return parse(option);
  return parse(option[target] ?? option.default ?? defaultRuntime);
}

/** Every lock key that the option mentions, for whatever target: the lock keeps these. */
export async function mentionedKeys(option: RuntimeOption): Promise<ReadonlySet<string>> {
  const specs =
    typeof option === "string" || "path" in option
      ? [option]
      : [option.default ?? defaultRuntime, ...Object.values(option)];
  const keys = new Set<string>();
  for (const spec of specs) {
    const request = await parse(spec as Exclude<typeof spec, undefined>);
    if (request.kind === "range") keys.add(request.key);
    else if (request.version) keys.add(exactKey(request.version));
  }
  return keys;
}

/** The lock key of one exact version. */
export function exactKey(version: string): string {
  return `node@${version}`;
}

async function parse(
  spec: string | { readonly path: string; readonly version?: string | undefined },
): Promise<RuntimeRequest> {
  if (typeof spec !== "string") {
    return {
      kind: "path",
      path: spec.path,
      version: spec.version === undefined ? undefined : await exactVersion(spec.version),
    };
  }
  const key = spec.trim();
  const at = key.indexOf("@");
  const name = at < 0 ? key : key.slice(0, at);
  const range = at < 0 ? "" : key.slice(at + 1).trim();
  if (name !== "node") {
    const guess = (await isRange(key)) ? `node@${key}` : defaultRuntime;
    throw unknown(
      spec,
      `Only Node.js runtimes are known: write "${guess}", or { "path": … } for one of your own.`,
    );
  }
  if (range === "" || !(await isRange(range))) {
    throw unknown(
      spec,
      `Behind "node@" stands a semver range, as in "${defaultRuntime}" or "node@>=24.4 <27".`,
    );
  }
  return { kind: "range", key: `node@${range}`, range };
}

async function exactVersion(text: string): Promise<string> {
  const version = await exactVersionOf(text);
  if (version !== undefined) return version;
  throw new SbpError("SBP_RUNTIME_PATH_VERSION", `"${text}" is not an exact version`, {
    hint: 'Write the whole version that the runtime reports, as in "26.10.0".',
    exitCode: exitCodes.badUsage,
  });
}

function unknown(spec: string, hint: string): SbpError {
  return new SbpError("SBP_RUNTIME_UNKNOWN", `"${spec}" is not a runtime that sbp knows`, {
    hint,
    exitCode: exitCodes.badUsage,
  });
}
