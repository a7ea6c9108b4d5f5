import { sep } from "node:path";
import type { BuildResult, Json, JsonObject } from "@sbp/core";
import type { Colors } from "../terminal.ts";
import { shownPath } from "./diagnostic.ts";
import { fit, printable, table } from "./text.ts";
import { count, formatBytes, formatDuration } from "./units.ts";

/** The end of a build for people: its files by target, what ran, and how long it took. */
export function renderSummary(
  result: BuildResult,
  paint: Colors,
  compressedSizes?: ReadonlyMap<string, number>,
): string {
  const lines = table(outputRows(result, compressedSizes), [2, 3]).map((line) => `  ${line}`);
  const stripped = strippedLine(result);
  if (stripped) lines.push(`  ${paint.dim(stripped)}`);
  return [...lines, `  ${closingLine(result, paint)}`].join("\n");
}

/** What the step strip made smaller, over all lanes: they share the app's code, and each has a runtime. */
function strippedLine({ outputs }: BuildResult): string | undefined {
  const found = outputs.flatMap(({ kind, meta }) => (kind === "executable" ? [meta["stripped"]] : []));
  const sizes = (part: string) => found.flatMap((stripped) => sizesOf(stripped, part));
  const javascript = sizes("javascript")[0];
  const runtimes = sizes("runtime");
  const runtime = runtimes.reduce(
    (sum, { before, after }) => ({ before: sum.before + before, after: sum.after + after }),
    { before: 0, after: 0 },
  );
  const parts = [
    ...(javascript ? [`JavaScript ${change(javascript)}`] : []),
    ...(runtimes.length > 0
      ? [`${runtimes.length === 1 ? "runtime" : `${runtimes.length} runtimes`} ${change(runtime)}`]
      : []),
  ];
  return parts.length > 0 ? `stripped: ${parts.join(", ")}` : undefined;
}

/** A plugin's meta may be anything. */
function sizesOf(stripped: Json | undefined, part: string): { before: number; after: number }[] {
  const { before, after } = ((stripped as JsonObject | null | undefined)?.[part] ?? {}) as JsonObject;
  return typeof before === "number" && typeof after === "number" ? [{ before, after }] : [];
}

function change({ before, after }: { before: number; after: number }): string {
  return `${formatBytes(before)} → ${formatBytes(after)}`;
}

function outputRows({ outputs }: BuildResult, compressedSizes?: ReadonlyMap<string, number>): string[][] {
  let lane: string | undefined;
  return asPeopleSee(outputs).map(({ target, path, size, meta }) => {
    const compressed = compressedSizes?.get(path);
    // A lane's name stands before its first file only.
    const name = target === lane ? "" : (target ?? "");
    lane = target;
    return [
      name,
      shownPath(path),
      formatBytes(size),
      compressed === undefined ? "" : `${formatBytes(compressed)} gzip`,
      meta["codeCache"] === true ? "code cache" : "",
      signerText(meta["signature"]),
    ];
  });
}

/** The many files of an image's layout are one thing: its folder. */
function asPeopleSee(outputs: BuildResult["outputs"]): BuildResult["outputs"] {
  const folders = new Map<string, BuildResult["outputs"][number]>();
  const others = outputs.map((output) => {
    const { layout } = output.meta;
    const end = typeof layout === "string" ? output.path.lastIndexOf(`${sep}${layout}${sep}`) : -1;
    if (end < 0) return output;
    const path = output.path.slice(0, end + 1 + (layout as string).length);
    folders.set(path, { ...output, path, size: output.size + (folders.get(path)?.size ?? 0) });
    return { ...output, path };
  });
  const seen = new Set<string>();
  return others.flatMap((output) => {
    if (seen.has(output.path)) return [];
    seen.add(output.path);
    return [folders.get(output.path) ?? output];
  });
}

/** `signed as Example`; nothing for what nobody signed. */
export function signerText(signature: Json | undefined): string {
  const signer = (signature as { readonly signer?: unknown } | null | undefined)?.signer;
  // A certificate's name is text from elsewhere.
  return typeof signer === "string" ? `signed as ${fit(printable(signer).replace(/\s+/g, " "), 60)}` : "";
}

function closingLine({ outcome, ms, actions, outputs }: BuildResult, paint: Colors): string {
  const time = formatDuration(ms);
  const outcomes = stepOutcomes(actions);
  const number = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
  const ran = number("ran");
  const cached = number("cached");
  const parts = [
    ...(number("failed") > 0 ? [`${count(number("failed"), "step")} failed`] : []),
    ...(ran > 0 ? [`${count(ran, "step")} ran`] : []),
    ...(cached > 0 ? [`${cached} unchanged`] : []),
    ...(number("cancelled") > 0 ? [`${number("cancelled")} not run`] : []),
  ];
  if (outcome === "failed") return `${paint.red("failed")} in ${time}: ${parts.join(", ")}`;
  if (outcome === "cancelled") return `${paint.yellow("cancelled")} after ${time}: ${parts.join(", ")}`;
  // A file that had to be put in place again is a change, though no step ran.
  if (ran === 0 && outputs.every(({ unchanged }) => unchanged))
    return `${paint.green("unchanged")} in ${time}: ${count(cached, "step")}`;
  return `${paint.green("done")} in ${time}: ${parts.join(", ")}`;
}

/** How each step of the config ended, over all its actions: what weighs most, as in the line of the step. */
function stepOutcomes(actions: BuildResult["actions"]): string[] {
  const steps = new Map<string, string[]>();
  for (const { step, outcome } of actions) steps.set(step, [...(steps.get(step) ?? []), outcome]);
  const weights = ["failed", "cancelled", "ran"];
  return [...steps.values()].map(
    (outcomes) => weights.find((outcome) => outcomes.includes(outcome)) ?? "cached",
  );
}
