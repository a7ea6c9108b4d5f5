import { exitCodes, SbpError } from "./error.ts";
import { nearest } from "./nearest.ts";

/** All targets, in the order in which they are listed and built. */
export const targets = [
  "linux-x64",
  "linux-arm64",
  "darwin-x64",
  "darwin-arm64",
  "win32-x64",
  "win32-arm64",
] as const;

/** An operating system and a processor in Node's words: `<process.platform>-<process.arch>`. */
export type Target = (typeof targets)[number];

export function isTarget(text: string): text is Target {
  return (targets as readonly string[]).includes(text);
}

/** The target that runs on this machine, or undefined where sbp has none for it. */
export function hostTarget(): Target | undefined {
  const host = `${process.platform}-${process.arch}`;
  return isTarget(host) ? host : undefined;
}

/** Throws SBP_TARGET_UNKNOWN for a name that is no target. */
export function parseTarget(text: string): Target {
  if (isTarget(text)) return text;
  const meant = targetsMeant(text).map((target) => `"${target}"`);
  throw new SbpError("SBP_TARGET_UNKNOWN", `"${text}" is not a target`, {
    hint: `${meant.length > 0 ? `Did you mean ${meant.join(" or ")}? ` : ""}Targets are ${targets.join(", ")}.`,
    exitCode: exitCodes.badUsage,
  });
}

/** What others call the systems and processors of our targets: Go, Rust, Docker, uname, people. */
const otherNames: Readonly<Record<string, string>> = {
  macos: "darwin",
  mac: "darwin",
  osx: "darwin",
  apple: "darwin",
  windows: "win32",
  win: "win32",
  win64: "win32",
  amd64: "x64",
  x86_64: "x64",
  aarch64: "arm64",
};

/** The targets that somebody may have meant by a name that is none: `linux/amd64`, `aarch64-apple-darwin`, `macos`, `linux-x46`. */
export function targetsMeant(text: string): readonly Target[] {
  const words = text
    .toLowerCase()
    .replace("x86-64", "x86_64")
    .split(/[^a-z0-9_]+/)
    .map((word) => (Object.hasOwn(otherNames, word) ? otherNames[word]! : word));
  const named = targets.filter((target) => target.split("-").every((part) => words.includes(part)));
  if (named.length > 0) return named;
  const close = nearest(text, targets);
  if (close !== undefined) return [close as Target];
  return targets.filter((target) => words.includes(target.split("-")[0]!));
}
