import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { folder } from "./sbp.ts";

const repository = join(import.meta.dirname, "../../..");
const page = readFileSync(join(repository, "docs/ci.md"), "utf8");
const recipes = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text!);
const workflows = recipes.filter((text) => text.startsWith("name:"));
const pipelines = recipes.filter((text) => !text.startsWith("name:"));

/** GitHub's own parser. It imports JSON in a way that only bundlers understand. */
async function githubParser(): Promise<typeof import("@actions/workflow-parser")> {
  const outfile = join(await folder(), "parser.mjs");
  await build({
    stdin: { contents: 'export * from "@actions/workflow-parser";', resolveDir: repository },
    bundle: true,
    format: "esm",
    platform: "node",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    outfile,
  });
  return import(outfile);
}

const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await githubParser();

/** What the parser says of a workflow. */
async function problemsOf(content: string): Promise<readonly string[]> {
  const { context, value } = parseWorkflow({ name: "workflow.yml", content }, new NoOperationTraceWriter());
  if (value) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

test("the page has recipes for both", () => {
  expect([workflows.length, pipelines.length]).toEqual([4, 1]);
});

test.each(
  workflows.map((text) => [/^name: (.*)$/m.exec(text)![1]!, text]),
)("GitHub's parser has nothing against the workflow %s", async (_, text) => {
  expect(await problemsOf(text)).toEqual([]);
});

test("GitHub's parser would tell", async () => {
  const [first] = workflows;
  expect(await problemsOf(first!.replace("runs-on:", "run-on:"))).not.toEqual([]);
  expect(await problemsOf(first!.replace("needs: build", "needs: biuld"))).not.toEqual([]);
});

test.each(pipelines)("gitlab-ci-local takes the pipeline", async (text) => {
  const program = join(repository, "node_modules/gitlab-ci-local/dist/index.js");
  const list = async (content: string) => {
    const cwd = await folder({
      ".gitlab-ci.yml": content,
      "sbp.lock.json": "{}",
      "package-lock.json": "{}",
    });
    execFileSync("git", ["init", "-q"], { cwd });
    execFileSync("git", ["remote", "add", "origin", "git@gitlab.example:acme/app.git"], { cwd });
    await writeFile(join(cwd, ".gitlab-ci-local-variables.yml"), "{}\n");
    return execFileSync(process.execPath, [program, "--list-json"], { cwd, encoding: "utf8", stdio: "pipe" });
  };
  expect(JSON.parse(await list(text)).map(({ name }: { name: string }) => name)).toEqual(["build", "try"]);
  await expect(list(text.replace("script:", "scripts:"))).rejects.toThrow();
});
