import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const repository = join(import.meta.dirname, "../../..");

/** Names of the same form that are no codes of errors: environment and build. */
const otherNames = new Set([
  "SBP_ADVISORIES_URL",
  "SBP_CACHE_DIR",
  "SBP_COMMAND_HASH",
  "SBP_BUILD_ID",
  "SBP_INSPECT",
  "SBP_INSPECT_BRK",
  "SBP_REMOTE_CACHE",
  "SBP_REMOTE_CACHE_TOKEN",
  "SBP_REMOTE_CACHE_READ_ONLY",
  "SBP_REMOTE_CACHE_SECRET",
  "SBP_DEV_CHANNEL",
]);

/** What the step `command` gives to a command. */
const ofCommands = /^SBP_(IN|OUT|APP)_|^SBP_TARGET$/;

const comment = /^\s*(?:\/\/|\/?\*).*$/gm;

/** All sources of the packages, without the comments that have lines of their own. */
const sources = globSync("packages/*/src/**/*.ts", { cwd: repository })
  .filter((file) => !file.includes("generated"))
  .map((file) => readFileSync(join(repository, file), "utf8").replace(comment, ""));

const codes = new Set(
  sources
    .flatMap((text) => text.match(/\b(?:SBP|EXECUTABLE|LOADER)_[A-Z]+(?:_[A-Z]+)*\b/g) ?? [])
    .filter((name) => !otherNames.has(name) && !ofCommands.test(name)),
);

interface Section {
  readonly code: string;
  readonly text: string;
}

const page = readFileSync(join(repository, "docs/errors.md"), "utf8");
const sections: readonly Section[] = page.split(/^(?=##)/m).flatMap((section) => {
  const [, code, text] = /^### ([A-Z_]+)\n([\s\S]*)$/.exec(section) ?? [];
  return code === undefined ? [] : [{ code, text: text! }];
});

/** The exit codes of the errors that the sources make with this code as a literal. */
function thrownExitCodes(code: string): ReadonlySet<number> {
  const calls = sources.flatMap((text) =>
    [...text.matchAll(new RegExp(`new SbpError\\(\\s*"${code}"`, "g"))].map(({ index }) =>
      callAt(text, index),
    ),
  );
  return new Set(
    calls.map((call) =>
      call.includes("exitCodes.badUsage") ? 2 : call.includes("exitCodes.policy") ? 3 : 1,
    ),
  );
}

/** The text of a call up to the parenthesis that closes it; the texts in it hold parentheses only in pairs. */
function callAt(text: string, start: number): string {
  let depth = 0;
  for (let end = text.indexOf("(", start); end < text.length; end++) {
    if (text[end] === "(") depth++;
    else if (text[end] === ")" && --depth === 0) return text.slice(start, end + 1);
  }
  throw new Error(`A call without an end: ${text.slice(start, start + 80)}`);
}

describe("docs/errors.md", () => {
  test("explains every code of the sources, and no other, once", () => {
    expect(sections.map(({ code }) => code).sort()).toEqual([...codes].sort());
  });

  test("says of each how bad it is, and what to do", () => {
    for (const { code, text } of sections) {
      expect(text, code).toMatch(/^\n(Exit code [123][.;]|Warning[.;]|Note\.|Code of the package\.) /);
      expect(text, code).toMatch(/\n\n\*\*Cure:\*\* \S/);
      const documented = Number(/^\nExit code (\d)/.exec(text)?.[1]);
      for (const thrown of thrownExitCodes(code)) expect(documented, code).toBe(thrown);
    }
  });

  test("links to codes that it has", () => {
    const links = [...page.matchAll(/\(#([a-z_]+)\)/g)].map(([, anchor]) => anchor!.toUpperCase());
    expect(links.filter((code) => !sections.some((section) => section.code === code))).toEqual([]);
  });
});
