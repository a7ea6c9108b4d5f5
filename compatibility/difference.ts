import type { Ended } from "./program.ts";

/** Why a run is not as it should be, in a few words; undefined where it is. */
export function difference(expected: Ended, actual: Ended): string | undefined {
  if (actual.code === expected.code && actual.stdout === expected.stdout) return undefined;
  if (actual.code === "timeout") return "does not end";
  const error = errorLine(actual.stderr);
  if (error && (actual.code !== expected.code || actual.stdout.length < expected.stdout.length)) return error;
  if (actual.code !== expected.code) return `ends with ${actual.code}, not ${expected.code}`;
  return firstDifference(expected.stdout, actual.stdout);
}

/** The line of standard error that tells most, without the places of this machine. */
function errorLine(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => line.trim());
  const line =
    lines.find((candidate) => /^(?:Uncaught )?[\w$.]*(?:Error|Exception)\b.*:/.test(candidate)) ??
    lines.find((candidate) => /\b(?:error|cannot|could not|failed|unsettled)\b/i.test(candidate));
  return line
    ?.replace(/^\[(.*?)\]?( \{)?$/, "$1")
    .replace(/(?<![\w.:/])(?:file:\/\/\/?)?(?:[A-Za-z]:)?(?:[\\/][\w.@+~<>-]+){2,}/g, (path) => {
      const name = path.split(/[\\/]/).at(-1)!;
      return `…/${name}`;
    });
}

function firstDifference(expected: string, actual: string): string {
  const [wanted, got] = [expected.split("\n"), actual.split("\n")];
  const at = wanted.findIndex((line, index) => line !== got[index]);
  if (at < 0) return `prints more: "${got[wanted.length - 1]}"`;
  return `prints "${got[at] ?? ""}", not "${wanted[at]}"`;
}
