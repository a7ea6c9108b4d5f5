import { promisify } from "node:util";
import { exitCodes, SbpError } from "../error.ts";
import { findTool } from "../tool.ts";

/** Bytes of names that git may list. */
const longestList = 64 << 20;

/**
 * The files that differ from where a branch left another one: committed since, changed, or new and not ignored. Paths are
 * relative to `dir`, with forward slashes, also those outside of it. @throws SbpError SBP_WORKSPACE_SINCE
 */
export async function changedFiles(dir: string, since: string): Promise<readonly string[]> {
  const git = findTool("git");
  if (!git) throw refused(since, "the program git is not on PATH");
  const { execFile } = await import("node:child_process");
  const run = async (words: readonly string[]): Promise<string> => {
    try {
      const { stdout } = await promisify(execFile)(git, words, { cwd: dir, maxBuffer: longestList });
      return stdout;
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      throw refused(since, (stderr || message).trim().split("\n", 1)[0]!);
    }
  };
  // A name that starts with a dash would be an option.
  const commit = (await run(["rev-parse", "--verify", "--end-of-options", `${since}^{commit}`])).trim();
  const base = await run(["merge-base", commit, "HEAD"]).then(
    (text) => text.trim(),
    // Histories that have nothing in common.
    () => commit,
  );
  const changed = await run(["diff", "--name-only", "--no-renames", "-z", base]);
  const added = await run(["ls-files", "--others", "--exclude-standard", "--full-name", "-z", ":/"]);
  // From the top of the repository; the workspace may be a folder of it.
  const prefix = (await run(["rev-parse", "--show-prefix"])).trim();
  const up = "../".repeat(prefix.split("/").length - 1);
  const names = `${changed}${added}`.split("\0").filter((name) => name !== "");
  return names.map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : up + name));
}

function refused(since: string, why: string): SbpError {
  return new SbpError("SBP_WORKSPACE_SINCE", `What changed since ${since} cannot be told: ${why}`, {
    hint: "--since takes a commit, a branch or a tag of the repository that the workspace lies in.",
    exitCode: exitCodes.badUsage,
  });
}
