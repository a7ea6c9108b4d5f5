import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AppIdentity, RunContext } from "@sbp/core";
import { describedBy } from "@sbp/oci";

/** What package.json tells of the app, under the keys of annotations: image-spec, "Pre-Defined Annotation Keys". */
export async function describeApp(
  app: AppIdentity,
  { projectDir, dependOn }: Pick<RunContext, "projectDir" | "dependOn">,
): Promise<Record<string, string>> {
  const path = join(projectDir, "package.json");
  dependOn({ file: path });
  const { description, license, homepage, repository, author } = await readPackage(path);
  return describedBy({
    title: app.name,
    version: app.version,
    description: text(description),
    licenses: text(license),
    url: text(homepage),
    source: sourceUrl(text(repository) ?? text(field(repository, "url"))),
    authors: text(author) ?? text(field(author, "name")),
  });
}

/** Whoever reads the project has complained of a damaged one. */
async function readPackage(path: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(path, "utf8")) ?? {};
  } catch {
    return {};
  }
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** npm writes `git+https://…/app.git`, where others want what a browser opens. */
function sourceUrl(url: string | undefined): string | undefined {
  const plain = url?.replace(/^git\+/, "").replace(/\.git$/, "");
  return plain !== undefined && /^https?:\/\//.test(plain) ? plain : undefined;
}
