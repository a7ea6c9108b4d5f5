import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonLines, sbp } from "../packages/cli/test/sbp.ts";
import { testRuntime } from "../tools/test-runtimes.ts";
import type { App, RunnableTarget } from "./app.ts";
import { buildsFolder, nodeVersions } from "./places.ts";

type Step = { readonly use: string } & Readonly<Record<string, unknown>>;

const builtin: readonly Step[] = ["bundle", "cross-target", "strip", "embed-runtime"].map((use) => ({ use }));

/** The executable's path, or why there is none. */
export type Built = { readonly executable: string } | { readonly failure: string; readonly printed: string };

/** Copies an app to where it is built, with its own config plus the targets and the runtime. */
export async function copyApp(app: App): Promise<string> {
  const folder = join(buildsFolder, app.name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(app.folder, folder, { recursive: true });
  const file = join(folder, "sbp.config.json");
  const own: { pipeline?: readonly Step[] } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const runtime = {
    "linux-x64": { path: await testRuntime(nodeVersions["linux-x64"], "linux-x64") },
    "linux-arm64": `node@${nodeVersions["linux-arm64"]}`,
    "win32-x64": `node@${nodeVersions["win32-x64"]}`,
  };
  const pipeline = (own.pipeline ?? builtin).map((step) =>
    step.use === "cross-target" ? { ...step, targets: app.targets, runtime } : step,
  );
  writeFileSync(file, JSON.stringify({ ...own, pipeline }, null, 2));
  return folder;
}

/** Builds the copy in a folder for one target, by the command itself. */
export async function buildApp(
  folder: string,
  target: RunnableTarget,
  env: Readonly<Record<string, string>>,
): Promise<Built> {
  const { code, stdout, stderr } = await sbp(["build", "--target", target, "--json"], { cwd: folder, env });
  const lines = jsonLines(stdout || "{}");
  const result = lines.at(-1) as { outputs?: readonly { path: string; kind?: string }[] };
  const executable = result.outputs?.[0]?.path;
  if (code === 0 && executable) return { executable };
  const error = lines.find((line) => line["type"] === "error") as BuildError | undefined;
  return { failure: errorText(error), printed: `${stdout}\n${stderr}` };
}

interface BuildError {
  readonly code: string;
  readonly message: string;
  readonly diagnostics?: readonly BuildError[];
}

function errorText(error: BuildError | undefined): string {
  if (!error) return "the build failed";
  return `${error.code}: ${error.diagnostics?.[0]?.message ?? error.message}`;
}
