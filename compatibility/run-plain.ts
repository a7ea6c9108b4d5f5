import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "./app.ts";
import { type Ended, runProgram } from "./program.ts";

/** Runs an app in its own folder, by plain node. */
export async function runPlain(app: App, node: string): Promise<Ended> {
  const top = mkdtempSync(join(tmpdir(), "sbp-plain-"));
  try {
    return await runProgram([node, ...app.node, app.main, ...app.args], {
      cwd: app.folder,
      env: emptyEnvironment(top),
      stdin: app.stdin,
    });
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

/** Next to nothing: above all no PATH, on which a child could find another node. Its folders are made. */
export function emptyEnvironment(top: string): Record<string, string> {
  const places = { HOME: join(top, "home"), TMPDIR: join(top, "tmp"), PATH: join(top, "no-programs") };
  for (const place of Object.values(places)) mkdirSync(place);
  return places;
}
